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
    """A file at its public address.

    Parameters
    ----------
    url : str
        Where it is published.
    sha256 : str
        Of the file there.
    size : str
        In words, for the message of a download that failed.
    """

    url: str
    sha256: str
    size: str


def in_folder(relative: str, sha256: str) -> Path | None:
    """Return the file `relative` of the folder ``ASKEW_DATA``, or None if there is no such file or folder.

    Raises
    ------
    DataFileError
        If it is another file than the one expected.
    """
    folder = os.environ.get(FOLDER)
    if not folder or not (path := Path(folder, relative)).is_file():
        return None
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        rule = f"the file of SHA-256 {sha256!r}"
        raise DataFileError(must(str(path), "askew.datasets", rule, found, f"Replace it, or unset {FOLDER}."))
    return path


def download(remote: Remote) -> Path:
    """Return the file at its public address, downloaded into the cache if it is not there, and checked.

    The cache is the user's (``~/.cache/askew`` on Linux).

    Raises
    ------
    DataFileError
        If it cannot be downloaded, or is not the one expected.
    """
    import pooch

    name = remote.url.rpartition("/")[2]
    try:
        path = pooch.retrieve(remote.url, f"sha256:{remote.sha256}", fname=name, path=pooch.os_cache("askew"))
    except (OSError, ValueError) as error:  # no network, a full disk, another file
        reason = " ".join(str(error).split())[:200]
        rule = f"within reach at {remote.url} ({remote.size})"
        remedy = f"Connect, or set {FOLDER} to a folder that has the data."
        raise DataFileError(must(name, "askew.datasets", rule, reason, remedy)) from error
    return Path(path)
