"""Workbooks of spreadsheet programs (.xlsx): one sheet, whose first row names the columns."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, final

from askew.errors import AskewError, DataFileError, InvalidInputError, MissingDependencyError
from askew.inputs.cell_table import CellTable
from askew.inputs.column_names import listed, refuse_duplicates, suggestion
from askew.inputs.text_format import NOTHING_SAID, TextFormat
from askew.inputs.unpacking import refuse_bomb

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_HIDDEN = re.compile(rb'<(?:\w+:)?(?:row|col)\s[^>]*?hidden="(?:1|true)"')
_CHUNK = 1 << 20


@final
class Workbook(CellTable):
    """A sheet of an .xlsx or .xlsm file; formulas count with the values that they had when the file was saved.

    `sheet` may be None if only one has cells. The first row with something in it is the header; rows without any cell
    are passed over. Merged cells would leave gaps, so they are refused, and so are formulas that were never worked out.
    """

    def __init__(
        self, file: Path, name: Any = None, sheet: str | None = None, text_format: TextFormat = NOTHING_SAID
    ) -> None:
        self._file, self.path = file, name or file
        self.take_format(text_format)
        self._refuse_bombs()
        with self._opened(values=True) as book:
            self._sheet = self._only_sheet(book) if sheet is None else self._named_sheet(book, sheet)
            header_row, header = next(_filled(book[self._sheet]))
            # the only way to merged cells without all cells in memory
            part = str(book[self._sheet]._worksheet_path).lstrip("/")
        self._header_row = header_row
        self._columns = self._check_header(header)
        if self._search_sheet(part):
            self._refuse_stale()
        self.scan(list(self._columns))

    def _refuse_bombs(self) -> None:
        """Refuse a part of the archive that is compressed beyond belief; no archive at all is told of later."""
        with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(self._file) as archive:
            for part in archive.infolist():
                refuse_bomb(self.path, part.file_size, max(part.compress_size, 1), "Save it again as .xlsx.")

    def row_name(self, row: int) -> str:
        """Return for example ``row 2 (3 in the sheet)``."""
        with self._opened(values=True) as book:
            rows = _filled(book[self._sheet])
            next(rows)
            return next(
                f"row {row} ({number} in the sheet)"
                for place, (number, _) in enumerate(rows, 1)
                if place == row
            )

    def _cells(self) -> Iterator[Mapping[str, Any]]:
        with self._opened(values=True) as book:
            rows = _filled(book[self._sheet])
            next(rows, None)
            for number, cells in rows:
                for place, value in enumerate(cells):
                    if value is not None and place not in self._columns.values():
                        raise self._no_name(place, number)
                yield {name: cells[place] for name, place in self._columns.items() if place < len(cells)}

    def _only_sheet(self, book: Any) -> str:
        names = [sheet.title for sheet in book.worksheets if next(_filled(sheet), None) is not None]
        if len(names) == 1:
            return str(names[0])
        if not names:
            self.refuse_no_rows()
        raise DataFileError(
            f"table {self.path} must be one sheet; the workbook has {listed(names)}. Name one with --sheet."
        )

    def _named_sheet(self, book: Any, name: str) -> str:
        names = [sheet.title for sheet in book.worksheets]
        if name not in names:
            hint = suggestion(name, names) or f"It has {listed(names)}."
            raise InvalidInputError(f"--sheet must name a sheet of {self._file}; got {name!r}. {hint}")
        if next(_filled(book[name]), None) is None:
            self.refuse_no_rows()
        return name

    def _check_header(self, cells: Sequence[Any]) -> dict[str, int]:
        """Return the place of each column by its name; refuse two of one name."""
        names = {place: _name(value) for place, value in enumerate(cells) if value is not None}
        refuse_duplicates(list(names.values()), str(self.path))
        return {name: place for place, name in names.items()}

    def _no_name(self, place: int, row: int) -> DataFileError:
        from openpyxl.utils import get_column_letter

        letter = get_column_letter(place + 1)
        return DataFileError(
            f"header of {self.path} must name every column; row {self._header_row} has no name over cell "
            f"{letter}{row}. Name the column, and remove lines that stand above the header."
        )

    def _search_sheet(self, part: str) -> bool:
        """Refuse merged cells, of which only the first has the value; return whether there are formulas.

        Hidden rows and columns are noted.
        """
        from openpyxl.utils import column_index_from_string

        last, formulas = max(self._columns.values()) + 1, False
        with zipfile.ZipFile(self._file) as archive, archive.open(part) as xml:
            before = b""
            while chunk := xml.read(_CHUNK):
                chunk = before + chunk
                if not self.notes and _HIDDEN.search(chunk):
                    self.notes = (
                        f"note: {self.path} has hidden rows or columns, which are read like the others.",
                    )
                formulas = formulas or _FORMULA.search(chunk) is not None
                for left, top, right, bottom in _MERGED.findall(chunk):
                    if int(bottom) >= self._header_row and column_index_from_string(left.decode()) <= last:
                        cells = f"{left.decode()}{int(top)}:{right.decode()}{int(bottom)}"
                        what = "header" if int(top) <= self._header_row else "table"
                        raise DataFileError(
                            f"{what} of {self.path} must have a cell for each value; cells {cells} are merged. "
                            "Unmerge them and write the value into each."
                        )
                before = chunk[-200:]
        return formulas

    def _refuse_stale(self) -> None:
        """Raise DataFileError if there are formulas, and none of them has a value."""
        first = None
        with self._opened(values=True) as book, self._opened(values=False) as formulas:
            rows = zip(book[self._sheet].iter_rows(), formulas[self._sheet].iter_rows(), strict=True)
            for values, cells in rows:
                for value, cell in zip(values, cells, strict=False):
                    if cell.data_type != "f":
                        continue
                    if value.value is not None:
                        return
                    first = first or cell.coordinate
        if first is not None:
            raise DataFileError(
                f"table {self.path} must have values for its formulas; cell {first} has none, as no program worked it "
                "out. Open the file in a spreadsheet program and save it there."
            )

    @contextmanager
    def _opened(self, values: bool) -> Iterator[Any]:
        """Give the workbook, with the values of formulas or the formulas."""
        try:
            import openpyxl
        except ImportError as error:
            raise MissingDependencyError(
                f"table {self.path} needs openpyxl. Install it: pip install 'askew[excel]'."
            ) from error
        try:
            with closing(openpyxl.load_workbook(self._file, read_only=True, data_only=values)) as book:
                for sheet in book.worksheets:
                    sheet.reset_dimensions()  # some programs write too small a size, and the rest would be lost
                yield book
        except (AskewError, GeneratorExit):
            raise
        except Exception as error:  # damaged archives raise errors of many kinds
            text = " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__
            raise DataFileError(
                f"table {self.path} must be an .xlsx file without a password; it is damaged or of another kind "
                f"({text}). Save it again as .xlsx."
            ) from error


def _filled(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows that have a cell with something in it, and their numbers from 1."""
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if any(_is_filled(value) for value in cells):
            yield number, tuple(value if _is_filled(value) else None for value in cells)


def _is_filled(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _name(value: Any) -> str:
    """Return a cell of the header as a name: 2024 for the number, 2024-05-01 for the date."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
