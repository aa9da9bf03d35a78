"""Files on another machine: copied to a temporary folder by fsspec, for the time of the process."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from askew.errors import DataFileError, MissingDependencyError

_COPIES: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


def copies(url: str) -> tuple[list[str], list[Path]] | Path:
    """Return a copy of the file that an URL means, or the addresses of several and a copy of each.

    Those of a folder, or of a pattern, are several, even if it is one; names that begin with a dot or an underscore are
    left out. Whatever prevents reading raises DataFileError, a scheme whose library is not installed
    MissingDependencyError.
    """
    try:
        import fsspec

        files, root = fsspec.core.url_to_fs(url)
        if not any(sign in root for sign in "*[") and files.isfile(root):
            return _copy(files, root)
        found = files.glob(root) if any(sign in root for sign in "*[") else files.find(root)
        paths = sorted(path for path in found if not path.rsplit("/", 1)[-1].startswith((".", "_")))
        if not paths:
            raise FileNotFoundError("nothing is there")
        return [files.unstrip_protocol(path) for path in paths], [_copy(files, path) for path in paths]
    except ImportError as error:
        scheme = url.partition("://")[0]
        more = "pip install 'askew[remote]'" if scheme == "s3" else f"the library of fsspec for {scheme}://"
        raise MissingDependencyError(
            f"table {url} needs a library that is not installed. Install it: {more}."
        ) from error
    except Exception as error:  # each scheme has errors of its own
        text = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        raise DataFileError(
            f"table {url} must be an address that can be read; got: {text}. Check the address, and that this "
            "machine may read there."
        ) from error


def _copy(files: Any, path: str) -> Path:
    folder = tempfile.TemporaryDirectory(prefix="askew-")
    _COPIES.append(folder)
    copy = Path(folder.name, path.partition("?")[0].rsplit("/", 1)[-1])
    files.get_file(path, str(copy))
    return copy
