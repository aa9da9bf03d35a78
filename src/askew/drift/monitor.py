"""Drift of rows that come one after another for ever, such as those of a service: figures for a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.drift.alarm import ScoreAlarm
from askew.drift.columns import rows_of
from askew.drift.reference import reference_of
from askew.drift.tally import Tally


@dataclass(frozen=True)
class DriftFigures:
    """How far the latest rows are from what the model learned.

    `n_rows` are all rows, `n_latest` those that distances are of. `columns` has of each column the largest distance of
    its values and its gaps, 0 to 1: the share of rows that would have to be others. `scores` is that of the scores,
    `evidence` that of :class:`~askew.drift.alarm.ScoreAlarm`, and `alarm` whether that was ever enough; None if the
    model keeps no scores of held-out rows.
    """

    n_rows: int
    n_latest: int
    columns: dict[str, float]
    scores: float | None
    evidence: float | None
    alarm: bool | None


class DriftMonitor:
    """Counts rows as they come, in constant memory, and says how far the latest are from what the model learned.

    Distances are of the latest `window` to twice as many rows. They are no tests: of few rows they are large by chance.
    The alarm is one, see :class:`~askew.drift.alarm.ScoreAlarm`; it stays once it is raised. Not for several threads
    at once.

    Parameters
    ----------
    model : Detector, Prepared or Threshold
        Fitted, with a summary of its training rows (:func:`~askew.drift.keeps_columns`); else InvalidInputError is
        raised.
    window : int
        Rows after which older ones begin to be forgotten.
    rows_per_alarm : float
        Rows without drift per false alarm, on average at least.

    Examples
    --------
    >>> import askew, numpy as np
    >>> X = np.random.default_rng(0).normal(size=(900, 2))
    >>> model = askew.AutoDetector(candidates=("mahalanobis",), random_state=0).fit(X[:600])
    >>> askew.drift.keep_columns(model, X[:600])
    >>> monitor = DriftMonitor(model)
    >>> for start in (600, 700, 800):
    ...     rows = X[start : start + 100] + [0.0, 2.0]
    ...     monitor.add(rows, model.score_samples(rows))
    >>> figures = monitor.figures()
    >>> figures.alarm, figures.columns["x0"] < 0.2 < 0.5 < figures.columns["x1"]
    (True, True)
    """

    def __init__(self, model: Any, window: int = 10_000, rows_per_alarm: float = 1e6) -> None:
        self._model, self._reference, self._window = model, reference_of(model), window
        self._earlier, self._latest = Tally(self._reference), Tally(self._reference)
        held_out = self._reference.scores
        self._alarm = None if held_out is None else ScoreAlarm(held_out, rows_per_alarm)
        self.n_rows = 0

    def add(self, X: Any, scores: NDArray[np.float64]) -> None:
        """Count rows X, as the model takes them, and their scores (n_rows,)."""
        counted = self._latest.add(self._model, rows_of(X), scores)
        if self._alarm is not None and counted is not None:
            self._alarm.add(counted)
        self.n_rows += len(scores)
        if self._latest.n_rows >= self._window:
            self._earlier, self._latest = self._latest, Tally(self._reference)

    def figures(self) -> DriftFigures:
        """Return how far the latest rows are from what the model learned."""
        columns: dict[str, float] = {}
        for part, earlier, latest in zip(
            self._reference.parts, self._earlier.counts, self._latest.counts, strict=True
        ):
            both = earlier + latest
            compared = self._earlier.comparable(part, both) or self._latest.comparable(part, both)
            distance = part.compared(both).distance if compared else 0.0
            columns[part.column] = max(columns.get(part.column, 0.0), distance)
        held_out, alarm = self._reference.scores, self._alarm
        return DriftFigures(
            n_rows=self.n_rows,
            n_latest=self._earlier.n_rows + self._latest.n_rows,
            columns=columns,
            scores=None
            if held_out is None
            else held_out.compared(self._earlier.scores + self._latest.scores).distance,
            evidence=None if alarm is None else alarm.evidence,
            alarm=None if alarm is None else alarm.raised,
        )
