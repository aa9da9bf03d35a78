"""What there is to say of a model: from its file alone, and from rows or images if some are given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from askew import index, labels
from askew.base.detector import Detector
from askew.base.facts import Facts
from askew.base.prepared import extreme_cells_of
from askew.base.wrapper import unwrap
from askew.calibration import Threshold
from askew.drift import Drift, are_training_rows, compare, keeps_columns
from askew.model_card.evidence import Evidence, ImageEvidence, RowEvidence, Scored
from askew.model_card.learning_curve import FEWEST, LearningCurve, learning_curve
from askew.model_card.sentences import CARD

_COLUMNS = 10  # whose extreme training cells are named


@dataclass(frozen=True)
class Card(ABC):
    """What there is to say of a model: name of its file, detector's class and summary, its parameters.

    ``facts`` were noted at training, ``threshold`` is around the model, and ``evidence`` is what rows or images say of
    it. A class of cards is for models that score one ``unit``: what it says of them are the macros of that name.
    """

    unit: ClassVar[str]
    evidence_type: ClassVar[type[Evidence]]

    name: str
    model: Any
    method: str
    summary: str
    facts: Facts | None
    settings: dict[str, str]
    threshold: Threshold | None
    evidence: Any

    @property
    @abstractmethod
    def size(self) -> tuple[str, str]:
        """How large what it scores is, and in what: a number or two, and words."""

    def say(self, macro: str) -> list[str]:
        """Return what a macro says of models of this unit."""
        return CARD.say(f"{macro}_of_{self.unit}", self)

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
    def extremes(self) -> list[str]:
        """A sentence on the extreme training cells of each column that had some, ten columns at most."""
        return [each.in_words() for each in extreme_cells_of(self.model)[:_COLUMNS]]

    @property
    def keeps_columns(self) -> bool:
        """Whether the file keeps a summary of the training rows' columns, to tell drift by."""
        return keeps_columns(self.model)

    @property
    def contamination(self) -> float | None:
        """The share of training rows that are flagged; None if the threshold was set otherwise."""
        share: float | None = getattr(self.model, "contamination", None)
        return share


class RowCard(Card):
    """The card of a model of tables."""

    unit: ClassVar[str] = "rows"
    evidence_type: ClassVar[type[Evidence]] = RowEvidence

    @property
    def features(self) -> tuple[str, ...]:
        """The columns, empty if they have no names."""
        names = getattr(self.model, "feature_names_in_", None)
        return () if names is None else tuple(str(each) for each in names)

    @property
    def size(self) -> tuple[str, str]:
        """The number of columns."""
        return str(self.model.n_features_in_), "columns"


class ImageCard(Card):
    """The card of a model of images."""

    unit: ClassVar[str] = "images"
    evidence_type: ClassVar[type[Evidence]] = ImageEvidence

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        shape: Any = self.detector.image_shape_
        return shape  # type: ignore[no-any-return]

    @property
    def size(self) -> tuple[str, str]:
        """Width and height in pixels."""
        channels, height, width = self.image_shape
        colours = {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")
        return f"{width} x {height}", f"pixels, {colours}"


_CARDS: dict[str, type[Card]] = {card.unit: card for card in (RowCard, ImageCard)}


def collect(model: Any, name: str, evidence: Evidence | None = None) -> Card:
    """Return the card of a fitted model, called ``name``, with what :func:`gather` found."""
    detector = unwrap(model)
    settings = {
        key: str(value)
        for key, value in sorted(detector.get_params(deep=True).items())
        if not hasattr(value, "get_params")
    }
    return _CARDS[detector.unit_](
        name=name,
        model=model,
        method=type(detector).__name__,
        summary=index.entries()[detector.name].summary,
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
    names: Sequence[Any] | None = None,
    id_name: str = "id",
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
    names : sequence of n_rows, optional
        What to call the rows or images, such as ids or paths; rows are numbered from 1 without it.
    id_name : str
        What the names of rows are.
    curve : bool
        Whether to fit copies of the model with fewer labels; takes as long as some two dozen fits on at most
        3,000 rows. X must then be training rows.
    progress : callable, optional
        Called with the share of the learning curve that is done.
    """
    scores = np.asarray(model.score_samples(X), dtype=np.float64)
    known = np.asarray(labels.check(y, len(scores), owner="gather")) < 0
    flagged = model.judge(scores).prediction if isinstance(model, Threshold) else model.predict(X)
    learned, missing = _curve(model, X, y, int(known.sum()), progress) if curve else (None, "")
    drift = _drift(model, X, scores)
    scored = Scored(source, scores, known, int((flagged == -1).sum()), drift, learned, missing)
    kind = _CARDS[unwrap(model).unit_].evidence_type
    return kind.of(model, X, scored, names, id_name)


def _drift(model: Any, X: Any, scores: NDArray[np.float64]) -> Drift | None:
    """Return whether rows are still what a model learned, if it can be told and they are not these."""
    told = keeps_columns(model) and not are_training_rows(model, scores)
    return compare(model, X, scores=scores) if told else None


def _curve(
    model: Any, X: Any, y: Any, n_known: int, progress: Callable[[float], None] | None
) -> tuple[LearningCurve | None, str]:
    """Return the learning curve of a model, or why there is none."""
    detector = unwrap(model)
    if not detector.uses_labels or n_known < FEWEST:
        asked = (type(detector).__name__, FEWEST, n_known, detector.uses_labels)
        return None, CARD.say("no_curve", *asked)[0]
    while isinstance(model, Threshold):
        model = model.inner
    return learning_curve(model, X, y, progress=progress), ""
