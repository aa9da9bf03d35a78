"""JSON: an object in each line, or an array of objects; of a file, read in batches of rows, or of a text in memory."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, final

from askew.errors import DataFileError
from askew.inputs.cell_table import CellTable
from askew.inputs.text_format import NOTHING_SAID, TextFormat
from askew.inputs.unpacking import refuse_bomb

_PIECE = 1 << 20  # characters read at a time
_HALF, _HALF_BYTES = re.compile(r"\\u[dD][89a-fA-F]"), re.compile(rb"\\u[dD][89a-fA-F]")


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
            rows = _parsed("".join(text for _, text in lines), "its array", self.path)
        for place, row in enumerate(rows, 1):
            yield _as_object(row, f"row {place}", self.path)

    def _object(self, text: str, place: str) -> dict[str, Any]:
        return _as_object(_parsed(text, place, self.path), place, self.path)

    def _whole(self, file: IO[str]) -> Iterator[str]:
        """Yield the lines of a gzipped file; what unpacks beyond belief is refused before it fills the memory."""
        parts, unpacked, packed = [], 0, self._file.stat().st_size
        while piece := file.readline(_PIECE):
            unpacked += len(piece)
            refuse_bomb(self.path, unpacked, packed)
            parts.append(piece)
            if piece.endswith("\n"):
                yield "".join(parts)
                parts.clear()
        yield "".join(parts)

    @contextmanager
    def _lines(self) -> Iterator[Iterator[tuple[int, str]]]:
        """Give the lines with something in them, and their numbers from 1."""
        opened: Any = gzip.open if self._file.suffix.lower() == ".gz" else open
        try:
            with opened(self._file, "rt", encoding="utf-8-sig") as file:
                lines = self._whole(file) if opened is gzip.open else file
                yield ((number, line) for number, line in enumerate(lines, 1) if line.strip())
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            text = " ".join(str(error).split())[:120].rstrip(".")
            raise DataFileError(
                f"table {self.path} must be JSON in UTF-8 that is whole; got: {text}. Write it again."
            ) from error


@final
class JsonRows(CellTable):
    """Rows of JSON in memory, UTF-8: an array of objects or one object; or with `lines` one in each line.

    Messages call them `name`.

    >>> JsonRows(b'[{"a": 1}, {"a": 2.5}]', "request").read(["a"]).values.tolist()
    [[1.0], [2.5]]
    """

    def __init__(self, text: bytes, name: Any, *, lines: bool = False) -> None:
        self.path = name
        if lines:
            parts = [(f"line {n}", line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
            rows = [(place, _parsed(line, place, name)) for place, line in parts]
        else:
            found = _parsed(text, "its text", name)
            rows = [
                (f"row {n}", row) for n, row in enumerate(found if isinstance(found, list) else [found], 1)
            ]
        self._rows = [_as_object(row, place, name) for place, row in rows]
        self.scan()

    def _cells(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._rows)


def _parsed(text: str | bytes, place: str, where: Any) -> Any:
    try:
        found = json.loads(text, object_pairs_hook=_without_duplicates)
        half = _HALF.search(text) if isinstance(text, str) else _HALF_BYTES.search(text)
        if half:
            json.dumps(found, ensure_ascii=False).encode()  # half a letter is no text, which is a ValueError
        return found
    except (ValueError, RecursionError) as error:
        reason = str(error).split(": line ")[0] or "nested too deeply"
        raise DataFileError(
            f"table {where} must have a JSON object in each line; {place} cannot be read ({reason}). Correct it."
        ) from error


def _as_object(found: Any, place: str, where: Any) -> dict[str, Any]:
    if isinstance(found, dict):
        return found
    got = {list: "a list", str: "a text", type(None): "null"}.get(type(found), f"{found!r}"[:20])
    raise DataFileError(
        f"table {where} must have a JSON object in each line; got {got} in {place}. "
        'Write each row as {"name": value, ...}.'
    )


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it has {twice!r} twice")
    return result
