"""Columns of text, as a CSV file has them: what kind of values they spell, and those values."""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "n/a")
"""Cells of a CSV file that stand for a missing value."""

MOSTLY = 0.9
"""From this share on, a column is of a kind, and its other cells are mistakes."""

_NUMBER = r"^[-+]?((\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|(?i:inf|infinity))$"
_CODE = r"^[-+]?0\d"  # 007: a code, which a number would lose
_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_ISO_ZONE = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[-+]\d{2}:?\d{2})$"
_LOOKS = {
    "%d.%m.%Y": r"^\d{1,2}\.\d{1,2}\.\d{4}$",
    "%d.%m.%Y %H:%M": r"^\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}$",
    "%d.%m.%Y %H:%M:%S": r"^\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}:\d{2}$",
    "%Y/%m/%d": r"^\d{4}/\d{1,2}/\d{1,2}$",
    "%Y/%m/%d %H:%M:%S": r"^\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2}$",
    "%d/%m/%Y": r"^\d{1,2}/\d{1,2}/\d{4}$",
    "%m/%d/%Y": r"^\d{1,2}/\d{1,2}/\d{4}$",
    "%d/%m/%Y %H:%M": r"^\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}$",
    "%m/%d/%Y %H:%M": r"^\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}$",
}


class Reading(NamedTuple):
    """How the words of a column are read: its kind, and for dates the format ("iso", "iso zone" or strptime's)."""

    kind: str
    date_format: str = ""


class Read(NamedTuple):
    """The values of a text column, and the place of the first cell that could not be read (None: all could)."""

    values: pa.Array
    bad: int | None


def cleaned(array: Any) -> pa.Array:
    """Return the words without blanks around them, with null where a cell stands for a missing value."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    trimmed = pc.utf8_trim_whitespace(array)
    missing = pc.is_in(trimmed, value_set=pa.array(MISSING))
    return pc.if_else(missing, pa.scalar(None, pa.string()), trimmed)


def readings(words: pa.Array) -> tuple[Reading, ...]:
    """Return how cleaned words can be read: one way, none (no values at all), or two (days or months first?).

    >>> for cells in (["1", "2.5"], ["007", "12"], ["true", "False"], ["2024-05-01"], ["a", "b"]):
    ...     print(readings(pa.array(cells))[0].kind)
    number
    category
    boolean
    date
    category
    >>> readings(pa.array(["01/02/2024"]))
    (Reading(kind='date', date_format='%d/%m/%Y'), Reading(kind='date', date_format='%m/%d/%Y'))
    """
    known = words.drop_null()
    if not len(known):
        return ()
    if _share(known, _NUMBER) >= MOSTLY:
        return (Reading("category" if pc.any(_looks(known, _CODE)).as_py() else "number"),)
    if _share(known, "^(?i:true|false)$") == 1.0:
        return (Reading("boolean"),)
    for form, look in {"iso": _ISO, "iso zone": _ISO_ZONE}.items():
        if _share(known, look) >= MOSTLY:
            return (Reading("date", form),)
    likely = [form for form, look in _LOOKS.items() if _share(known, look) >= MOSTLY]
    read = {form: _dates(known, form) for form in likely}
    fits = [form for form in likely if not read[form].null_count] or likely[:1]
    return tuple(Reading("date", form) for form in fits) or (Reading("category"),)


def read_words(words: pa.Array, reading: Reading) -> Read:
    """Return cleaned words as values of their kind; dates with a zone become UTC.

    >>> read_words(pa.array(["1", None, "x"]), Reading("number")).bad
    2
    """
    if reading.kind == "category":
        return Read(words, None)
    if reading.kind == "number":
        values = _number(words)
    elif reading.kind == "boolean":
        lower = pc.utf8_lower(words)
        fine = pc.is_in(lower, value_set=pa.array(["true", "false", "1", "0"]))
        values = pc.if_else(
            fine, pc.is_in(lower, value_set=pa.array(["true", "1"])), pa.scalar(None, pa.bool_())
        )
    else:
        values = _dates(words, reading.date_format)
    if values.null_count == words.null_count:
        return Read(values, None)
    bad = pc.and_(pc.is_null(values), pc.is_valid(words))
    return Read(values, pc.index(bad, True).as_py())


def _looks(words: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(words, pattern)


def _share(known: pa.Array, pattern: str) -> float:
    return float(pc.mean(_looks(known, pattern)).as_py())


def _number(words: pa.Array) -> pa.Array:
    fine = pc.fill_null(_looks(words, _NUMBER), False)
    return pc.if_else(fine, words, pa.scalar(None, pa.string())).cast(pa.float64())


def _dates(words: pa.Array, form: str) -> pa.Array:
    if not form.startswith("iso"):
        return pc.strptime(words, format=form, unit="us", error_is_null=True)
    kind = pa.timestamp("us", "UTC" if form == "iso zone" else None)
    fine = pc.fill_null(_looks(words, _ISO_ZONE if form == "iso zone" else _ISO), False)
    words = pc.if_else(fine, words, pa.scalar(None, pa.string()))
    try:
        return words.cast(kind)
    except pa.ArrowInvalid:  # a day that no month has: find it
        return pa.array([_one_date(word, kind) for word in words], kind)


def _one_date(word: pa.StringScalar, kind: pa.DataType) -> Any:
    try:
        return word.cast(kind).as_py()
    except pa.ArrowInvalid:
        return None
