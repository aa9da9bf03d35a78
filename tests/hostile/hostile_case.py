"""One hostile file, and the command that meets it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    """What to write into an empty folder beside good files, and the words of the command, without ``askew``."""

    name: str
    words: str
    write: Callable[[Path], object]
    own: str = "-"
    """A folder that the command may write to."""


def content(name, data):
    """Return what writes one file."""
    return lambda folder: (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
