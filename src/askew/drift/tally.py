"""Counts of new rows, batch after batch, in the cells of a reference: constant memory whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.drift.cells import Gaps, Hours, Weekdays, days_of
from askew.drift.columns import columns_of
from askew.drift.reference import Part, Reference
from askew.drift.two_samples import Amounts

_SPAN = {Hours.name: 7.0, Weekdays.name: 56.0}
"""Days that new dates must span for their hours, their weekdays to be compared: a month has five Mondays or four."""


class Tally:
    """How many new rows fall into each cell of a reference; add rows with :meth:`add`."""

    def __init__(self, reference: Reference) -> None:
        self.n_rows = 0
        self.counts: list[Amounts] = [
            np.zeros(part.cells.n_cells, dtype=np.int64) for part in reference.parts
        ]
        held_out = reference.scores
        self.scores: Amounts = np.zeros(0 if held_out is None else len(held_out.points) + 1, dtype=np.int64)
        self._reference, self._generator = reference, np.random.default_rng(0)
        self._days: dict[str, tuple[float, float]] = {}

    def add(
        self, model: Any, X: Any, scores: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64] | None:
        """Count rows X, as `model` takes them, and return the scores that were counted, None if none are compared.

        `scores` (n_rows,) are those that the model gives, where they are known already.
        """
        columns = columns_of(model, X)
        for part, counts in zip(self._reference.parts, self.counts, strict=True):
            counts += part.cells.count(columns[part.column].values)
        held_out = self._reference.scores
        counted = None
        if held_out is not None:
            counted = held_out.comparable(model, X, scores, self._generator)
            self.scores += held_out.count(counted)
        for name in self._reference.days:
            if (found := days_of(columns[name].values)) is not None:
                first, last = self._days.get(name, found)
                self._days[name] = min(first, found[0]), max(last, found[1])
        self.n_rows += len(X)
        return counted

    def comparable(self, part: Part, now: Amounts) -> bool:
        """Return whether the rows can say anything of a part: gaps if there is any, hours if there are days of them."""
        if isinstance(part.cells, Gaps):
            return bool(part.counts[1] or now[1])
        first, last = self._days.get(part.column, (0.0, 0.0))
        return bool(now.sum()) and last - first >= _SPAN.get(part.cells.name, 0.0)

    def date_notes(self) -> Iterator[str]:
        """Yield where columns of dates lie that end a day later or begin a day earlier than the training rows'."""
        for name, (first, last) in self._days.items():
            start, end = self._reference.days[name]
            if first < start - 1 or last > end + 1:
                yield (
                    f"{name}: from {_date(first)} to {_date(last)}, training rows from {_date(start)} to {_date(end)}. "
                    "That time goes on is no drift of the column, but moves the scores of a model that learned from it "
                    "(askew fit --drop leaves it out)."
                )


def _date(days: float) -> str:
    return f"{datetime.fromtimestamp(days * 86_400, UTC):%Y-%m-%d}"
