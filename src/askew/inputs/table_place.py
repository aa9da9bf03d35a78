"""Where a table comes from, as messages about its cells say it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from askew.errors import DataFileError, InvalidInputError


@dataclass(frozen=True)
class TablePlace:
    """A table for messages: `where` it is, how a row (from 1) is called, and whether it is a file.

    `separator` stands between the cells of a line, "" if there are no lines.
    """

    where: str
    row_name: Callable[[int], str]
    is_file: bool = True
    separator: str = ""

    def error(self, text: str) -> InvalidInputError:
        """Return a refusal."""
        return DataFileError(text) if self.is_file else InvalidInputError(text)

    def as_kind(self, name: str, kind: str = "category") -> str:
        """Return how a person says that a column is of a kind."""
        return (
            f"--column-kind {shlex.quote(f'{name}={kind}')}"
            if self.is_file
            else f"kinds={{{name!r}: {kind!r}}}"
        )

    def cell(self, words: pa.Array, text: str) -> str:
        """Return a cell and its row."""
        place = pc.index(words, text).as_py()
        return f"{text!r}" if place < 0 else f"{text!r} in {self.row_name(place + 1)}"
