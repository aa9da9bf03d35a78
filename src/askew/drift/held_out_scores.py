"""Scores that a model gave to rows it was not fitted on: those of its own training rows are better than others'."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from askew.base.prepared import Prepared
from askew.base.wrapper import Wrapper, unwrap
from askew.calibration import Threshold
from askew.detectors.auto import AutoDetector
from askew.detectors.auto.candidates import MAX_ROWS
from askew.drift.two_samples import Amounts, Difference, more_in_the_tail, shift
from askew.scoring.row_source import take_rows

_POINTS = 256
TAIL = 0.05
"""Share of held-out rows whose scores are the lowest: they are compared by themselves."""

_KNOWN_BY_COUNT = 0.1
"""Of ``auto`` the lowest share that is counted; what its scores say of smaller ones is a fitted tail."""

_SAME = 0.8  # share of the training rows' quantiles that are among the scores of rows, from which on they are these
_ENOUGH = 20  # different quantiles that can tell


@dataclass(frozen=True)
class HeldOutScores:
    """Scores of `n` held-out rows, counted between `points`, (points + 1,); `source` says which rows they are.

    The share `lowest` of them, those with the lowest scores, is compared by itself, too.
    Where they are of several `models`, of which each left out a part of the rows, new rows are scored by one of them,
    too: the model's own score, the mean of all, varies less than theirs, so it would seem to have drifted.
    """

    points: NDArray[np.float64]
    counts: Amounts
    n: int
    source: str
    models: tuple[Any, ...] = ()
    lowest: float = TAIL

    @classmethod
    def of(cls, scores: NDArray[np.float64], source: str) -> Self:
        """Return the counts of scores, (n,)."""
        ordered = np.sort(scores)
        levels = np.ceil(len(ordered) * np.arange(1, _POINTS) / _POINTS).astype(int) - 1
        points = np.unique(ordered[levels])
        counts = np.bincount(np.searchsorted(points, ordered), minlength=len(points) + 1)
        return cls(points, counts, len(ordered), source)

    def comparable(
        self, model: Any, X: Any, scores: NDArray[np.float64] | None, generator: np.random.Generator
    ) -> NDArray[np.float64]:
        """Return scores of new rows X that are made as those of the held-out rows, (n_rows,).

        `scores` are those that `model` gives, where they are known.
        """
        if not self.models:
            return np.asarray(model.score_samples(X) if scores is None else scores, dtype=np.float64)
        of_rows = generator.integers(len(self.models), size=len(X))
        found = np.empty(len(of_rows))
        for place, one in enumerate(self.models):
            rows = np.flatnonzero(of_rows == place)
            if len(rows):
                found[rows] = one.score_samples(take_rows(X, rows))
        return found

    def cells(self, scores: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return between which points each score falls, (n_rows,)."""
        return np.searchsorted(self.points, scores)

    def count(self, scores: NDArray[np.float64]) -> Amounts:
        """Return how many scores fall between the points, (points + 1,)."""
        return np.bincount(self.cells(scores), minlength=len(self.points) + 1)

    @property
    def tail(self) -> int:
        """Number of cells that hold the lowest scores."""
        below = self.counts.cumsum()[:-1]
        return int(np.abs(below - self.lowest * self.n).argmin()) + 1

    @property
    def tail_share(self) -> float:
        """Share of the held-out rows in these cells."""
        return float(self.counts[: self.tail].sum() / self.n)

    def compared(self, now: Amounts) -> Difference:
        """Return how the scores of new rows differ: by the test of all of them or that of the lowest, times two.

        Both are functions of the rows' conformal p-values. The cell is -1 where the lowest differ more.
        """
        whole, in_tail, m = shift(self.counts, now), int(now[: self.tail].sum()), int(now.sum())
        p_tail = more_in_the_tail(self.n, round(self.tail_share * self.n), m, in_tail)
        share_now = in_tail / max(m, 1)
        p = min(1.0, 2 * min(whole.p_value, p_tail))
        if p_tail < whole.p_value:
            return Difference(p, whole.distance, -1, self.tail_share, share_now)
        return whole._replace(p_value=p)


def held_out_scores(model: Any) -> HeldOutScores | None:
    """Return the scores that a model keeps of rows it was not fitted on; None if it keeps none.

    A threshold keeps those of its held-out rows. ``auto`` scores each training row by models that have not seen it,
    and its scores are the logarithm of how rare they are among these.
    """
    inner = model
    while isinstance(inner, Wrapper):
        if isinstance(inner, Threshold):
            return HeldOutScores.of(inner.calibration_, "rows held out for the threshold")
        inner = inner.inner
    detector = unwrap(model)
    if not isinstance(detector, AutoDetector) or not detector.evidence_ or detector.facts_ is None:
        return None
    models = tuple(_around(model, each) for each in _fold_models(detector))
    if len(models) < 2:  # so few rows that none was left out
        return None
    n = min(detector.facts_.n_normal + detector.facts_.n_unlabelled, MAX_ROWS)
    points = np.log(np.arange(1, _POINTS) / _POINTS)
    source = "training rows, each scored by models that had not seen it"
    return HeldOutScores(points, np.full(_POINTS, n / _POINTS), n, source, models, _KNOWN_BY_COUNT)


def _fold_models(detector: AutoDetector) -> list[AutoDetector]:
    """Return the detectors of which each left out one fold: of every bag one model, on the bag's scale."""
    n_models = min(len(bag.models) for bag in detector.bags_.values())
    found = []
    for place in range(n_models):
        one = copy(detector)
        one.bags_ = {
            name: replace(
                bag,
                models=bag.models[place : place + 1],
                centres=bag.centres[[place]],
                spreads=bag.spreads[[place]],
            )
            for name, bag in detector.bags_.items()
        }
        found.append(one)
    return found


def _around(model: Any, detector: AutoDetector) -> Any:
    """Return a model like `model` with another detector inside."""
    if not isinstance(model, Prepared):
        return detector
    other = copy(model)
    other.detector_ = detector
    return other


def are_training_rows(model: Any, scores: NDArray[np.float64]) -> bool:
    """Return whether rows with these scores, (n,), are those that a model was fitted on, which it tells by the scores.

    Its file has quantiles of the training rows' scores; those of other rows are not quite the same numbers.
    """
    facts = unwrap(model).facts_
    known = np.unique([] if facts is None else facts.score_quantiles)
    known = known[np.isfinite(known)]
    if len(known) < _ENOUGH:
        return False
    ordered = np.sort(scores)
    near = np.searchsorted(ordered, known)
    apart = np.minimum(
        *(np.abs(ordered[np.clip(near - each, 0, len(ordered) - 1)] - known) for each in (0, 1))
    )
    close = max(1e-3 / len(ordered), 1e-9) * float(known[-1] - known[0])
    return bool((apart <= close).mean() >= _SAME)
