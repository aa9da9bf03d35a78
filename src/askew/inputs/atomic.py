"""Output files that are either complete or absent: written under a temporary name, renamed at the end."""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from askew.errors import InvalidInputError

_FOREIGN_SECONDS = 7 * 86400.0
"""Age at which a temporary file of another machine counts as a killed process's: no clock is wrong by more."""

_NO_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""What file systems say that cannot sync a folder."""


_mine: set[Path] = set()
"""Temporary files of this process that may be there."""


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`; rename it to `path` when the block succeeds.

    Whatever ends the block early (an error, Ctrl-C), the temporary file is removed and a file that was at `path`
    stays as it was. Only a killed process cannot remove its own; the next call for the same folder does. Once the block
    is left, file and name are on the disk, power cuts or not. A new file keeps the permissions of the one it replaces;
    a symbolic link keeps pointing where it pointed. The temporary path has the suffix of `path` and does not exist yet.
    Errors are those of :func:`check_writable`.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic_path(folder / "scores.csv") as temporary:
    ...     _ = temporary.write_text("row,score")
    >>> [file.name for file in folder.iterdir()]
    ['scores.csv']
    """
    target = check_writable(path)
    remove_orphans(target.parent)
    temporary = _temporary_name(target)
    ordinary = _probe(temporary)
    _mine.add(temporary)
    try:
        yield temporary
        # some writers, such as safetensors, make files that only their owner can read
        temporary.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else ordinary)
        _to_disk(temporary)
        os.replace(temporary, target)
        sync_folder(target.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        _mine.discard(temporary)
        raise
    _mine.discard(temporary)


def check_writable(path: str | os.PathLike[str], sources: Iterable[str | os.PathLike[str]] = ()) -> Path:
    """Return the real path behind `path` if a file can be written there, before any long work starts.

    A folder that is missing or cannot be written to raises InvalidInputError, and so does a `path` that is a folder, a
    device (the renamed file would replace ``/dev/null``) or one of the `sources`, the files that are read for it.

    >>> check_writable("no_such_folder/scores.csv")
    Traceback (most recent call last):
    askew.errors.InvalidInputError: output file no_such_folder/scores.csv must be in a folder that exists; \
there is no folder no_such_folder. Make it first or choose another place.
    """
    output = Path(path)
    if output.is_dir():
        raise InvalidInputError(
            f"output file {output} must be a file; got a folder. Add a file name: {output / 'NAME'}."
        )
    if output.exists() and not stat.S_ISREG(output.stat().st_mode):
        raise InvalidInputError(
            f"output file {output} must be a regular file; got a device or a pipe. Choose a file name."
        )
    if output.exists() and any(os.path.exists(source) and output.samefile(source) for source in sources):
        raise InvalidInputError(
            f"output file {output} must be another file than the input; got the same. Choose a new name."
        )
    target = Path(os.path.realpath(output))
    if not target.parent.is_dir():
        raise InvalidInputError(
            f"output file {output} must be in a folder that exists; there is no folder {output.parent}. "
            "Make it first or choose another place."
        )
    try:
        _probe(_temporary_name(target))
    except OSError as error:
        raise InvalidInputError(
            f"output file {output} must be in a folder that can be written to; got {error.strerror!r} for "
            f"{output.parent}. Choose another place."
        ) from error
    return target


def _temporary_name(target: Path) -> Path:
    return target.with_name(f"{_lead()}{os.getpid()}-{secrets.token_hex(4)}.partial{target.suffix}")


def _lead() -> str:
    """Return how temporary names begin on this machine: process numbers mean nothing on another."""
    space = Path("/proc/self/ns/pid")  # nor in another container
    where = platform.node() + (os.readlink(space) if space.is_symlink() else "")
    return f".askew-{hashlib.sha256(where.encode()).hexdigest()[:8]}-"


def remove_orphans(folder: Path) -> None:
    """Remove temporary files of processes that are no more: this machine's that were killed, and old ones of others."""
    if os.name != "posix":
        return
    mine = _lead()
    for path in folder.glob(".askew-*.partial*"):
        if path.name.startswith(mine):
            number = path.name.removeprefix(mine).split("-")[0]
            gone = number.isdigit() and not _runs(int(number))
        else:
            gone = _age(path) > _FOREIGN_SECONDS
        if gone:
            with suppress(OSError):  # another process was first, or it is another person's
                path.unlink()


def remove_mine() -> None:
    """Remove the temporary files that a signal, whose moment may be any, has kept this process from removing."""
    while _mine:
        path = _mine.pop()
        if f"-{os.getpid()}-" in path.name:  # a forked child has the names of its parent's, too
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)  # sends nothing
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another person's process
    return True


def _probe(path: Path) -> int:
    """Make a file, remove it and return its mode. Asking for permissions tells less: root, read-only disks."""
    _mine.add(path)
    path.touch(exist_ok=False)
    mode = path.stat().st_mode
    path.unlink()
    _mine.discard(path)
    return stat.S_IMODE(mode)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())  # or a power cut after the rename could leave an empty file


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where that can be: without it a power cut could take a rename back."""
    if os.name != "posix" or not os.access(folder, os.R_OK):
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in _NO_FOLDERS:
            raise
    finally:
        os.close(number)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing, and bring their names to the disk."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync_folder(folder.parent)
