"""The preparation of mixed tables as ONNX operations: one input per raw column, one matrix of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import ExportError
from askew.export.graph import Graph
from askew.inputs.encoders import Date, Frequency, Number, OneHot
from askew.inputs.mixed_columns import Column
from askew.inputs.mixed_tables import TablePreparation

_DAY = 86_400e6  # microseconds

_UNSEEN = "\0"  # no word of a table


def input_name(column: str) -> str:
    """Return the name of a raw column's input; column names alone could be those of outputs."""
    return f"column:{column}"


def prepared_numbers(graph: Graph, preparation: TablePreparation) -> str:
    """Add one input (rows, 1) per raw column, and the prepared numbers (rows, numbers) float64.

    Numbers, truth values and dates (microseconds of local time since 1970) are float64, a missing one is NaN;
    words are text without blanks around them, a missing one is "".
    """
    parts = [_column(graph, column) for column in preparation.columns]
    return graph.add("Concat", *parts, axis=1)


def fed(column: Column, array: pa.Array) -> NDArray[Any]:
    """Return a column that was brought to its kind as its input takes it, (rows, 1)."""
    if column.kind == "category":
        return np.array(["" if word is None else word for word in array.to_pylist()], dtype=object)[:, None]
    if column.kind == "date":
        array = array.cast(pa.int64()).cast(pa.float64(), safe=False)
        array = array.fill_null(float("nan"))
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.float64)[:, None]


def _column(graph: Graph, column: Column) -> str:
    encoder = column.encoder
    if column.origin:
        raise ExportError(
            f"column {column.name!r} cannot be written as ONNX: its whole numbers are beyond float64, which is what "
            "the file's inputs are. Deploy the file that save() writes, or leave the column out."
        )
    kind = "string" if column.kind == "category" else "double"
    value = graph.input(input_name(column.name), kind, 1)
    if isinstance(encoder, OneHot | Frequency):
        return _words(graph, column, encoder, value)
    absent = graph.add("IsNaN", value)
    if isinstance(encoder, Number):
        parts = [graph.add("Where", absent, graph.constant(encoder.fill), value)]
    elif isinstance(encoder, Date):
        parts = _date(graph, encoder, value, absent)
    else:
        raise ExportError(
            f"column {column.name!r} cannot be written as ONNX: there is no form of {type(encoder).__name__}. "
            "Deploy the file that save() writes."
        )
    return graph.add("Concat", *parts, *([graph.cast(absent, "double")] if column.gaps else []), axis=1)


def _words(graph: Graph, column: Column, encoder: OneHot | Frequency, value: str) -> str:
    """Add a look-up of each word's numbers, which are those that the column itself gives it."""
    known = [*encoder.levels, *encoder.rare] if isinstance(encoder, OneHot) else encoder.words.to_pylist()
    table = column.encode(pa.array([*known, None, _UNSEEN], pa.string()))
    place = graph.add(
        "LabelEncoder",
        value,
        ml=True,
        keys_strings=[*known, ""],
        values_int64s=list(range(len(known) + 1)),
        default_int64=len(known) + 1,
    )
    return graph.add("Gather", graph.constant(table), graph.vector(place), axis=0)


def _date(graph: Graph, date: Date, value: str, absent: str) -> list[str]:
    """Add the numbers of a date, each (rows, 1)."""
    add, number = graph.add, graph.constant
    days = add("Div", value, number(_DAY))
    days = add("Where", absent, number(date.middle), days)
    parts = [add("Sub", add("Clip", days, number(date.first), number(date.last)), number(date.first))]
    for circle in date.circles:
        angle = add("Mul", _turn(graph, days, circle), number(2 * np.pi))
        # a cosine is a sine a quarter turn on; runtimes lack the cosine of float64
        for shift in (0.0, np.pi / 2):
            wave = add("Sin", add("Add", angle, number(shift)))
            parts.append(add("Where", absent, number(0.0), wave))
    return parts


def _turn(graph: Graph, days: str, circle: str) -> str:
    """Add where on a circle each day is, as a share of the turn."""
    whole = graph.add("Floor", days)
    if circle == "hour":
        return graph.add("Sub", days, whole)
    if circle == "weekday":
        weeks = graph.add("Floor", graph.add("Div", whole, graph.constant(7.0)))
        rest = graph.add("Sub", whole, graph.add("Mul", weeks, graph.constant(7.0)))
        return graph.add("Div", rest, graph.constant(7.0))
    return graph.add("Div", _month(graph, whole), graph.constant(12.0))


def _month(graph: Graph, whole: str) -> str:
    """Add the month, 0 to 11, of whole days since 1970, by the rule of the calendar's eras of 400 years.

    Reference: Hinnant (2013), chrono-Compatible Low-Level Date Algorithms, ``civil_from_days``.
    """
    add, number = graph.add, graph.constant

    def whole_parts(value: str, size: float) -> str:
        return add("Floor", add("Div", value, number(size)))

    shifted = add("Add", whole, number(719_468.0))  # days since the 1st of March of the year 0
    era = add("Mul", whole_parts(shifted, 146_097.0), number(146_097.0))
    day = add("Sub", shifted, era)  # of the era
    leap = add("Sub", whole_parts(day, 1_460.0), whole_parts(day, 36_524.0))
    leap = add("Add", leap, whole_parts(day, 146_096.0))
    year = whole_parts(add("Sub", day, leap), 365.0)
    leap = add("Sub", whole_parts(year, 4.0), whole_parts(year, 100.0))
    before = add("Add", add("Mul", year, number(365.0)), leap)
    day = add("Sub", day, before)  # of a year that begins in March
    month = whole_parts(add("Add", add("Mul", day, number(5.0)), number(2.0)), 153.0)  # March is 0
    early = add("Less", month, number(10.0))
    return add("Where", early, add("Add", month, number(2.0)), add("Sub", month, number(10.0)))
