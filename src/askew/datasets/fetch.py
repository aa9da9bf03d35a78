"""Files too large for the package: found in the folder ``ASKEW_DATA``, or downloaded once into a cache."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from askew.errors import DataFileError, must

FOLDER = "ASKEW_DATA"
"""Environment variable that names a folder of data files; none of them is downloaded then if it is there."""


@dataclass(frozen=True)
class Remote:
    """A file at its public address, with its SHA-256."""

    url: str
    sha256: str
    size: str
    """In words, for the message of a download that failed."""
    folder: str = ""
    """Of the cache, for files that share their name with others."""

    @property
    def name(self) -> str:
        """The file's name in the cache."""
        return self.url.rpartition("/")[2]


def in_folder(relative: str, sha256: str) -> Path | None:
    """Return the file `relative` of the folder ``ASKEW_DATA``, or None without one; refuse an unexpected one."""
    path = place_in_folder(relative)
    if path is None:
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != sha256:
        rule = f"the file of SHA-256 {sha256!r}"
        raise DataFileError(
            must(str(path), "askew.datasets", rule, digest, f"Replace it, or unset {FOLDER}.")
        )
    return path


def place_in_folder(relative: str) -> Path | None:
    """Return the path `relative` in the folder ``ASKEW_DATA`` if there is such a file, whatever is in it."""
    folder = os.environ.get(FOLDER)
    return path if folder and (path := Path(folder, relative)).is_file() else None


def cached(remote: Remote) -> bool:
    """Return whether the cache has a file of that name, without looking into it."""
    return (_cache(remote) / remote.name).is_file()


def download(remote: Remote) -> Path:
    """Return the file at its public address, from the user's cache (``~/.cache/askew`` on Linux) or put there."""
    import pooch

    name = remote.name
    try:
        path = pooch.retrieve(remote.url, f"sha256:{remote.sha256}", fname=name, path=_cache(remote))
    except (OSError, ValueError) as error:  # no network, a full disk, another file
        reason = " ".join(str(error).split())[:200]
        rule = f"within reach at {remote.url} ({remote.size})"
        remedy = f"Connect, or set {FOLDER} to a folder that has the data."
        raise DataFileError(must(name, "askew.datasets", rule, reason, remedy)) from error
    return Path(path)


def _cache(remote: Remote) -> Path:
    import pooch

    return Path(pooch.os_cache("askew"), remote.folder)
