"""Files on another machine: copied to a temporary folder by fsspec, for the time of the process."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from askew.errors import DataFileError, MissingDependencyError

_COPIES: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


def copies(url: str) -> list[tuple[str, Path]]:
    """Return the addresses of the files that an URL means (one, those of a folder, of a pattern) and copies of them.

    Files whose names begin with a dot are left out. Whatever prevents reading raises DataFileError, a scheme whose
    library is not installed MissingDependencyError.
    """
    try:
        import fsspec
    except ImportError as error:
        raise _missing(url) from error
    try:
        files, root = fsspec.url_to_fs(url)
        found = _found(files, root)
        return [(files.unstrip_protocol(path), _copy(files, path)) for path in found]
    except ImportError as error:
        raise _missing(url) from error
    except DataFileError:
        raise
    except Exception as error:  # each scheme has errors of its own
        text = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        raise DataFileError(
            f"table {url} must be an address that can be read; got: {text}. Check the address, and that this "
            "machine may read there."
        ) from error


def _found(files: Any, root: str) -> list[str]:
    """Return the paths behind an address, sorted."""
    if any(sign in root for sign in "*["):
        found = files.glob(root)
    elif files.isfile(root):
        return [root]
    else:
        found = files.find(root)
    return sorted(path for path in found if not path.rsplit("/", 1)[-1].startswith("."))


def _copy(files: Any, path: str) -> Path:
    folder = tempfile.TemporaryDirectory(prefix="askew-")
    _COPIES.append(folder)
    copy = Path(folder.name, path.rsplit("/", 1)[-1])
    files.get_file(path, str(copy))
    return copy


def _missing(url: str) -> MissingDependencyError:
    scheme = url.partition("://")[0]
    extra = " pip install 'askew[remote]'" if scheme == "s3" else f" the fsspec library for {scheme}://"
    return MissingDependencyError(f"table {url} needs a library that is not installed. Install it:{extra}.")
