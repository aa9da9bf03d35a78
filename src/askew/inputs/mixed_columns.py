"""One column of a mixed table: what it was in the training rows, and what is new in others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.errors import InvalidInputError
from askew.inputs.column_names import listed
from askew.inputs.encoders import Date, Encoder, Frequency, Number, OneHot, Values
from askew.inputs.kinds import OtherKind, brought_to, kind_error, kind_of, remedy_for
from askew.inputs.number_dates import NUMBER_DATES
from askew.inputs.text_columns import WHOLE, Reading, cleaned, read_words
from askew.inputs.whole_numbers import less, origin_of
from askew.inputs.written_dates import example

_NUMBERS = r"^-?\d+(\.\d+)?$"
_ALL_DIFFERENT = 0.9  # share of different words from which a column names its rows
_FEW_ROWS = 20  # under which no such guess is made
SHOWN = 1_000  # different unseen words kept per column; more are only counted


@dataclass(frozen=True)
class Column:
    """One raw column as it was in the training rows: its name, its kind, and the encoder that turns it into numbers.

    A further number marks its `gaps`; `had_gaps` says whether any training row lacked it. Of a date there are the time
    zone and how words spelt it ("iso", "iso zone" or strptime's), of numbers in words how they were written; `missing`
    are values that stand for none. A category is `numeric` if its words are all numbers. `origin` is subtracted
    from whole numbers that float64 could not tell apart.
    """

    name: str
    kind: str
    encoder: Encoder
    gaps: bool = False
    had_gaps: bool = False
    zone: str | None = None
    date_format: str = ""
    numeric: bool = False
    number_format: str = ""
    missing: tuple[str, ...] = ()
    origin: int = 0

    @property
    def reading(self) -> Reading:
        """How text is read that stands in this column."""
        return Reading(self.kind, self.date_format or self.number_format, self.missing)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the numbers that it becomes."""
        return tuple(
            f"{self.name}{part}" for part in (*self.encoder.parts, *([" missing"] if self.gaps else []))
        )

    def brought(self, raw: Any, where: str) -> pa.Array:
        """Return the column of a new table in the one type of its kind, or refuse it."""
        if self.number_format == WHOLE and kind_of(raw.type) == "category":
            values, bad = read_words(cleaned(raw.cast(pa.string()), self.missing), self.reading)
            raw = values if bad is None else raw
        if self.origin and kind_of(raw.type) == "number":
            raw = less(raw, self.origin)
        array = _brought_or_refused(self.name, self.reading, raw, self.zone, where, True)
        _refuse_infinite(self.name, self.kind, array, where)
        return array

    def encode(self, array: pa.Array) -> Values:
        """Return (n, k) numbers of a column that was brought to its kind."""
        values = self.encoder.encode(array)
        return np.column_stack([values, missing(array)]) if self.gaps else values

    def in_words(self) -> str:
        """Return one line for a summary."""
        details = [] if isinstance(self.encoder, Number) and not self.had_gaps else [self.encoder.in_words()]
        details += ["gaps marked"] if self.gaps else []
        details += [f"written {self.number_format}"] if self.number_format not in ("", WHOLE) else []
        details += [f"written as {example(self.date_format)}"] if self.date_format in NUMBER_DATES else []
        details += [f"less {self.origin}: float64 has no digits for more"] if self.origin else []
        return f"{self.name}: {self.kind}" + (f" ({', '.join(details)})" if details else "")


@dataclass
class Novelties:
    """What scored rows have and the training rows had not; add up those of several batches with ``+=``.

    `unseen` has by column the rows with a word never seen, and the different words (at most a thousand are kept);
    `gaps` has by column without a gap in the training rows the rows that lack it.
    """

    unseen: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    gaps: dict[str, int] = field(default_factory=dict)

    def __iadd__(self, other: Novelties) -> Novelties:
        for name, (rows, words) in other.unseen.items():
            before, known = self.unseen.get(name, (0, set()))
            room = max(0, SHOWN - len(known))
            self.unseen[name] = (before + rows, known | set(sorted(words - known)[:room]))
        for name, rows in other.gaps.items():
            self.gaps[name] = self.gaps.get(name, 0) + rows
        return self

    def lines(self) -> list[str]:
        """Return what to tell a person, one line per column.

        >>> Novelties({"country": (17, {"PE", "CL", "BO"})}).lines()
        ["column 'country': 3 unseen categories in 17 rows ('BO', 'CL', 'PE')."]
        """
        lines = []
        for name, (rows, words) in self.unseen.items():
            number = f"{len(words):,}{' or more' if len(words) >= SHOWN else ''}"
            kinds = "category" if len(words) == 1 else "categories"
            some = listed(sorted(words)[:3]) + (", ..." if len(words) > 3 else "")
            lines.append(f"column {name!r}: {number} unseen {kinds} in {_rows(rows)} ({some}).")
        for name, rows in self.gaps.items():
            lines.append(f"column {name!r}: missing in {_rows(rows)}, in none of the training rows.")
        return lines


@dataclass(frozen=True)
class Rules:
    """How columns are fitted; the attributes are the parameters of TablePreparation."""

    kinds: Mapping[str, str]
    max_one_hot: int
    min_share: float


def fit_column(field: pa.Field, raw: Any, rules: Rules, mask: pa.Array | None, where: str) -> Column | str:
    """Return what the rows of `mask` teach about a raw column, or why it is left out; refuse one of a wrong kind."""
    name, about = field.name, field.metadata or {}
    missing_words = tuple(json.loads(about.get(b"missing", b"[]")))
    if kind_of(raw.type) is None or raw.null_count == len(raw):
        return "it has no values"
    reading = Reading(_kind(field, rules, where), about.get(b"form", b"").decode(), missing_words)
    origin = origin_of(raw) if reading.kind == "number" else 0
    raw = less(raw, origin) if origin else raw
    array = _brought_or_refused(name, reading, raw, getattr(raw.type, "tz", None), where, False)
    kind, form = reading.kind, reading.form
    _refuse_infinite(name, kind, array, where)
    array = array if mask is None else array.filter(mask)
    gaps = missing(array)
    if gaps.all():
        return "it has no values"
    encoder = _encoder(name, kind, array, rules)
    if encoder is None:
        return "its words are different in almost every row"
    return Column(
        name,
        kind,
        encoder,
        gaps=bool(gaps.mean() >= rules.min_share),
        had_gaps=bool(gaps.any()),
        zone="UTC" if form == "iso zone" else getattr(raw.type, "tz", None),
        date_format=form if kind == "date" else "",
        numeric=kind == "category" and _all_numbers(array),
        number_format=form if kind == "number" and (origin or form != WHOLE) else "",
        missing=missing_words,
        origin=origin,
    )


def _kind(field: pa.Field, rules: Rules, where: str) -> str:
    guess = kind_of(field.type)
    if not guess:
        raise InvalidInputError(
            f"column {field.name!r} of {where} must be numbers, truth values, words or dates; got {field.type}. "
            f"{remedy_for(field.type)}, or leave the column out."
        )
    return rules.kinds.get(field.name) or guess


def _encoder(name: str, kind: str, array: pa.Array, rules: Rules) -> Encoder | None:
    if kind in ("number", "boolean"):
        return Number.fit(array)
    if kind == "date":
        return Date.fit(array)
    known = len(array) - array.null_count
    different = pc.count_distinct(array).as_py()
    if different <= rules.max_one_hot:
        return OneHot.fit(array, rules.min_share)
    names_rows = known >= _FEW_ROWS and different > _ALL_DIFFERENT * known
    return None if names_rows and name not in rules.kinds else Frequency.fit(array)


def _all_numbers(words: pa.Array) -> bool:
    return bool(pc.all(pc.match_substring_regex(words.drop_null().unique(), _NUMBERS)).as_py())


def _brought_or_refused(
    name: str, reading: Reading, raw: Any, zone: str | None, where: str, fitted: bool
) -> pa.Array:
    try:
        return brought_to(raw, reading, zone)
    except OtherKind as error:
        first = (
            next((value for value in raw.drop_null()[:1].to_pylist()), None)
            if error.cell is None
            else error.cell
        )
        cell = first if isinstance(first, str | int | float | bool) else str(first)
        raise kind_error(name, where, reading.kind, str(error), cell, fitted) from error


def missing(array: pa.Array) -> Values:
    """Return 1.0 where a column that was brought to its kind lacks a value, else 0.0."""
    return np.asarray(pc.is_null(array, nan_is_null=True).to_numpy(zero_copy_only=False), dtype=np.float64)


def _refuse_infinite(name: str, kind: str, array: pa.Array, where: str) -> None:
    """Raise InvalidInputError if a number is infinite; the message names the first row (counted from 0)."""
    if kind != "number":
        return
    values = array.to_numpy(zero_copy_only=False)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise InvalidInputError(
            f"column {name!r} of {where} must be finite; got {values[row]} in row {row} "
            f"({np.count_nonzero(infinite)} such cells). Make it a gap (NaN) or the largest value that makes sense."
        )


def refuse_retyped(column: Column, type_: pa.DataType, where: str) -> None:
    """Refuse by its type a column that has become another kind, before any row is read."""
    actual = kind_of(type_)
    zoned = getattr(type_, "tz", None) is not None
    fits = {
        "number": actual in ("number", "boolean") or (actual == "category" and bool(column.number_format)),
        "boolean": actual in ("boolean", "number", "category"),
        "category": actual == "category" or (column.numeric and actual in ("number", "boolean")),
        "date": (actual == "date" and zoned == (column.zone is not None))
        or (actual == "category" and bool(column.date_format))
        or (actual == "number" and column.date_format in NUMBER_DATES),
    }
    if actual is None or fits[column.kind]:
        return
    got = {"number": "numbers", "boolean": "truth values", "category": "words"}.get(actual, str(type_))
    if actual == "date":
        got = "dates with a time zone" if zoned else "dates"
    raise kind_error(column.name, where, column.kind, got, None, fitted=True)


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"
