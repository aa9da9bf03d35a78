"""What a process works on in a folder, so that no other process, of this machine or another, does it too."""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from askew.errors import InvalidInputError

try:
    import fcntl
except ImportError:  # Windows: two processes may do the same, which is not wrong, only slow
    fcntl = None  # type: ignore[assignment]

NAME = ".askew-claims"
_TAKEN = (errno.EACCES, errno.EAGAIN)
_IS_LINUX = sys.platform == "linux" and sys.maxsize > 1 << 32 and hasattr(fcntl, "F_OFD_SETLK")
_ALL = 1 << 62
"""Bytes: each name has one of them, by its hash; the file itself stays empty."""
_PAUSE = 0.1


class Claims:
    """Names that this process has claimed in a folder: one lock per name, which the system drops with its process.

    The locks are on bytes of one empty file, so ten thousand of them take one open file; they reach as far as the
    folder's file system locks files: over NFS they do. Where it does not, every claim succeeds and ``are_kept`` is
    False. Use it as a context: its end drops the claims, and removes the file if nobody else has any.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with Claims(folder) as mine, Claims(folder) as other:
    ...     mine.take(["a", "b"]), other.take(["b", "c"]), other.take(["c"]), mine.release(["b"]), other.take(["b"])
    (True, False, True, None, True)
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file = -1
        self._held: set[int] = set()
        self.are_kept = fcntl is not None

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        if self._is_in_place() and self._lock(0, _ALL):
            self._path.unlink(missing_ok=True)  # whoever has it open sees that, and opens a new one
        os.close(self._file)

    @property
    def mark(self) -> str:
        """What :func:`is_marked` knows the folder by, in any process that has it under the same path."""
        return _mark(self._path)

    def take(self, names: Iterable[str]) -> bool:
        """Claim all of the names, or none if another has one of them; return whether they are ours."""
        new = {_place(name) for name in names} - self._held
        while True:
            taken: set[int] = set()
            for place in sorted(new):
                if not self._lock(place, 1):
                    self._unlock(taken)
                    return False
                taken.add(place)
            if self._held or self._is_in_place():
                break
            os.close(self._file)  # its locks with it
            self._open()
        self._held |= taken
        return True

    def wait(self, name: str) -> None:
        """Claim a name as soon as nobody else has it."""
        while not self.take([name]):
            time.sleep(_PAUSE)

    def release(self, names: Iterable[str] | None = None) -> None:
        """Drop the claim to the names, by default to all."""
        dropped = set(self._held) if names is None else {_place(name) for name in names} & self._held
        self._unlock(dropped)
        self._held -= dropped

    def _open(self) -> None:
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            text = f"{self._path.parent} must be a folder that can be written to; got {error.strerror!r}."
            raise InvalidInputError(f"{text} Choose another.") from error

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except OSError:
            return False

    def _lock(self, start: int, length: int) -> bool:
        if not self.are_kept:
            return True
        try:
            _set(self._file, True, start, length)
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            self.are_kept = False
        return True

    def _unlock(self, places: Iterable[int]) -> None:
        for place in places if self.are_kept else ():
            _set(self._file, False, place, 1)


def is_marked(folder: Path, mark: str) -> bool:
    """Return whether this process sees the folder of the claims that have this mark."""
    return _mark(folder / NAME) == mark


def _mark(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_ino}-{found.st_mtime_ns}"


def _place(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")


def _set(file: int, is_locked: bool, start: int, length: int) -> None:
    """Lock or unlock bytes. On Linux the lock is the open file's: the process may open and close it elsewhere."""
    if _IS_LINUX:
        kind = fcntl.F_WRLCK if is_locked else fcntl.F_UNLCK
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0))
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB if is_locked else fcntl.LOCK_UN, length, start)
