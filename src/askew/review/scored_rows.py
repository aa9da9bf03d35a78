"""The rows of a session as one model sees them: scores, threshold, severities, ranks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from askew.base import DeepDetector
from askew.base.prepared import raw_columns
from askew.base.wrapper import unwrap
from askew.detectors.auto import AutoDetector
from askew.detectors.auto.candidates import ON_SCORES
from askew.explain.model_view import ModelView

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """What a model, the one of that `number` in the session, says of all rows.

    `scores` and `severities` are (n_rows,); a row whose score is below `threshold` is flagged.
    """

    number: int
    model: Any
    scores: Floats
    severities: Floats
    threshold: float

    @classmethod
    def of(cls, number: int, model: Any, X: Any) -> ScoredRows:
        """Score all rows. The severity of a model without a fitted threshold is among these rows."""
        from askew.calibration import Threshold

        scores = np.asarray(model.score_samples(X), dtype=np.float64)
        if isinstance(model, Threshold):
            threshold = float(model.cut_off(scores))
            return cls(number, model, scores, model.judge(scores, threshold).severity, threshold)
        severities = 100.0 * (1.0 - rankdata(scores, method="max") / (len(scores) + 1))
        return cls(number, model, scores, severities, float(model.offset_))

    @cached_property
    def flagged(self) -> NDArray[np.bool_]:
        """Rows that the model flags, (n_rows,)."""
        return self.scores < self.threshold

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The rows, the most anomalous first."""
        return np.argsort(self.scores, kind="stable")

    @cached_property
    def ranks(self) -> NDArray[np.intp]:
        """The place of each row in :attr:`order`, from 1."""
        ranks = np.empty(len(self.scores), dtype=np.intp)
        ranks[self.order] = np.arange(1, len(ranks) + 1)
        return ranks

    def member_scores(self, X: Any) -> Floats | None:
        """Return the scores by each member of an ensemble, (n_members, n_rows); None of a model without members."""
        detector: Any = unwrap(self.model)
        numbers = X if raw_columns(self.model) is None else ModelView(self.model).numbers(X)
        if isinstance(detector, DeepDetector):
            return detector.member_scores(numbers)
        return (
            _parts(detector, numbers) if isinstance(detector, AutoDetector) and detector.evidence_ else None
        )


def _parts(detector: AutoDetector, X: Any) -> Floats:
    """Return how normal each of the detectors that `auto` chose finds the rows, (n_chosen, n_rows)."""
    x = detector._columns(detector._validated(X))
    parts = {name: detector.bags_[name](x) for name in detector.chosen_ if name not in ON_SCORES}
    return -np.stack(list(parts.values()))
