"""Tables whose cells each have a type of their own: what workbooks and files of JSON have in common."""

from __future__ import annotations

import datetime
import shlex
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from askew.errors import DataFileError
from askew.inputs.arrow_table import ROWS, ArrowTable
from askew.inputs.text_columns import Reading

_TYPES: dict[str, pa.DataType] = {
    "truth values": pa.bool_(),
    "whole numbers": pa.int64(),
    "numbers": pa.float64(),
    "words": pa.string(),
    "dates": pa.timestamp("us"),
    "durations": pa.duration("us"),
}
_TOGETHER = {
    "truth values",
    "whole numbers",
    "numbers",
    "words",
}  # text can hold them all, and dates beside words


class CellTable(ArrowTable):
    """A table whose rows come as values by column; each column gets the one type that holds its values.

    A column of nothing but numbers, truth values, dates or durations has that type. Words, and numbers or dates beside
    words, are text, read as that of a CSV file. What has no type (lists, times of day, dates beside numbers) is refused
    where the column is asked for.
    """

    _n_rows: int
    _refused: dict[str, str]

    @abstractmethod
    def _cells(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows in order, values by column; what is not there is missing."""

    def scan(self, index: Sequence[str] = ()) -> None:
        """Find the columns (those of `index` first), their types and the number of rows; refuse a table without any."""
        first: dict[str, dict[str, int]] = {name: {} for name in index}  # the first row of each kind
        self._n_rows = 0
        for row in self._cells():
            self._n_rows += 1
            for name, value in row.items():
                kinds = first.setdefault(name, {})
                if (kind := _kind(value)) and kind not in kinds:
                    kinds[kind] = self._n_rows
        if not self._n_rows:
            self.refuse_no_rows()
        self._refused = {}
        fields = []
        for name, kinds in first.items():
            type_ = _common(set(kinds))
            if type_ is None:
                self._refused[name] = self._refusal(name, kinds)
            fields.append(pa.field(name, type_ or pa.null()))
        self.describe(pa.schema(fields))

    def raw_batches(self, columns: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield the rows of the columns in order, in the types of :meth:`scan`."""
        self.refuse_unusable(columns)
        done, cells = 0, self._cells()
        types = [self.types.field(name).type for name in columns]
        while rows := list(islice(cells, ROWS)):
            arrays = [
                _array([row.get(name) for row in rows], type_)
                for name, type_ in zip(columns, types, strict=True)
            ]
            done += len(rows)
            yield pa.RecordBatch.from_arrays(arrays, names=list(columns)), done / self._n_rows

    def _spells(self, type_: pa.DataType, reading: Reading) -> bool:
        """Return whether a column is text where a reading is of other values: one cell is enough to make it text."""
        return pa.types.is_string(type_) and reading.kind in ("number", "boolean", "date")

    def refuse_unusable(self, columns: Sequence[str]) -> None:
        """Raise DataFileError for a column whose values have no type in common."""
        for name in columns:
            if name in self._refused:
                raise DataFileError(self._refused[name])

    def _refusal(self, name: str, kinds: Mapping[str, int]) -> str:
        found = sorted(kinds.items(), key=lambda each: each[1])
        wrong = [each for each in found if each[0] not in _TYPES] or found[:2]
        got = " and ".join(f"{kind} in {self.row_name(row)}" for kind, row in wrong[:2])
        return (
            f"column {name!r} of {self.path} must hold numbers, words, truth values or dates, a value a row; got {got}"
            f". Write its values alike, a column for each part, or leave it out (--drop {shlex.quote(name)})."
        )


def _kind(value: Any) -> str:
    """Return what a value is, "" for a missing one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "truth values"
    if isinstance(value, int):
        return "whole numbers" if -(2**63) <= value < 2**63 else "numbers"
    if isinstance(value, float):
        return "numbers"
    if isinstance(value, str):
        return "words" if value.strip() else ""
    if isinstance(value, datetime.date):  # datetimes are, too
        return "dates"
    if isinstance(value, datetime.timedelta):
        return "durations"
    return {list: "a list", dict: "an object", datetime.time: "a time of day"}.get(
        type(value), "other values"
    )


def _common(kinds: set[str]) -> pa.DataType | None:
    """Return the type that holds values of some kinds, None if there is none.

    >>> _common({"whole numbers", "numbers"}), _common({"whole numbers", "words"}), _common({"dates", "numbers"})
    (DataType(double), DataType(string), None)
    """
    if not kinds:
        return pa.null()
    if len(kinds) == 1:
        return _TYPES.get(*kinds)
    if kinds <= {"whole numbers", "numbers"}:
        return pa.float64()
    return pa.string() if kinds <= _TOGETHER or kinds == {"dates", "words"} else None


def _array(values: list[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_string(type_):
        return pa.array([_text(value) for value in values], type_)
    if pa.types.is_float64(type_):
        return pa.array([None if not _kind(value) else float(value) for value in values], type_)
    return pa.array([value if _kind(value) else None for value in values], type_)


def _text(value: Any) -> str | None:
    """Return a value as a CSV file would have it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
