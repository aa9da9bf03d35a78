"""What a detector sees of the graph to which it adds its score; :mod:`askew.export` builds such graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class ScoreGraph(Protocol):
    """Operations of ONNX, added one by one; values are referred to by the names that the methods return."""

    def add(self, operation: str, *inputs: str, ml: bool = False, **attributes: Any) -> str:
        """Add an operation, of the machine-learning set if `ml`."""

    def constant(self, value: Any) -> str:
        """Add an array or a number: Python's floats become float64, its integers int64."""

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
