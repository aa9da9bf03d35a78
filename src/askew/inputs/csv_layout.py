"""Where a CSV file's header stands and what separates its cells; an encoding that is not UTF-8 is rewritten first."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from askew.errors import DataFileError
from askew.inputs.text_format import TextFormat
from askew.inputs.unpacking import refuse_bomb

DELIMITERS = ("\t", "|", ";", ",")  # the rarer in text first
_LOOKED_AT = 60  # rows from which the layout is told
_LONGEST = 1 << 22
"""Characters of a line; a file that unpacks to one endless line does not fill the memory."""
_NUMBER = re.compile(r"[-+(]?[\d.,' ]*\d[\d.,]*%?\)?([eE][-+]?\d+)?")


class Layout(NamedTuple):
    """What separates cells, and the lines before the header: how `many`, and the first that says something."""

    delimiter: str
    many: int = 0
    title: str = ""


def find_layout(text: IO[str], delimiter: str = "") -> Layout:
    r"""Return the layout of a CSV text; `delimiter` is what a person says of it.

    Lines before the header are those that start with ``#`` or have fewer cells than the table, if a line of names
    follows them.

    >>> find_layout(io.StringIO("Report of March\n\na;b\n0,5;1,5\n"))
    Layout(delimiter=';', many=2, title='Report of March')
    """
    head = "".join(_head(text))
    found = [(sign, *_header(head, sign)) for sign in ([delimiter] if delimiter else DELIMITERS)]
    sign, line, width, _ = max(found, key=lambda each: (each[3], -each[1], each[2]))
    if width < 2 and not delimiter and not line:
        sign = max(
            reversed(DELIMITERS), key=head.split("\n", 1)[0].count
        )  # one column, or too ragged to tell
    before = head.splitlines()[:line]
    return Layout(sign, line, next((each.strip() for each in before if each.strip(" #\t,;|")), ""))


def lines_of(text: IO[str]) -> Iterator[str]:
    """Yield the lines of a text; one that is longer than any row can be raises csv.Error."""
    while line := text.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise csv.Error(f"a line of {_LONGEST:,} characters or more")
        yield line


def _head(text: IO[str]) -> Iterator[str]:
    left = _LONGEST
    for line in islice(lines_of(text), 4 * _LOOKED_AT):
        left -= len(line)
        if left < 0:
            return
        yield line


def _header(head: str, delimiter: str) -> tuple[int, int, float]:
    """Return the line of the header (from 0), the cells of a row, and how well all agree on these, 0 to 1."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for cells in islice(reader, _LOOKED_AT):
            if cells:
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num
    except csv.Error:
        return 0, 0, 0.0
    if not rows:
        return 0, 0, 0.0
    widths = Counter(len(cells) for _, cells in rows if not cells[0].startswith("#"))
    if not widths:
        return 0, 0, 0.0
    width = max(widths, key=lambda each: (widths[each], each == len(rows[0][1])))
    start = _start(rows, width)
    share = sum(len(cells) == width for _, cells in rows[start:]) / len(rows[start:])
    fits = len(rows[start][1]) == width
    return rows[start][0], width, (share + fits) / 2 if width > 1 else 0.0


def _start(rows: Sequence[tuple[int, list[str]]], width: int) -> int:
    """Return the place of the header among rows: behind a title and comments, else it is the first."""
    for place, (_, cells) in enumerate(rows):
        filled = [cell for cell in cells if cell]
        if cells[0].startswith("#"):
            continue
        names = len(cells) == width == len(filled) and len(set(cells)) == width
        if names and not any(_NUMBER.fullmatch(cell) for cell in cells):
            return place
        title = bool(cells[0]) and len(filled) == 1
        if not (title or len(cells) < width - 1):
            return 0
    return 0


def utf8_file(path: Path, text_format: TextFormat) -> Path:
    """Return the file itself if it is in UTF-8, else a copy that is, for the caller to remove.

    The encoding is what the format says, or UTF-16 if the file starts with its mark. Other bytes raise DataFileError.
    """
    encoding = text_format.encoding or ("utf-16" if _starts_utf16(path) else "utf-8")
    if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii"):
        return path
    handle, name = tempfile.mkstemp(prefix="askew-", suffix=".csv")
    try:
        with (
            io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="") as source,
            open(handle, "w", encoding="utf-8", newline="") as target,
        ):
            unpacked, packed = 0, path.stat().st_size
            while piece := source.read(_LONGEST):
                unpacked += len(piece)
                refuse_bomb(path, unpacked, packed)
                target.write(piece)
    except DataFileError:
        Path(name).unlink()
        raise
    except UnicodeError as error:
        Path(name).unlink()
        raise DataFileError(
            f"table {path} must be text in {encoding}; got other bytes. Name its encoding (--encoding)."
        ) from error
    return Path(name)


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file that may be gzipped."""
    opened: Any = gzip.open if is_gzip(path) else open
    return opened(path, "rb")  # type: ignore[no-any-return]


def is_gzip(path: Path) -> bool:
    """Return whether the name of a file says that it is gzipped."""
    return path.suffix.lower() == ".gz"


def _starts_utf16(path: Path) -> bool:
    with open_bytes(path) as file:
        return file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
