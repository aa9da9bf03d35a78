"""The kind of a column (number, boolean, category or date), and a column of Arrow brought to its kind."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from askew.errors import InvalidInputError
from askew.inputs.number_dates import NUMBER_DATES, dates_of_numbers
from askew.inputs.text_columns import Reading, cleaned, read_words
from askew.inputs.text_tables import without

KINDS = ("number", "boolean", "category", "date")
"""What a column of a mixed table can be."""

_PLURAL = {
    "number": "numbers",
    "boolean": "truth values",
    "category": "words",
    "date": "dates",
    "date with a time zone": "dates with a time zone",
}


def kind_of(type_: pa.DataType) -> str | None:
    """Return the kind that fits an Arrow type: None for a column without any value, "" if none fits.

    >>> [kind_of(t) for t in (pa.int8(), pa.bool_(), pa.large_string(), pa.date32(), pa.null(), pa.binary())]
    ['number', 'boolean', 'category', 'date', None, '']
    """
    types = pa.types
    if types.is_dictionary(type_):  # numbers that were made categories are words
        kind = kind_of(type_.value_type)
        return "category" if kind == "number" else kind
    if types.is_null(type_):
        return None
    if types.is_boolean(type_):
        return "boolean"
    if any(
        fits(type_) for fits in (types.is_integer, types.is_floating, types.is_decimal, types.is_duration)
    ):
        return "number"
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return "category"
    return "date" if types.is_timestamp(type_) or types.is_date(type_) else ""


def remedy_for(type_: pa.DataType) -> str:
    """Return what to do with a column of a type that no kind fits.

    >>> remedy_for(pa.list_(pa.int8()))
    'Give each entry a column of its own'
    """
    types = pa.types
    if types.is_struct(type_):
        return "Give each field a column of its own (pandas: pd.json_normalize, polars: unnest)"
    if types.is_nested(type_):
        return "Give each entry a column of its own"
    if types.is_time(type_):
        return "Turn it into hours (pandas: column.map(lambda time: time.hour + time.minute / 60))"
    if types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_):
        return "Turn bytes into words (pandas: column.str.decode('utf-8'))"
    return "Turn it into one of these"


class OtherKind(TypeError):
    """A column has become another kind; `cell` is one that shows it, None if any would."""

    def __init__(self, kind: str, cell: object = None) -> None:
        super().__init__(kind)
        self.cell = cell


def brought_to(array: Any, reading: Reading, zone: str | None = None) -> pa.Array:
    """Return a column of any type as the one Arrow type of its kind, or raise OtherKind with the kind it has become.

    Numbers and truth values become float64 (missing: NaN), categories trimmed text (blanks are missing), dates local
    time in microseconds: of the `zone` that the column had when it was fitted (None: none). Text is read as `reading`
    says that it is written.

    >>> brought_to(pa.array([1, None]), Reading("number")).to_pylist()
    [1.0, nan]
    >>> brought_to(pa.array([" a", ""]), Reading("category")).to_pylist()
    ['a', None]
    >>> brought_to(pa.array(["a"]), Reading("number"))
    Traceback (most recent call last):
    askew.inputs.kinds.OtherKind: words
    """
    kind = reading.kind
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if reading.missing:
        array = without(array, reading.missing)
    actual = kind_of(array.type)
    if actual == "category" and (kind == "boolean" or (kind != "category" and reading.form)):
        words = cleaned(array.cast(pa.string()))
        array, bad = read_words(words, reading)
        if bad is not None:
            raise OtherKind(_PLURAL["category"], words[bad].as_py())
        actual, zone = kind, getattr(array.type, "tz", zone)
    if kind == "date" and actual == "number" and reading.form in NUMBER_DATES:
        array, actual = dates_of_numbers(array, reading.form), "date"
    if actual is None:  # nothing but missing values fits any kind
        array, actual = array.cast(pa.string() if kind == "category" else pa.float64()), kind
        array = array.cast(pa.timestamp("us")) if kind == "date" else array
        zone = None
    return {"number": _number, "boolean": _boolean, "category": _category}.get(kind, _date)(
        array, actual, zone
    )


def _other(array: pa.Array, actual: str) -> OtherKind:
    return OtherKind(_PLURAL.get(actual, str(array.type)))


def _number(array: pa.Array, actual: str, zone: str | None) -> pa.Array:
    if actual not in ("number", "boolean"):
        raise _other(array, actual)
    if pa.types.is_duration(array.type):
        array = pc.divide(array.cast(pa.duration("us"), safe=False).cast(pa.int64()).cast(pa.float64()), 1e6)
    return pc.fill_null(array.cast(pa.float64(), safe=False), float("nan"))


def _boolean(array: pa.Array, actual: str, zone: str | None) -> pa.Array:
    values = _number(array, actual, zone)
    if actual == "number":
        known = values.filter(pc.invert(pc.is_nan(values)))
        if not pc.all(pc.is_in(known, pa.array([0.0, 1.0])), min_count=0).as_py():
            raise _other(array, actual)
    return values


def _category(array: pa.Array, actual: str, zone: str | None) -> pa.Array:
    if actual in ("number", "boolean"):
        array = _as_words(array)
    elif actual != "category":
        raise _other(array, actual)
    words = pc.utf8_trim_whitespace(array.cast(pa.string()))
    return pc.if_else(pc.equal(words, ""), pa.scalar(None, pa.string()), words)


def _as_words(array: pa.Array) -> pa.Array:
    """Return numbers as text, 2.0 as ``2``, so that a gap that turns whole numbers to floats changes nothing."""
    if not pa.types.is_floating(array.type):
        return array.cast(pa.string())
    array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    whole = pc.equal(array, pc.round(array))
    return pc.if_else(whole, array.cast(pa.int64(), safe=False).cast(pa.string()), array.cast(pa.string()))


def _date(array: pa.Array, actual: str, zone: str | None) -> pa.Array:
    if actual != "date":
        raise _other(array, actual)
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("ms"))
    array = array.cast(pa.timestamp("us", array.type.tz), safe=False)
    if (array.type.tz is None) != (zone is None) and array.null_count < len(array):
        raise _other(array, "date" if array.type.tz is None else "date with a time zone")
    if array.type.tz is None:
        return array
    return pc.local_timestamp(array.cast(pa.timestamp("us", zone)))


def kind_error(
    name: str, where: str, kind: str, got: str, example: object, fitted: bool
) -> InvalidInputError:
    """Return the refusal of a column that is not of the kind it should be."""
    rule = f"{_PLURAL.get(kind, kind)} as in the table the model was fitted on" if fitted else _PLURAL[kind]
    sample = "" if example is None else f", for example {example!r}"
    remedy = {
        "number": "Turn it into numbers",
        "boolean": "Write true or false (or 1 and 0)",
        "category": "Turn it into text",
        "date": "Turn it into dates (pandas: pd.to_datetime)",
    }[kind]
    if got == _PLURAL["date with a time zone"]:
        remedy = "Take the time zone away (pandas: .dt.tz_localize(None))"
    elif got == "dates" and kind == "date":
        remedy = "Give its time zone (pandas: .dt.tz_localize)"
    otherwise = "fit a new model on the column as it is now" if fitted else "choose another kind for it"
    return InvalidInputError(
        f"column {name!r} of {where} must be {rule}; got {got}{sample}. {remedy}, or {otherwise}."
    )
