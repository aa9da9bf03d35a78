"""Columns of text in a table -> numbers, dates, truth values and words; what is unclear is refused, the rest is said.

There is one way for files and for frames in memory; columns are judged together, since one tells of another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.number_conventions import number_forms
from askew.inputs.number_dates import certain_dates, dates_of_numbers, number_dates
from askew.inputs.reading_notes import (
    absent_notes,
    clock_notes,
    date_note,
    form_notes,
    is_number,
    number_notes,
    word_notes,
)
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import (
    WHOLE,
    Finding,
    Reading,
    are_long_integers,
    cleaned,
    examine,
    read_words,
)
from askew.inputs.text_format import TextFormat
from askew.inputs.written_dates import ISO, example
from askew.inputs.written_numbers import NumberForm

_KINDS = {"number": "a number", "boolean": "true or false", "date": "a date"}


@dataclass
class TextTable:
    """A table whose text has been read, and what is to be said of it, a line each."""

    table: pa.Table
    notes: list[str] = field(default_factory=list)


def read_text(
    table: pa.Table, kinds: Mapping[str, str], text_format: TextFormat, place: TablePlace
) -> TextTable:
    """Return a table with its columns of text read as what their words tell, or as the `kinds` that are given.

    A field's metadata say how its text is written (``form``) and what stands for missing values (``missing``). Columns
    that are no text stay as they are, but for the missing values.
    """
    texts = [field.name for field in table.schema if _is_text(field)]
    words = {name: cleaned(_decoded(table.column(name)), text_format.missing) for name in texts}
    readings, notes = find_readings(words, kinds, text_format, place)
    columns, fields = [], []
    for old in table.schema:
        column, about = table.column(old.name), dict(old.metadata or {})
        if b"read" not in about:
            reading, form = readings.get(old.name), ""
            if reading is not None and (reading.kind == "date" or not pa.types.is_dictionary(old.type)):
                column, form = read_column(old.name, words[old.name], reading, place), reading.form
            if dates := _dates_in_numbers(column, kinds.get(old.name)):
                column, form = dates_of_numbers(column, dates), dates
                notes += [] if old.name in kinds else [date_note(old.name, form, place)]
            if text_format.missing:
                about[b"missing"] = json.dumps(text_format.missing).encode()
                column = without(column, text_format.missing)
            about |= {b"read": b"yes"} | ({b"form": form.encode()} if form else {})
            notes += number_notes(old.name, column, kinds, place)
        columns.append(column)
        fields.append(pa.field(old.name, column.type, metadata=about))
    return TextTable(pa.Table.from_arrays(columns, schema=pa.schema(fields)), notes)


def find_readings(
    words: Mapping[str, pa.Array], kinds: Mapping[str, str], text_format: TextFormat, place: TablePlace
) -> tuple[dict[str, Reading], list[str]]:
    """Return how to read cleaned words of columns, and what is to be said of it; refuse what could mean two things."""
    found = {
        name: examine(column, text_format.decimal, text_format.thousands)
        for name, column in words.items()
        if kinds.get(name) not in ("category", "boolean")
    }
    chosen = {name: kinds.get(name) or found[name].kind for name in words}
    times = {
        name: each for name, each in found.items() if each.clocks is not None and chosen[name] == "number"
    }
    numeric = {name: found[name] for name, kind in chosen.items() if kind == "number" and name not in times}
    forms = number_forms(numeric, words, text_format, place)
    if not place.separator:  # beside columns of numbers, text that spells numbers is something to remember
        forms = {name: form or NumberForm() for name, form in forms.items()}
    readings = {}
    for name, kind in chosen.items():
        form = _date_form(name, found[name], words[name], place) if kind == "date" else ""
        form = str(forms[name] or "") if name in forms else form
        form = _clock_form(name, times[name], words[name], place) if name in times else form
        form = WHOLE if name in forms and are_long_integers(words[name]) else form
        readings[name] = Reading(kind, form, text_format.missing)
    return readings, [
        *form_notes(forms, numeric, words),
        *clock_notes(times),
        *absent_notes({name: each for name, each in found.items() if chosen[name] != "category"}),
        *(
            line
            for name, each in found.items()
            if chosen[name] == "category"
            for line in word_notes(name, each, place)
        ),
    ]


def read_column(
    name: str, words: pa.Array, reading: Reading, place: TablePlace, first_row: int = 1
) -> pa.Array:
    """Return the values that cleaned words of a column spell; refuse the first cell that spells none."""
    if not reading.kind:
        return pa.nulls(len(words))
    values, bad = read_words(words, reading)
    if bad is None:
        return values
    like = f" (like {_example(reading)})" if reading.form not in ("", ISO, WHOLE) else ""
    text = words[bad].as_py()
    raise place.error(
        f"column {name!r} of {place.where} must be {_KINDS[reading.kind]}{like} or empty in every row; got "
        f"{text!r} in {place.row_name(first_row + bad)}. {_remedy(reading.kind, text, place)}, or treat the column as "
        f"words when fitting ({place.as_kind(name)})."
    )


def _remedy(kind: str, text: str, place: TablePlace) -> str:
    if not place.is_file:
        return "Correct the cell or empty it"
    if kind == "number" and any(letter.isdecimal() for letter in text):
        return "Write all cells alike, say how numbers are written (--decimal, --thousands)"
    return "Correct the cell or empty it (--na takes a word as missing)"


def without(column: Any, missing: tuple[str, ...]) -> Any:
    """Return a column of any type with null where a value stands for a missing one.

    >>> without(pa.array([1.0, -999.0]), ("-999",)).to_pylist()
    [1.0, None]
    """
    type_ = column.type
    if pa.types.is_floating(type_) or pa.types.is_integer(type_):
        numbers = pa.array(TextFormat(missing=missing).numbers_missing, pa.float64())
        gone = pc.is_in(column.cast(pa.float64(), safe=False), value_set=numbers)
    elif pa.types.is_string(type_) or pa.types.is_large_string(type_):
        gone = pc.is_in(pc.utf8_trim_whitespace(column), value_set=pa.array(missing, type_))
    else:
        return column
    return pc.if_else(gone, pa.scalar(None, type_), column)


def _dates_in_numbers(column: Any, kind: str | None) -> str:
    """Return the form of dates that numbers are: what a person says are dates, or what can be nothing else."""
    if not is_number(column.type) or kind not in (None, "date"):
        return ""
    return next(iter(number_dates(column)), "") if kind == "date" else certain_dates(column)


def _is_text(column: pa.Field) -> bool:
    type_ = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    types = pa.types
    text = types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_)
    return bool(text) and b"read" not in (column.metadata or {})


def _decoded(column: Any) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    return array if is_number(array.type) else array.cast(pa.string())


def _date_form(name: str, found: Finding, words: pa.Array, place: TablePlace) -> str:
    ways = found.dates
    if ways is not None and ways.clash is not None:
        got = [f"{place.cell(words, cell)}, like {example(form)}," for form, cell in ways.clash.items()]
        raise place.error(
            f"column {name!r} of {place.where} must be dates written one way; got {' and '.join(got)[:-1]}. "
            f"Write all of them alike, or treat the column as words ({place.as_kind(name)})."
        )
    if ways is None or not ways.forms:
        forms = number_dates(read_words(words, Reading("number")).values)
        return forms[0] if forms else ISO
    if len(ways.forms) > 1:
        remedy = (
            "Write dates as 2024-12-31" if place.is_file else "Turn it into dates (pandas: pd.to_datetime)"
        )
        raise place.error(
            f"column {name!r} of {place.where} must be dates with one meaning; got {words.drop_null()[0].as_py()!r}, "
            f"where day or month may come first. {remedy}, or treat it as words ({place.as_kind(name)})."
        )
    return ways.forms[0]


def _clock_form(name: str, found: Finding, words: pa.Array, place: TablePlace) -> str:
    ways = found.clocks
    if ways is None or ways.clash is None:
        return "" if ways is None else ways.form
    one, other = (place.cell(words, cell) for cell in ways.clash)
    raise place.error(
        f"column {name!r} of {place.where} must be times written one way; got {one} and {other}. "
        f"Write all of them with seconds, or treat the column as words ({place.as_kind(name)})."
    )


def _example(reading: Reading) -> str:
    return reading.form if reading.kind == "number" else example(reading.form)
