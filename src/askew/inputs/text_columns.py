"""Columns of text, as a CSV file has them: what kind of values they spell, and those values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.word_levels import MOSTLY, WordLevels, as_mask
from askew.inputs.written_clocks import CLOCKS, ClockWays, clock_ways, read_clocks
from askew.inputs.written_dates import ISO_ZONE, DateWays, date_ways, read_dates
from askew.inputs.written_numbers import PLAIN, NumberForm, NumberWays, number_ways, read_numbers

MISSING = ("", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "n/a")
"""Cells of a text file that stand for a missing value in every column."""

ABSENT = frozenset(
    "- -- --- – — . .. : ? ?? * na n.a. n.a n/a nan null none nil nd n.d. missing unknown undefined void blank empty "
    "#n/a #na #null! #value! #ref! #div/0! #num! #name? <na> (null) (none) (blank) [null] \\n k.a. keine none.".split()
) | {"not available", "not applicable", "no data", "not known"}
"""Words, in small letters, that stand for a missing value among numbers, dates or truth values."""

_TRUTH = "^(?i:true|false)$"
_FEW = 0.4  # share of cells with digits under which there are no numbers or dates to speak of
WHOLE = "whole"
"""Form of whole numbers beyond 2^53, which stay whole until what is usual of them is subtracted."""

_LONG, _INTEGER = r"^-?\d{16,20}$", r"^-?\d{1,20}$"
_CODE = r"^0\d+$"  # 007: a code, which a number would lose


class Reading(NamedTuple):
    """How the words of a column are read: its `kind`, its `form`, and further words that are `missing` values.

    The form of dates is "iso", "iso zone" or strptime's; of times "h:m" or "h:m:s"; of other numbers that of
    NumberForm, "" if they are plain.
    """

    kind: str
    form: str = ""
    missing: tuple[str, ...] = ()

    @property
    def type(self) -> pa.DataType:
        """The Arrow type of the values."""
        zone = "UTC" if self.form == ISO_ZONE else None
        types = {"number": pa.float64(), "boolean": pa.bool_(), "date": pa.timestamp("us", zone)}
        return types.get(self.kind, pa.string())


class Read(NamedTuple):
    """The values of a text column, and the place of the first cell that could not be read (None: all could)."""

    values: pa.Array
    bad: int | None


class Finding(NamedTuple):
    """What the words of a column tell of it: its `kind` ("": it has no values) and the ways it can be read.

    `absent` has the words that stand for missing values and their counts. `numbers` is None if they are plain.
    """

    kind: str
    levels: WordLevels
    numbers: NumberWays | None = None
    dates: DateWays | None = None
    clocks: ClockWays | None = None
    absent: Mapping[str, int] = MappingProxyType({})


def cleaned(array: Any, missing: Sequence[str] = ()) -> pa.Array:
    """Return the words without blanks around them, with null where a cell stands for a missing value."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    trimmed = pc.utf8_trim_whitespace(array)
    gone = pc.is_in(trimmed, value_set=pa.array([*MISSING, *missing]))
    return pc.if_else(gone, pa.scalar(None, pa.string()), trimmed)


def examine(words: pa.Array, decimal: str = "", thousands: str = "") -> Finding:
    """Return what cleaned words tell of their column; `decimal` and `thousands` are what a person says of numbers.

    >>> for cells in (["1", "2.5"], ["0,5", "-"], ["007", "12"], ["true", "False"], ["2024-05-01"], ["a", "b"]):
    ...     print(examine(pa.array(cells)).kind)
    number
    number
    category
    boolean
    date
    category
    """
    if words.null_count == len(words):
        return Finding("", WordLevels.of(words))
    plain = pc.all(pc.match_substring_regex(words, PLAIN)).as_py()
    if plain and decimal != "," and thousands != ".":
        code = pc.any(pc.match_substring_regex(words, _CODE)).as_py()
        return Finding("category" if code else "number", WordLevels.of(words.slice(0, 0)))
    levels = WordLevels.of(words)
    gone = as_mask(pc.is_in(pc.utf8_lower(levels.words), value_set=pa.array(sorted(ABSENT))))
    absent = dict(
        zip(levels.words.filter(pa.array(gone)).to_pylist(), levels.counts[gone].tolist(), strict=True)
    )
    rest = levels.take(~gone)
    if not len(rest):
        return Finding("", levels, absent=absent)
    return _examined(rest, absent, decimal, thousands) or Finding("category", rest)


def _examined(rest: WordLevels, absent: dict[str, int], decimal: str, thousands: str) -> Finding | None:
    if rest.share(rest.match(r"\p{Nd}")) < _FEW:
        return Finding("boolean", rest, absent=absent) if rest.match(_TRUTH).all() else None
    numbers = number_ways(rest, decimal, thousands)
    if numbers.share >= MOSTLY:
        if rest.match(_CODE).any():
            return None
        if not (decimal == "," or thousands == ".") and rest.share(rest.match(PLAIN)) == numbers.share:
            return Finding("number", rest, absent=absent)
        return Finding("number", rest, numbers, absent=absent)
    clocks = clock_ways(rest)
    if clocks.share >= MOSTLY:
        return Finding("number", rest, clocks=clocks, absent=absent)
    dates = date_ways(rest)
    if dates.share >= MOSTLY:
        return Finding("date", rest, dates=dates, absent=absent)
    return Finding("category", rest, numbers, dates)


def read_words(words: pa.Array, reading: Reading) -> Read:
    """Return cleaned words as values of their kind; dates with a zone become UTC.

    >>> read_words(pa.array(["1", None, "x"]), Reading("number")).bad
    2
    """
    if reading.kind == "category":
        return Read(words, None)
    if reading.kind == "number":
        values = _numbers(words, reading.form)
    elif reading.kind == "boolean":
        lower = pc.utf8_lower(words)
        fine = pc.is_in(lower, value_set=pa.array(["true", "false", "1", "0"]))
        values = pc.if_else(
            fine, pc.is_in(lower, value_set=pa.array(["true", "1"])), pa.scalar(None, pa.bool_())
        )
    else:
        values = read_dates(words, reading.form)
    if values.null_count == words.null_count:
        return Read(values, None)
    gone = pc.is_in(pc.utf8_lower(words), value_set=pa.array(sorted(ABSENT)))
    bad = pc.and_(pc.and_(pc.is_null(values), pc.is_valid(words)), pc.invert(gone))
    place = pc.index(bad, True).as_py()
    return Read(values, None if place < 0 else place)


def are_long_integers(words: pa.Array) -> bool:
    """Return whether all words are whole numbers, and some have more digits than float64 holds.

    >>> are_long_integers(pa.array(["1580000000000000001", "7", None])), are_long_integers(pa.array(["1", "7"]))
    (True, False)
    """
    if not pc.any(pc.match_substring_regex(words, _LONG), min_count=0).as_py():
        return False
    return bool(pc.all(pc.match_substring_regex(words, _INTEGER), min_count=0).as_py())


def _integers(words: pa.Array) -> pa.Array:
    fine = pc.fill_null(pc.match_substring_regex(words, _INTEGER), False)
    whole = pc.if_else(fine, words, pa.scalar(None, pa.string()))
    try:
        return whole.cast(pa.int64())
    except pa.ArrowInvalid:  # beyond 64 bits
        return whole.cast(pa.decimal128(20, 0))


def _numbers(words: pa.Array, form: str) -> pa.Array:
    if form == WHOLE:
        return _integers(words)
    if form in CLOCKS:
        return read_clocks(words, form)
    if form:
        return read_numbers(words, NumberForm.parse(form))
    fine = pc.fill_null(pc.match_substring_regex(words, PLAIN), False)
    return pc.if_else(fine, words, pa.scalar(None, pa.string())).cast(pa.float64())
