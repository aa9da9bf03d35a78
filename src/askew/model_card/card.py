"""What there is to say of a model: from its file alone, and from a table if one is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from askew import index, labels
from askew.base.detector import Detector
from askew.base.facts import Facts
from askew.base.wrapper import unwrap
from askew.calibration import Threshold
from askew.explain import ContactSheet, contact_sheet, explain
from askew.model_card.learning_curve import FEWEST, LearningCurve, learning_curve, rows_of
from askew.model_card.sentences import CARD

TOP_ROWS = 10
TOP_IMAGES = 12
TOP_FEATURES = 3
_EXPLAINED = 60
"""Rows explained at most: the most anomalous ones."""

_BACKGROUND = 500


@dataclass(frozen=True)
class Evidence:
    """What a table of rows, or a folder of images, says of a model; ``source`` is its name.

    ``known`` (n_rows,) says whether a row is labelled as an anomaly. ``reasons`` of the most anomalous rows have row
    (the first is 1), score, feature, observed, expected, share; ``drivers`` are the share of each feature in what
    lowers these scores, largest first; both are empty for images. ``no_curve`` says why there is no learning curve.
    ``sheet`` has the most and the least normal images, of a model of images.
    """

    source: str
    scores: NDArray[np.float64]
    known: NDArray[np.bool_]
    n_flagged: int
    reasons: pd.DataFrame
    drivers: pd.Series
    curve: LearningCurve | None
    no_curve: str
    sheet: ContactSheet | None = None

    @property
    def n_known(self) -> int:
        """The number of known anomalies."""
        return int(self.known.sum())

    @property
    def quality(self) -> tuple[float, float] | None:
        """AUROC and AUPRC of the known anomalies against the other rows; None without both kinds."""
        if self.known.all() or not self.known.any():
            return None
        anomaly_scores = -self.scores
        auprc = average_precision_score(self.known, anomaly_scores)
        return float(roc_auc_score(self.known, anomaly_scores)), float(auprc)


@dataclass(frozen=True)
class Card:
    """What there is to say of a model: name of its file, detector's class and summary, its parameters.

    ``features`` are columns, empty if they have no names; ``facts`` were noted at training, ``threshold`` is around the
    model, and ``evidence`` is what a table says of it.
    """

    name: str
    model: Any
    method: str
    summary: str
    features: tuple[str, ...]
    facts: Facts | None
    settings: dict[str, str]
    threshold: Threshold | None
    evidence: Evidence | None

    @property
    def detector(self) -> Detector:
        """The detector inside of all that is around it."""
        return unwrap(self.model)

    @property
    def uses_labels(self) -> bool:
        """Whether known anomalies took part in training."""
        return self.detector.uses_labels

    @property
    def n_trained(self) -> int:
        """The number of training rows; 0 if the file does not say it."""
        facts = self.facts
        return 0 if facts is None else facts.n_normal + facts.n_unlabelled + facts.n_anomalies

    @property
    def contamination(self) -> float | None:
        """The share of training rows that are flagged; None if the threshold was set otherwise."""
        share: float | None = getattr(self.model, "contamination", None)
        return share

    @property
    def image_shape(self) -> tuple[int, int, int] | None:
        """(channels, height, width) of a model of images, None of tables."""
        return self.detector.image_shape_

    @property
    def things(self) -> str:
        """What the model scores, in words."""
        return "rows" if self.image_shape is None else "images"


def collect(model: Any, name: str, evidence: Evidence | None = None) -> Card:
    """Return the card of a fitted model, called ``name``, with what :func:`gather` found."""
    detector = unwrap(model)
    names = getattr(model, "feature_names_in_", None)
    settings = {
        key: str(value)
        for key, value in sorted(detector.get_params(deep=True).items())
        if not hasattr(value, "get_params")
    }
    return Card(
        name=name,
        model=model,
        method=type(detector).__name__,
        summary=index.entries()[detector.name].summary,
        features=() if names is None else tuple(str(each) for each in names),
        facts=detector.facts_,
        settings=settings,
        threshold=model if isinstance(model, Threshold) else None,
        evidence=evidence,
    )


def gather(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    source: str = "the table",
    names: Sequence[str] | None = None,
    curve: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Evidence:
    """Score and explain the rows of a table, and with `curve` learn what more labels would add.

    Parameters
    ----------
    model : Detector, Prepared or Threshold
        Fitted.
    X : array, DataFrame or Arrow table of shape (n_rows, n_features), or images (n_images, channels, height, width)
    y : vector of n_rows labels, optional
        +1, 0 or -1.
    source : str
        What to call the table.
    names : sequence of n_images, optional
        What to call the images, such as their paths.
    curve : bool
        Whether to fit copies of the model with fewer labels; takes as long as some two dozen fits on at most
        3,000 rows. X must then be training rows.
    progress : callable, optional
        Called with the share of the learning curve that is done.
    """
    scores = np.asarray(model.score_samples(X), dtype=np.float64)
    known = np.asarray(labels.check(y, len(scores), owner="gather")) < 0
    flagged = model.judge(scores).prediction if isinstance(model, Threshold) else model.predict(X)
    sheet = None
    if unwrap(model).image_shape_ is None:
        reasons, drivers = _reasons(model, X, scores)
    else:
        reasons, drivers = pd.DataFrame(), pd.Series(dtype=float)
        sheet = contact_sheet(model, X, top=TOP_IMAGES, names=names)
    n_known, detector = int(known.sum()), unwrap(model)
    learned, missing = None, ""
    if curve and detector.uses_labels and n_known >= FEWEST:
        while isinstance(model, Threshold):
            model = model.inner
        learned = learning_curve(model, X, y, progress=progress)
    else:
        asked = (type(detector).__name__, FEWEST, n_known, detector.uses_labels)
        missing = CARD.say("no_curve", *asked)[0]
    n_flagged = int((flagged == -1).sum())
    return Evidence(source, scores, known, n_flagged, reasons, drivers, learned, missing, sheet)


def _reasons(model: Any, X: Any, scores: NDArray[np.float64]) -> tuple[pd.DataFrame, pd.Series]:
    """Return the reasons of the most anomalous rows of a table, and what drives their scores."""
    worst = np.argsort(scores, kind="stable")[:_EXPLAINED]
    usual = np.argsort(-scores, kind="stable")[: max(len(scores) // 2, 1)]
    background = np.random.default_rng(0).permutation(usual)[:_BACKGROUND]
    why: Any = explain(model, rows_of(X, worst), background=rows_of(X, background))
    why = replace(why, rows=pd.Index(worst + 1))  # numbered as `askew score` numbers them
    reasons = why.top(TOP_FEATURES)
    drivers = pd.Series(why.shares().mean(0), index=why.features).sort_values(ascending=False)
    return reasons[reasons["row"].isin(list(why.rows[:TOP_ROWS]))], drivers
