"""Drift of the rows that are served, told in a hundredth of the time that there is."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.drift import DriftFigures, DriftMonitor, keeps_columns
from askew.scoring.request_rows import form_of_rows
from askew.scoring.row_source import join_rows

_REST = 99.0
"""Counting rests so many times as long as it took: answers come first."""

_MOST_ROWS, _MOST_REQUESTS = 5_000, 200
"""What waits to be counted together, at most; of a busy service a part is counted."""


class DriftWatch:
    """Counts the rows that one model is served and says how far they are from what it learned.

    A model without a summary of its training rows, and one of scores alone, has nothing to compare with. It is used by
    the one thread that scores.
    """

    def __init__(self, model: Any, rest: float = _REST) -> None:
        self._monitor = DriftMonitor(model) if keeps_columns(model) else None
        self._rest, self._until = rest, 0.0
        self._waiting: list[tuple[Any, NDArray[np.float64]]] = []
        self._n_rows = 0

    def add(self, X: Any, scores: NDArray[np.float64]) -> None:
        """Take the rows X of a request, as the model takes them, and their scores (n_rows,), if there is room."""
        if self._monitor is None or len(self._waiting) >= _MOST_REQUESTS or self._n_rows > _MOST_ROWS:
            return
        if not self._waiting or form_of_rows(X) == form_of_rows(self._waiting[0][0]):
            self._waiting.append((X, scores))
            self._n_rows += len(scores)

    def figures(self) -> DriftFigures | None:
        """Count what waits and return what there is to show; None while counting rests, and if there is nothing new."""
        start = time.perf_counter()
        if self._monitor is None or not self._waiting or start < self._until:
            return None
        rows, scores = zip(*self._waiting, strict=True)
        self._monitor.add(rows[0] if len(rows) == 1 else join_rows(rows), np.concatenate(scores))
        self._waiting, self._n_rows = [], 0
        found = self._monitor.figures()
        end = time.perf_counter()
        self._until = end + self._rest * (end - start)
        return found
