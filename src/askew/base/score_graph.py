"""What a detector sees of the graph to which it adds its score; :mod:`askew.export` builds such graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from askew.base.preparation.column_scaling import LARGEST, ColumnScaling


class Operations(Protocol):
    """Operations of ONNX, added one by one; values are referred to by the names that the methods return."""

    def add(self, operation: str, *inputs: str, ml: bool = False, **attributes: Any) -> str:
        """Add an operation, of the machine-learning set if `ml`."""

    def constant(self, value: Any) -> str:
        """Add an array or a number: Python's floats become float64, its integers int64."""


class ScoreGraph(Operations, Protocol):
    """Operations, and what scores alone need."""

    def smallest(self, value: str, count: int) -> str:
        """Add the smallest entries of every row, (rows, count)."""

    def doubles(self, values: Sequence[float]) -> Any:
        """Return float64 numbers as an attribute of an operation takes them."""

    def cast(self, value: str, kind: str) -> str:
        """Add the value as another kind of number, such as "float" or "double"."""

    def vector(self, value: str) -> str:
        """Add a column (rows, 1) as (rows,)."""

    def column(self, value: str) -> str:
        """Add (rows,) as a column (rows, 1)."""

    def score(self, detector: Any, rows: str) -> str:
        """Add the score of a fitted detector, (rows,) float64, for `rows` (rows, features) as it checks them."""

    def codes(self, detector: Any, rows: str) -> str:
        """Add the code of each row by a fitted deep detector, (rows, code) float64."""


def add_scaled(graph: Operations, rows: str, columns: ColumnScaling) -> str:
    """Add the scaled columns of checked rows to a graph, (rows, features) float64."""
    add, number = graph.add, graph.constant
    z = rows if columns.origin is None else add("Sub", rows, number(columns.origin))
    z = add("Div", add("Sub", z, number(columns.mean)), number(columns.scale))
    if columns.knee is None:
        return z
    size = add("Min", add("Abs", z), number(LARGEST))
    beyond = add("Max", add("Sub", size, number(columns.knee)), number(0.0))
    near = add("Clip", z, number(-columns.knee), number(columns.knee))
    logarithm = add("Div", add("Log", add("Add", beyond, number(1.0))), number(columns.knee))
    far = add("Mul", add("Log", add("Add", logarithm, number(1.0))), number(columns.knee))
    return add("Add", near, add("Mul", add("Sign", z), far))
