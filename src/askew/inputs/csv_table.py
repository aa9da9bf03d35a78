"""CSV files: read by Arrow in batches; when a cell is wrong, read again slowly to say which one."""

from __future__ import annotations

import csv
import gzip
import io
import re
import shlex
import zlib
from collections.abc import Iterator, Mapping, Sequence
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
from askew.inputs.table_file import Batch, RowName, Rows, TableFile
from askew.inputs.text_columns import MISSING, Reading, cleaned, read_words, readings

_BLOCK = 1 << 21  # bytes that Arrow parses at a time; it reads some thirty ahead, so larger ones cost memory
_TOGETHER = 16  # blocks in a batch: some eighty thousand rows of twenty columns
_DELIMITERS = (",", ";", "\t")
_WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"  # fits in 64 bits and reads back as the same text
_COMMAS = re.compile(r"[-+]?[\d,]*,\d+(\.\d*)?")  # 1,5 and 1,234.5
_NOT_TEXT = re.compile("[\x00\ufffd]")


@final
class CsvTable(TableFile):
    """A CSV file with one header line, separated by commas, semicolons or tabs, in UTF-8; may be gzipped."""

    def __init__(self, path: Path, name: Any = None) -> None:
        self._file, self.path = path, name or path
        self._delimiter = ","
        with _reading(self.path), self._text() as text:
            self._delimiter = max(_DELIMITERS, key=text.readline().count)
        with _reading(self.path):
            rows = self._rows()
            self.names = tuple(next(rows, (0, 0, []))[2])
            self._check_header()
            if next(rows, None) is None:
                raise DataFileError(
                    f"table {self.path} must have data rows below its header; got the header line only. "
                    "Check how it was written."
                )

    def batches(self, features: Sequence[str], keep: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the rows in order; kept columns are text exactly as it stands in the file."""
        types = dict.fromkeys(keep, pa.string()) | dict.fromkeys(features, pa.float64())
        for batch, done, fraction in self._groups(types):
            values = self._to_values(batch, features, first_row=done + 1)
            yield Batch(values, {name: batch.column(name) for name in keep}, fraction)

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows as texts, in order."""
        for batch, _, fraction in self._groups(dict.fromkeys(columns, pa.string())):
            yield batch, fraction

    def interpret(
        self, raw: pa.Table, kinds: Mapping[str, str] | None = None, row_name: RowName | None = None
    ) -> pa.Table:
        """Return what the texts spell; what a column holds is told by nine in ten of its cells."""
        columns, fields = [], []
        for name in raw.column_names:
            column = cleaned(raw.column(name))
            reading = self._reading(name, column, (kinds or {}).get(name))
            columns.append(self._read_column(name, column, reading, 1, row_name))
            about = {"date_format": reading.date_format} if reading.date_format else None
            fields.append(pa.field(name, columns[-1].type, metadata=about))
        table = pa.Table.from_arrays(columns, schema=pa.schema(fields))
        self._refuse_infinite(table, first_row=1, row_name=row_name)
        return table

    def mixed_batches(self, readings: Mapping[str, Reading], keep: Sequence[str] = ()) -> Iterator[Rows]:
        """Yield the rows in order, each column read as it was when the model was fitted."""
        types = dict.fromkeys(keep, pa.string())
        types |= {n: pa.float64() if r.kind == "number" else pa.string() for n, r in readings.items()}
        for batch, done, fraction in self._groups(types):
            columns = {
                name: batch.column(name)
                if reading.kind == "number"
                else self._read_column(name, cleaned(batch.column(name)), reading, done + 1)
                for name, reading in readings.items()
            }
            table = pa.table(columns)
            self._refuse_infinite(table, first_row=done + 1)
            yield Rows(table, {name: batch.column(name) for name in keep}, fraction)

    def schema(self, readings: Mapping[str, Reading]) -> pa.Schema:
        """Return what the readings make of the words; a column without one is text."""
        types = {"number": pa.float64(), "boolean": pa.bool_(), "date": pa.timestamp("us")}
        fields = []
        for name in self.names:
            kind, form = readings.get(name, Reading("category"))
            type_ = pa.timestamp("us", "UTC") if form == "iso zone" else types.get(kind, pa.string())
            fields.append(pa.field(name, type_))
        return pa.schema(fields)

    def kept_type(self, name: str) -> pa.DataType:
        """Return a 64-bit integer if every text in the column is a plain whole number, else text."""
        for batch in self._arrow({name: pa.string()}):
            if not pc.all(pc.match_substring_regex(batch.column(name), _WHOLE)).as_py():
                return pa.string()
        return pa.int64()

    def row_name(self, row: int) -> str:
        """Return for example ``row 2 (line 3)``: lines are what an editor shows."""
        return next(f"row {row} (line {line})" for at, line, _ in self._rows() if at == row)

    def _arrow(self, types: dict[str, Any]) -> Iterator[pa.RecordBatch]:
        done = 0
        # Arrow's own file, not Python's: it reads ahead in a thread, which would abort when Python ends first
        source = pa.input_stream(str(self._file), compression="gzip" if _is_gzip(self._file) else None)
        try:
            for batch in arrow_csv.open_csv(
                source,
                read_options=arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
                parse_options=arrow_csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=types, include_columns=list(types), null_values=MISSING
                ),
            ):
                yield batch
                done += batch.num_rows
        except (pa.ArrowInvalid, OSError) as error:
            raise self._explain(done, types, error) from error

    def _groups(self, types: dict[str, Any]) -> Iterator[tuple[pa.RecordBatch, int, float]]:
        """Yield batches of many blocks, the rows before each, and how much of the file is read."""
        done, blocks, size = 0, 0, self._text_size()
        parsed = self._arrow(types)
        while group := list(islice(parsed, _TOGETHER)):
            batch = _joined(group)
            blocks += len(group)
            yield batch, done, min(blocks * _BLOCK / size, 1.0)
            done += batch.num_rows

    def _reading(self, name: str, words: pa.Array, kind: str | None) -> Reading:
        """Return how to read a column, as its words tell or as the person says."""
        ways = readings(words)
        if kind is not None and kind != "date":
            return Reading(kind)
        if kind == "date" and not (ways and ways[0].kind == "date"):
            return Reading("date", "iso")
        if len(ways) > 1:
            raise DataFileError(
                f"column {name!r} of {self.path} must be dates with one meaning; got "
                f"{words.drop_null()[0].as_py()!r}, where day or month may come first. Write dates as 2024-12-31, "
                f"or treat them as words (--column-kind {shlex.quote(name)}=category)."
            )
        return ways[0] if ways else Reading("")

    def _read_column(
        self, name: str, words: pa.Array, reading: Reading, first_row: int, row_name: RowName | None = None
    ) -> pa.Array:
        """Return the values that the words spell; refuse the first cell that spells none."""
        if not reading.kind:
            return pa.nulls(len(words))
        values, bad = read_words(words, reading)
        if bad is None:
            return values
        kinds = {"number": "a number", "boolean": "true or false", "date": "a date"}
        text = words[bad].as_py()
        commas = reading.kind == "number" and _COMMAS.fullmatch(text)
        remedy = "Write the number with a point and no commas" if commas else "Correct the cell or empty it"
        raise DataFileError(
            f"column {name!r} of {self.path} must be {kinds[reading.kind]} or empty in every row; got {text!r} in "
            f"{(row_name or self.row_name)(first_row + bad)}. {remedy}, or treat the column as words when fitting "
            f"(--column-kind {shlex.quote(name)}=category)."
        )

    def _text_size(self) -> int:
        """Return the bytes of text: exact up to 4 GB, which is as far as gzip counts."""
        if not _is_gzip(self._file):
            return self._file.stat().st_size
        with self._file.open("rb") as file:
            file.seek(-4, 2)
            return max(int.from_bytes(file.read(4), "little"), 1)

    def _text(self) -> IO[str]:
        opened: Any = gzip.open if _is_gzip(self._file) else open
        return io.TextIOWrapper(opened(self._file, "rb"), encoding="utf-8-sig", errors="replace", newline="")

    def _rows(self) -> Iterator[tuple[int, int, list[str]]]:
        """Yield (data row counted from 1, the line it starts on, its cells); row 0 is the header."""
        with self._text() as text:
            reader = csv.reader(text, delimiter=self._delimiter)
            row, line = 0, 1
            for cells in reader:
                if cells:  # Arrow skips empty lines too
                    yield row, line, cells
                    row += 1
                line = reader.line_num + 1

    def _check_header(self) -> None:
        if any(_NOT_TEXT.search(name) for name in self.names):
            raise self._not_text("its header")
        for place, name in enumerate(self.names, 1):
            if not name.strip():
                raise DataFileError(
                    f"header of {self.path} must name every column; got no name for column {place}. Name it, "
                    "or write the table without its row numbers (pandas: index=False)."
                )
        refuse_duplicates(self.names, str(self.path))

    def _explain(self, done: int, types: dict[str, Any], error: Exception) -> DataFileError:
        """Find the fault that stopped Arrow somewhere after row ``done``."""
        with _reading(self.path):
            for row, _, cells in self._rows():
                if row > done and (fault := self._fault(row, cells, types)):
                    return fault
        return _broken(self.path, error)

    def _fault(self, row: int, cells: list[str], types: dict[str, Any]) -> DataFileError | None:
        if len(cells) != len(self.names):
            return DataFileError(
                f"rows of {self.path} must have {len(self.names)} cells like its header; got {len(cells)} in "
                f"{self.row_name(row)}. Correct that line; text with {self._delimiter!r} in it needs quotes."
            )
        text_of = dict(zip(self.names, cells, strict=True))
        for name, kind in types.items():
            text = text_of[name].strip()
            if _NOT_TEXT.search(text):
                return self._not_text(f"column {name!r}, {self.row_name(row)}")
            if kind == "double" and text not in MISSING and not _is_number(text):
                commas = "Write the number with a point and no commas" if _COMMAS.fullmatch(text) else ""
                return self._bad_cell(name, row, repr(text_of[name]), commas)
        return None

    def _not_text(self, place: str) -> DataFileError:
        return DataFileError(
            f"table {self.path} must be text in UTF-8; got other bytes in {place}. "
            "Save it again as CSV in UTF-8."
        )


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


def _is_gzip(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000, Arrow does not
