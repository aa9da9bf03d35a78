"""How well two models order answers that neither had learned: AUROC, by cross-fitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from askew.distributed.jobs import call_each
from askew.fitting.refit import refit
from askew.labels import ours

FEWEST = 5
"""Answers of each kind from which on models are compared."""

_RESAMPLES = 2000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Comparison:
    """The AUROC of answers by the old and by the new model, and the 95 % bootstrap interval of the difference.

    Answers are those that the old model had not learned, `n_anomalies` and `n_normal` of them. The new model's scores
    are cross-fitted: an answer is scored by a model that was refitted with the answers of the `n_folds` - 1 other
    parts.
    """

    n_anomalies: int
    n_normal: int
    n_folds: int
    before: float
    after: float
    low: float
    high: float

    @classmethod
    def of(
        cls, before: NDArray[np.float64], after: NDArray[np.float64], said: NDArray[np.int8], n_folds: int
    ) -> Self:
        """Return what scores (n,) by both models, higher = more normal, say of the answers (n,), +1 or -1."""
        anomalies, normal = said < 0, said > 0
        wins = [_wins(scores[anomalies], scores[normal]) for scores in (before, after)]
        random, n, m = np.random.default_rng(0), int(anomalies.sum()), int(normal.sum())
        rows, columns = (random.multinomial(k, np.full(k, 1 / k), size=_RESAMPLES) for k in (n, m))
        difference = np.einsum("bi,ij,bj->b", rows, wins[1] - wins[0], columns) / (n * m)
        low, high = np.percentile(difference, _INTERVAL)
        return cls(n, m, n_folds, float(wins[0].mean()), float(wins[1].mean()), float(low), float(high))

    def in_words(self) -> str:
        """Return the comparison as a sentence."""
        return (
            f"AUROC of the {self.n_anomalies + self.n_normal:,} new answers ({self.n_anomalies:,} anomalies): "
            f"{self.before:.3f} by the old model, {self.after:.3f} by refits that had not learned them "
            f"({self.n_folds} parts); difference {self.after - self.before:+.3f}, 95 % interval {self.low:+.3f} to "
            f"{self.high:+.3f}."
        )


def compare(
    model: Any,
    X: Any,
    y: NDArray[np.int8],
    new: NDArray[np.bool_],
    n_folds: int,
    warm_start: bool,
    progress: Callable[[float], object],
) -> Comparison | None:
    """Return how a fitted model and refits of it order the answers that are `new` to it, (n_rows,) of the labels y.

    The answers are parted into `n_folds`, each with its share of both kinds; for each part the model is refitted on
    all rows, with that part unlabelled; `progress` is told how much is done. None where
    there are fewer than 5 new answers of a kind.
    """
    said = np.where(new, y, 0)
    if min((said < 0).sum(), (said > 0).sum()) < FEWEST:
        return None
    before, after = _standing(model, X), np.zeros(len(y))
    parts = np.full(len(y), -1)
    random = np.random.default_rng(0)
    for kind in (-1, 1):
        rows = random.permutation(np.flatnonzero(said == kind))
        parts[rows] = np.arange(len(rows)) % n_folds
    hidden = [parts == part for part in range(n_folds)]
    calls = [(model, X, np.where(rows, 0, y), rows, warm_start) for rows in hidden]
    for rows, found in zip(
        hidden, call_each(_crossed, calls, told=lambda count: progress(count / n_folds)), strict=True
    ):
        after[rows] = found
    asked = said != 0
    return Comparison.of(before[asked], after[asked], said[asked], n_folds)


def _crossed(
    model: Any, X: Any, y: NDArray[np.int8], rows: NDArray[np.bool_], warm_start: bool
) -> NDArray[np.float64]:
    """Return the standing of some rows by a refit with these labels."""
    return _standing(refit(model, X, ours(y), warm_start=warm_start), X)[rows]


def _standing(model: Any, X: Any) -> NDArray[np.float64]:
    """Return the share of the rows that score as low as each, which can be compared between models, (n_rows,)."""
    scores = model.score_samples(X)
    return np.asarray(rankdata(scores, method="max") / len(scores), dtype=np.float64)


def _wins(anomalies: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 where an anomaly scores lower than a normal row, 1/2 where they tie, else 0: (anomalies, normal)."""
    differences = normal[None, :] - anomalies[:, None]
    return np.asarray((np.sign(differences) + 1) / 2, dtype=np.float64)
