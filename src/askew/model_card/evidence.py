"""What rows or images say of a model: their scores, known anomalies among them, and why the worst are so."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from askew.drift import Drift
from askew.explain import ContactSheet, contact_sheet, explain
from askew.model_card.learning_curve import LearningCurve, rows_of

TOP_ROWS = 10
TOP_IMAGES = 12
TOP_FEATURES = 3
_EXPLAINED = 60
"""Rows explained at most: the most anomalous ones."""

_BACKGROUND = 500


@dataclass(frozen=True)
class Scored:
    """The scores (n,) that a model gives, whether each is `known` as an anomaly, and how many it flags.

    ``source`` is what they are of. ``drift`` says whether they are still what the model learned; None of rows that it
    was fitted on, or of a model that keeps no summary of them. ``curve`` is what more labels would add, if that was
    asked for; ``no_curve`` says why there is none although it was.
    """

    source: str
    scores: NDArray[np.float64]
    known: NDArray[np.bool_]
    n_flagged: int
    drift: Drift | None
    curve: LearningCurve | None
    no_curve: str

    @property
    def n_known(self) -> int:
        """The number of known anomalies."""
        return int(self.known.sum())

    @property
    def quality(self) -> tuple[float, float] | None:
        """AUROC and AUPRC of the known anomalies against the others; None without both kinds."""
        if self.known.all() or not self.known.any():
            return None
        anomaly_scores = -self.scores
        auprc = average_precision_score(self.known, anomaly_scores)
        return float(roc_auc_score(self.known, anomaly_scores)), float(auprc)


@dataclass(frozen=True)
class Evidence(Scored, ABC):
    """The scores and the reasons for the lowest ones, shown by the page's part ``template``."""

    template: ClassVar[str]

    @classmethod
    @abstractmethod
    def of(cls, model: Any, X: Any, scored: Scored, names: Sequence[Any] | None, name_of_names: str) -> Self:
        """Return the evidence of X, whose parts have `names`; None: they are numbered."""


@dataclass(frozen=True)
class RowEvidence(Evidence):
    """Rows of a table.

    ``reasons`` of the most anomalous rows have row (its id, or its number from 1), score, feature, observed, expected,
    share; ``drivers`` are the share of each feature in what lowers these scores, largest first. ``id_name`` is the
    column of the ids.
    """

    template: ClassVar[str] = "reasons.html.j2"

    reasons: pd.DataFrame
    drivers: pd.Series
    id_name: str

    @classmethod
    def of(cls, model: Any, X: Any, scored: Scored, names: Sequence[Any] | None, name_of_names: str) -> Self:
        """Return the scores of rows with what lowers the lowest ones."""
        worst = np.argsort(scored.scores, kind="stable")[:_EXPLAINED]
        usual = np.argsort(-scored.scores, kind="stable")[: max(len(scored.scores) // 2, 1)]
        background = np.random.default_rng(0).permutation(usual)[:_BACKGROUND]
        why: Any = explain(model, rows_of(X, worst), background=rows_of(X, background))
        why = replace(why, rows=pd.RangeIndex(len(worst)))
        reasons = why.top(TOP_FEATURES)
        reasons = reasons[reasons["row"] < TOP_ROWS]
        called = worst + 1 if names is None else [names[place] for place in worst]
        drivers = pd.Series(why.shares().mean(0), index=why.features).sort_values(ascending=False)
        return cls(
            **vars(scored),
            reasons=reasons.assign(place=reasons["row"], row=[called[place] for place in reasons["row"]]),
            drivers=drivers,
            id_name="row" if names is None else name_of_names,
        )


@dataclass(frozen=True)
class ImageEvidence(Evidence):
    """Images; ``sheet`` has the most and the least normal ones."""

    template: ClassVar[str] = "sheet.html.j2"

    sheet: ContactSheet

    @classmethod
    def of(cls, model: Any, X: Any, scored: Scored, names: Sequence[Any] | None, name_of_names: str) -> Self:
        """Return the scores of images with the sheet of the lowest and the highest ones."""
        return cls(**vars(scored), sheet=contact_sheet(model, X, top=TOP_IMAGES, names=names))
