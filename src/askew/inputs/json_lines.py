"""JSON: a file with an object in each line, or an array of objects; read in batches of rows."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

from askew.errors import DataFileError
from askew.inputs.cell_table import CellTable
from askew.inputs.text_format import NOTHING_SAID, TextFormat


@final
class JsonLines(CellTable):
    """A file of JSON in UTF-8, which may be gzipped: objects whose names are the columns, one in each line.

    An array of objects is read too, as a whole. A name that an object lacks is a missing value.
    """

    def __init__(self, file: Path, name: Any = None, text_format: TextFormat = NOTHING_SAID) -> None:
        self._file, self.path = file, name or file
        self.take_format(text_format)
        with self._lines() as lines:
            self._is_array = next((line for _, line in lines), "").lstrip().startswith("[")
        self.scan()

    def row_name(self, row: int) -> str:
        """Return for example ``row 2 (line 3)``; of an array ``row 2``."""
        if self._is_array:
            return f"row {row}"
        with self._lines() as lines:
            return next(
                f"row {row} (line {line})" for place, (line, _) in enumerate(lines, 1) if place == row
            )

    def _cells(self) -> Iterator[Mapping[str, Any]]:
        if self._is_array:
            yield from self._array()
            return
        with self._lines() as lines:
            for line, text in lines:
                yield self._object(text, f"line {line}")

    def _array(self) -> Iterator[Mapping[str, Any]]:
        with self._lines() as lines:
            rows = self._parsed("".join(text for _, text in lines), "its array")
        for place, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise self._no_object(row, f"row {place}")
            yield row

    def _object(self, text: str, place: str) -> dict[str, Any]:
        found = self._parsed(text, place)
        if not isinstance(found, dict):
            raise self._no_object(found, place)
        return found

    def _parsed(self, text: str, place: str) -> Any:
        try:
            return json.loads(text, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            reason = str(error).split(": line ")[0] or "nested too deeply"
            raise DataFileError(
                f"table {self.path} must have a JSON object in each line; {place} cannot be read ({reason}). "
                "Correct it."
            ) from error

    def _no_object(self, found: object, place: str) -> DataFileError:
        got = {list: "a list", str: "a text", type(None): "null"}.get(type(found), f"{found!r}"[:20])
        return DataFileError(
            f"table {self.path} must have a JSON object in each line; got {got} in {place}. "
            'Write each row as {"name": value, ...}.'
        )

    @contextmanager
    def _lines(self) -> Iterator[Iterator[tuple[int, str]]]:
        """Give the lines with something in them, and their numbers from 1."""
        opened: Any = gzip.open if self._file.suffix.lower() == ".gz" else open
        try:
            with opened(self._file, "rt", encoding="utf-8-sig") as file:
                yield ((number, line) for number, line in enumerate(file, 1) if line.strip())
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            text = " ".join(str(error).split())[:120].rstrip(".")
            raise DataFileError(
                f"table {self.path} must be JSON in UTF-8 that is whole; got: {text}. Write it again."
            ) from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it has {twice!r} twice")
    return result
