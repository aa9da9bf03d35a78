"""What a person is told of how the text of a table was read, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.column_names import listed
from askew.inputs.number_dates import number_dates
from askew.inputs.stand_ins import stand_in
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import Finding, Reading, read_words
from askew.inputs.word_levels import WordLevels, as_mask
from askew.inputs.written_clocks import CLOCKS
from askew.inputs.written_dates import example
from askew.inputs.written_numbers import NumberForm, read_numbers

_HALF = 0.5  # share of numbers or dates among words from which a person is told


def form_notes(
    forms: Mapping[str, NumberForm | None], found: Mapping[str, Finding], words: Mapping[str, pa.Array]
) -> Iterator[str]:
    """Yield for each way of writing numbers a cell so written, its value, and the columns."""
    examples: dict[NumberForm, str] = {}
    columns: dict[NumberForm, list[str]] = {}
    for name, form in forms.items():
        if form is None:
            continue
        levels = found[name].levels if len(found[name].levels) else WordLevels.of(words[name][:1000])
        if cell := _telling(levels, form):
            columns.setdefault(form, []).append(name)
            examples[form] = max(cell, examples.get(form, ""), key=len)
    for form, names in columns.items():
        value = read_numbers(pa.array([examples[form]]), form)[0].as_py()
        yield f"numbers written like {examples[form]!r} are read as {value:.10g}: {listed(names)}."


def clock_notes(found: Mapping[str, Finding]) -> Iterator[str]:
    """Yield that times are read as numbers of a unit."""
    for name, each in found.items():
        if each.clocks is not None:
            form = each.clocks.form
            words = each.levels.words
            values = read_words(words, Reading("number", form)).values
            place = int(as_mask(pc.is_valid(values)).argmax())
            value, count = values[place].as_py(), CLOCKS[form]
            yield f"column {name!r}: times such as {words[place].as_py()!r} are read as {value:.10g} {count}."


def absent_notes(found: Mapping[str, Finding]) -> Iterator[str]:
    """Yield which words are taken as missing, a line for columns with the same ones."""
    columns: dict[tuple[str, ...], dict[str, int]] = {}
    for name, each in found.items():
        if each.absent:
            columns.setdefault(tuple(sorted(each.absent)), {})[name] = sum(each.absent.values())
    for words, counts in columns.items():
        cells = sum(counts.values())
        yield (
            f"{listed(words)} {'is' if len(words) == 1 else 'are'} taken as missing in {cells:,} "
            f"cell{'' if cells == 1 else 's'} of {listed(list(counts))}."
        )


def word_notes(name: str, found: Finding, place: TablePlace) -> Iterator[str]:
    """Yield that words are in good part numbers or dates."""
    for kind, ways in (("numbers", found.numbers), ("dates", found.dates)):
        if ways is None or ways.share < _HALF or not ways.forms:
            continue
        form = ways.forms[0]
        read = (
            read_numbers(found.levels.words, form)
            if isinstance(form, NumberForm)
            else read_words(found.levels.words, Reading("date", form)).values
        )
        fine = np.asarray(as_mask(pc.is_valid(read)))
        yield (
            f"column {name!r} is taken as words: {ways.share:.0%} of its cells are {kind} "
            f"({found.levels.first(fine)!r}), others are not ({found.levels.first(~fine)!r}); "
            f"--na takes a word as missing, {place.as_kind(name, kind.removesuffix('s'))} names the cell to correct."
        )


def date_note(name: str, form: str, place: TablePlace) -> str:
    """Return that whole numbers are read as dates."""
    return (
        f"column {name!r}: its whole numbers are read as dates ({example(form)}); "
        f"{place.as_kind(name, 'number')} keeps them numbers."
    )


def number_notes(name: str, column: Any, kinds: Mapping[str, str], place: TablePlace) -> Iterator[str]:
    """Yield that numbers look like dates or gaps, unless their kind is given; refuse dates of two forms."""
    if name in kinds or not is_number(column.type):
        return
    forms = number_dates(column)
    if len(forms) > 1:
        first, second = (example(form) for form in forms[:2])
        raise place.error(
            f"column {name!r} of {place.where} must be dates written one way; got numbers like {first} and like "
            f"{second}. Write all of them alike, or say that they are numbers ({place.as_kind(name, 'number')})."
        )
    if forms:
        yield (
            f"column {name!r}: its numbers look like dates ({example(forms[0])}); "
            f"{place.as_kind(name, 'date')} reads them as dates."
        )
    if found := stand_in(column):
        remedy = f"--na={found.value:.10g}" if place.is_file else "make it NaN"
        yield (
            f"column {name!r}: {found.value:.10g} in {found.cells:,} cells is learned from like any number; "
            f"if it stands for a missing value: {remedy}."
        )


def _telling(levels: WordLevels, form: NumberForm) -> str:
    """Return a number that shows best how it is written: the longest of some."""
    words = levels.sample(200).words
    fine = as_mask(pc.is_valid(read_numbers(words, form)))
    return max(words.filter(pa.array(fine)).to_pylist(), key=len, default="")


def is_number(type_: pa.DataType) -> bool:
    """Return whether a type of Arrow is one of whole or floating-point numbers."""
    return bool(pa.types.is_floating(type_) or pa.types.is_integer(type_))
