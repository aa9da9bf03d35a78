"""CSV files: read by Arrow in batches; when a cell is wrong, read again slowly to say which one."""

from __future__ import annotations

import csv
import gzip
import io
import mmap
import re
import weakref
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from askew.errors import DataFileError
from askew.inputs.address import Data
from askew.inputs.column_names import refuse_duplicates
from askew.inputs.csv_layout import Layout, find_layout, is_gzip, lines_of, open_bytes, utf8_file
from askew.inputs.table_file import Batch, NoRowsError, RowName, Rows, TableFile
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import ABSENT, MISSING, WHOLE, Reading, cleaned
from askew.inputs.text_format import NOTHING_SAID, TextFormat
from askew.inputs.text_tables import read_column, without
from askew.inputs.unpacking import refuse_bomb
from askew.inputs.written_clocks import CLOCKS
from askew.inputs.written_numbers import NumberForm

_BLOCK = 1 << 21  # bytes that Arrow parses at a time; it reads some thirty ahead, so larger ones cost memory
_ROOM = 1 << 27  # bytes that must be free for what Arrow reads ahead, and for its threads
_TOGETHER = 16  # blocks in a batch: some eighty thousand rows of twenty columns
_NULLS = tuple(
    dict.fromkeys([*MISSING, *(form(word) for word in ABSENT for form in (str, str.upper, str.capitalize))])
)
_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"  # fits in 64 bits and reads back as the same text
_DIGIT = re.compile(r"\d")
_NOT_TEXT = re.compile("[\x00\ufffd]")


@final
class CsvTable(TableFile):
    """A CSV file with a header line, in UTF-8 or an encoding that a person names; may be gzipped.

    Its cells are separated by commas, semicolons, tabs or bars; lines before the header are passed over, `notes` say.
    """

    def __init__(self, file: Path, name: Any = None, text_format: TextFormat = NOTHING_SAID) -> None:
        self.path, self.text_format = name or file, text_format
        with _reading(self.path):
            self._file = utf8_file(file, text_format)
        if self._file != file:
            weakref.finalize(self, self._file.unlink, missing_ok=True)
        self._layout = Layout(",")
        with _reading(self.path), self._text() as text:
            self._layout = find_layout(text, text_format.delimiter)
        if self._layout.many:
            lines = "line" if self._layout.many == 1 else "lines"
            self.notes = (
                f"{self.path}: {self._layout.many} {lines} before the header left out ({self._layout.title!r}).",
            )
        with _reading(self.path):
            rows = self._rows()
            self._header = tuple(next(rows, (0, 0, []))[2])
            self.names = self._header[: self._n_named()]
            self._check_header()
            if next(rows, None) is None:
                raise NoRowsError(
                    f"table {self.path} must have data rows below its header; got the header line only. "
                    "Check how it was written.",
                    self,
                )

    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows in order; kept columns are text exactly as it stands in the file."""
        readings = {name: self._as_said(Reading("number")) for name in features}
        for columns, batch, done, fraction in self._read_groups(readings, keep):
            read = pa.RecordBatch.from_pydict(columns) if columns else batch
            values = self._to_values(read, features, first_row=done + 1)
            yield Batch(values, {name: batch.column(name) for name in keep}, fraction)

    def refuse_unusable(self, columns: Sequence[str]) -> None:
        """Refuse none: any text can be taken as words."""

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows as texts, in order."""
        for batch, _, fraction in self._groups(dict.fromkeys(columns, pa.string())):
            yield batch, fraction

    def interpret(
        self, raw: pa.Table, kinds: Mapping[str, str] | None = None, row_name: RowName | None = None
    ) -> pa.Table:
        """Return what the texts spell; what a column holds is told by nine in ten of its cells."""
        return self._read_text(raw, kinds, row_name, self._layout.delimiter)

    def mixed_batches(self, readings: Mapping[str, Reading], keep: Sequence[str] = ()) -> Iterator[Rows]:
        """Yield the rows in order, each column read as it was when the model was fitted."""
        said = {name: self._as_said(reading) for name, reading in readings.items()}
        for columns, batch, done, fraction in self._read_groups(said, keep):
            table = pa.table(columns)
            self._refuse_infinite(table, first_row=done + 1)
            yield Rows(table, {name: batch.column(name) for name in keep}, fraction)

    def _read_groups(
        self, readings: Mapping[str, Reading], keep: Sequence[str]
    ) -> Iterator[tuple[dict[str, pa.Array], pa.RecordBatch, int, float]]:
        """Yield columns read as told, all that was read, the rows before, and how much of the file is read."""
        quick = {name for name, reading in readings.items() if reading.kind == "number" and not reading.form}
        types = dict.fromkeys(keep, pa.string())
        types |= {name: pa.float64() if name in quick else pa.string() for name in readings}
        missing = {word for name in quick for word in readings[name].missing}
        for batch, done, fraction in self._groups(types, missing):
            columns = {}
            for name, reading in readings.items():
                column = batch.column(name)
                if name not in quick:
                    words = cleaned(column, reading.missing)
                    column = read_column(name, words, reading, self._place(), done + 1)
                columns[name] = without(column, reading.missing) if reading.missing else column
            yield columns, batch, done, fraction

    def _as_said(self, reading: Reading) -> Reading:
        """Return a reading with what the person says of this file."""
        said = self.text_format
        missing = (*reading.missing, *said.missing)
        said_so = reading.kind == "number" and (said.decimal or said.thousands)
        if said_so and reading.form not in (*CLOCKS, WHOLE):
            form = NumberForm.parse(reading.form) if reading.form else NumberForm()
            return Reading("number", str(form.as_said(said.decimal, said.thousands)), missing)
        return reading._replace(missing=missing)

    def _place(self) -> TablePlace:
        return TablePlace(str(self.path), self.row_name, separator=self._layout.delimiter)

    def schema(self, readings: Mapping[str, Reading]) -> pa.Schema:
        """Return what the readings make of the words; a column without one is text."""
        return pa.schema(
            [pa.field(name, readings.get(name, Reading("category")).type) for name in self.names]
        )

    def kept_type(self, name: str) -> pa.DataType:
        """Return a 64-bit integer if every text in the column is a plain whole number, else text."""
        for batch in self._arrow({name: pa.string()}):
            if not pc.all(pc.match_substring_regex(batch.column(name), _WHOLE)).as_py():
                return pa.string()
        return pa.int64()

    def row_name(self, row: int) -> str:
        """Return for example ``row 2 (line 3)``: lines are what an editor shows."""
        return next(f"row {row} (line {line})" for at, line, _ in self._rows() if at == row)

    def _arrow(self, types: dict[str, Any], missing: Iterable[str] = ()) -> Iterator[pa.RecordBatch]:
        done = unpacked = 0
        _require_room()
        # Arrow's own file, not Python's: it reads ahead in a thread, which would abort when Python ends first
        source = pa.input_stream(str(self._file), compression="gzip" if is_gzip(self._file) else None)
        try:
            for batch in arrow_csv.open_csv(
                source,
                read_options=arrow_csv.ReadOptions(
                    block_size=_BLOCK, use_threads=False, skip_rows=self._layout.many
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._layout.delimiter, newlines_in_values=True
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=types, include_columns=list(types), null_values=[*_NULLS, *missing]
                ),
            ):
                yield batch
                done += batch.num_rows
                unpacked += batch.nbytes
                if is_gzip(self._file):
                    refuse_bomb(self.path, unpacked, self._file.stat().st_size)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._explain(done, types, missing, error) from error

    def _groups(
        self, types: dict[str, Any], missing: Iterable[str] = ()
    ) -> Iterator[tuple[pa.RecordBatch, int, float]]:
        """Yield batches of many blocks, the rows before each, and how much of the file is read."""
        done, blocks, size = 0, 0, self._text_size()
        parsed = self._arrow(types, missing)
        while group := list(islice(parsed, _TOGETHER)):
            batch = _joined(group)
            blocks += len(group)
            yield batch, done, min(blocks * _BLOCK / size, 1.0)
            done += batch.num_rows

    def _text_size(self) -> int:
        """Return the bytes of text: exact up to 4 GB, which is as far as gzip counts."""
        if not is_gzip(self._file):
            return self._file.stat().st_size
        with self._file.open("rb") as file:
            file.seek(-4, 2)
            return max(int.from_bytes(file.read(4), "little"), 1)

    def _text(self) -> IO[str]:
        return io.TextIOWrapper(open_bytes(self._file), encoding="utf-8-sig", errors="replace", newline="")

    def _rows(self) -> Iterator[tuple[int, int, list[str]]]:
        """Yield (data row counted from 1, the line it starts on, its cells); row 0 is the header."""
        with self._text() as text:
            many = self._layout.many
            reader = csv.reader(islice(lines_of(text), many, None), delimiter=self._layout.delimiter)
            row, line = 0, many + 1
            for cells in reader:
                if cells:  # Arrow skips empty lines too
                    yield row, line, cells
                    row += 1
                line = many + reader.line_num + 1

    def _n_named(self) -> int:
        """Return how many columns there are without those at the end that have neither a name nor a value."""
        named = max((place for place, name in enumerate(self._header, 1) if name.strip()), default=0)
        if named in (0, len(self._header)) or any(
            "".join(cells[named:]).strip() for _, _, cells in self._rows()
        ):
            return len(self._header)
        self.notes += (f"{self.path}: the last column, without a name or a value, is left out.",)
        return named

    def _check_header(self) -> None:
        if any(_NOT_TEXT.search(name) for name in self.names):
            raise self._not_text("its header")
        for place, name in enumerate(self.names, 1):
            if not name.strip():
                raise DataFileError(
                    f"header of {self.path} must name every column; got no name for column {place}. Name it, "
                    "or write the table without its row numbers (pandas: index=False)."
                )
        if all(_is_number(name) for name in self.names) and not all(name.isdecimal() for name in self.names):
            raise DataFileError(
                f"header of {self.path} must name the columns; got numbers alone, such as {self.names[0]!r}. "
                "Add a line of names above them."
            )
        refuse_duplicates(self.names, str(self.path))

    def _explain(
        self, done: int, types: dict[str, Any], missing: Iterable[str], error: Exception
    ) -> DataFileError:
        """Find the fault that stopped Arrow somewhere after row ``done``."""
        with _reading(self.path):
            for row, _, cells in self._rows():
                if row > done and (fault := self._fault(row, cells, types, missing)):
                    return fault
        return _broken(self.path, error)

    def _fault(
        self, row: int, cells: list[str], types: dict[str, Any], missing: Iterable[str]
    ) -> DataFileError | None:
        if len(cells) != len(self._header):
            return DataFileError(
                f"rows of {self.path} must have {len(self._header)} cells like its header; got {len(cells)} in "
                f"{self.row_name(row)}. Correct that line; text with {self._layout.delimiter!r} in it needs quotes."
            )
        text_of = dict(zip(self._header, cells, strict=True))
        for name, kind in types.items():
            text = text_of[name].strip()
            if _NOT_TEXT.search(text):
                return self._not_text(f"column {name!r}, {self.row_name(row)}")
            if kind == "double" and text not in (*_NULLS, *missing) and not _is_number(text):
                written = "Write it as 1234.5, or say how numbers are written (--decimal, --thousands)"
                return self._bad_cell(name, row, repr(text_of[name]), written if _DIGIT.search(text) else "")
        return None

    def _not_text(self, place: str) -> DataFileError:
        return DataFileError(
            f"table {self.path} must be text in UTF-8; got other bytes in {place}. "
            "Save it again as CSV in UTF-8, or name its encoding (--encoding cp1252)."
        )


def _require_room() -> None:
    """Raise MemoryError where there is too little memory for Arrow: its thread would wait for itself for ever."""
    try:
        mmap.mmap(-1, _ROOM).close()
    except OSError as error:
        raise MemoryError(f"{error.strerror}: {_ROOM:,} bytes to read CSV") from error


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    columns = zip(*(batch.columns for batch in batches), strict=True)
    return pa.RecordBatch.from_arrays(
        [pa.concat_arrays(parts) for parts in columns], schema=batches[0].schema
    )


@contextmanager
def _reading(path: Data) -> Iterator[None]:
    try:
        yield
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _broken(path, error) from error


def _broken(path: Data, error: Exception) -> DataFileError:
    text = " ".join(str(error).split())[:200].rstrip(".")
    return DataFileError(f"table {path} must be a CSV file that is whole; got: {text}. Write it again.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000, Arrow does not
