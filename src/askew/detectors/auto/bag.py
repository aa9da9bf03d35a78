"""A bag: one detector fitted once per fold, so that every row has a score of a model that has not seen it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from askew import labels
from askew.base import Detector, ScoreGraph, Scores, Y, fit_together
from askew.base.persistence import Packed, nested, pack, part_of, unpack
from askew.base.preparation.column_scaling import ColumnScaling
from askew.detectors.auto.surprise import LIMITS, Surprise
from askew.errors import AskewError, HealthWarning
from askew.own_warnings import kept_back

Rows = NDArray[np.intp]

FEWEST_HELD_OUT = 10  # rows of a fold, to tell where a detector's scores lie; small tables have fewer folds


_ROUNDING = 1e-9  # spread of scores, relative to their size, under which they are all the same


@dataclass(frozen=True)
class Fold:
    """Row numbers: what one model trains on, and what it has not seen (all rows, where nothing is held out)."""

    train: Rows
    held_out: Rows


def make_folds(x: Scores, y: Y, n_folds: int, generator: np.random.Generator) -> list[Fold]:
    """Return folds whose training sets are all of one shape, so that networks can be trained together.

    Rows without -1 are dealt at random. Two or more known anomalies are held out in blocks along their first
    principal axis, so that a fold's are unlike those it trains on (Roberts et al. 2017, Cross-Validation Strategies
    for Data with Temporal, Spatial, Hierarchical, or Phylogenetic Structure); a single one stays in all training
    sets. Where sizes differ by one, a row is left out, or a known anomaly is given twice. With fewer than twenty
    rows there is one fold that holds nothing out.
    """
    rest, known = generator.permutation(np.flatnonzero(y >= 0)), np.flatnonzero(y < 0)
    count = min(n_folds, len(rest) // FEWEST_HELD_OUT)
    if count < 2:
        everything = np.arange(len(y))
        return [Fold(everything, everything)]
    parts = np.array_split(rest, count)
    blocks = np.array_split(_along_the_axis(x, known), count) if len(known) > 1 else [known[:0]] * count
    n_rest = len(rest) - len(parts[0])
    n_known = len(known) - len(blocks[-1])
    folds = []
    for part, block in zip(parts, blocks, strict=True):
        trained = np.setdiff1d(rest, part)[:n_rest]
        examples = np.resize(np.setdiff1d(known, block), n_known if len(known) else 0)
        folds.append(Fold(np.concatenate([trained, examples]), np.concatenate([part, block])))
    return folds


def _along_the_axis(x: Scores, known: Rows) -> Rows:
    """Return the known anomalies in order along the axis of their largest variance, columns scaled."""
    z = ColumnScaling.learn(x, "robust")(x[known])
    z -= z.mean(axis=0)
    axis = np.linalg.svd(z, full_matrices=False)[2][0]
    return known[np.argsort(z @ axis, kind="stable")]


@dataclass
class Bag:
    """Detectors of one kind, one per fold, and what puts their scores on one scale.

    The models' scores, each minus its centre and divided by its spread over the rows that it has not seen,
    are averaged, and turned into `Surprise` by all rows' scores of models that have not seen them.
    """

    models: list[Detector]
    centres: Scores
    spreads: Scores
    surprise: Surprise
    auroc: float | None = None
    """AUROC of the known anomalies, by models that have not seen them; None if none was held out."""
    notes: tuple[str, ...] = ()  # what was found unhealthy
    left_out: Scores = field(default_factory=partial(np.zeros, 0))
    """Surprise at each row that was fitted on, by a model that has not seen it if there is one, (n,); not in files."""

    def __call__(self, x: Scores) -> Scores:
        """Return the surprise of checked rows, (n,)."""
        total = np.zeros(len(x))
        for model, centre, spread in zip(self.models, self.centres, self.spreads, strict=True):
            total += (_strangeness(model, x) - centre) / spread
        return self.surprise(total / len(self.models))

    def add_to(self, graph: ScoreGraph, rows: str) -> str:
        """Add the surprise of checked rows to a graph, (rows,)."""
        low, high = (graph.constant(limit) for limit in LIMITS)
        parts = []
        for model, centre, spread in zip(self.models, self.centres, self.spreads, strict=True):
            score = graph.score(model, rows)
            score = graph.add("Where", graph.add("IsNaN", score), graph.constant(-np.inf), score)
            strange = graph.add("Clip", graph.add("Neg", score), low, high)
            apart = graph.add("Sub", strange, graph.constant(float(centre)))
            parts.append(graph.add("Div", apart, graph.constant(float(spread) * len(self.models))))
        return self.surprise.add_to(graph, graph.add("Clip", graph.add("Sum", *parts), low, high))

    def pack(self) -> Packed:
        """Return what :meth:`unpack` needs."""
        values, arrays = self.surprise.state()
        values |= {"auroc": self.auroc, "notes": list(self.notes), "models": len(self.models)}
        arrays |= {"centres": self.centres, "spreads": self.spreads}
        for i, model in enumerate(self.models):
            header, inner = nested(str(i), pack(model))
            values, arrays = values | header, arrays | inner
        return values, arrays

    @classmethod
    def unpack(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the bag that :meth:`pack` took apart."""
        models = [unpack(*part_of(str(i), values, arrays)) for i in range(int(values["models"]))]
        surprise = Surprise.from_state(values, arrays)
        scales = arrays["centres"], arrays["spreads"]
        return cls(models, *scales, surprise, values["auroc"], tuple(values["notes"]))


def fit_bag(
    make: Callable[[int], Detector], x: Scores, y: Y, folds: list[Fold], generator: np.random.Generator
) -> Bag | str:
    """Fit one detector per fold, which `make` makes of a seed, and return the bag, or in words why there is none."""
    models = [make(int(generator.integers(2**31 - 1))) for _ in folds]
    with kept_back(HealthWarning) as notes:
        try:
            fit_together(models, [(x[fold.train], labels.ours(y[fold.train])) for fold in folds])
        except AskewError as error:
            return str(error)
    pairs = [(model, fold) for model, fold in zip(models, folds, strict=True) if model.fit_error_ is None]
    if not pairs:
        return str(models[0].fit_error_)
    bag = _calibrated(pairs, x, y)
    bag.notes = tuple(dict.fromkeys(notes))
    return bag


def _calibrated(pairs: list[tuple[Detector, Fold]], x: Scores, y: Y) -> Bag:
    """Return the bag of fitted models, on the scale of the rows that they have not seen."""
    centres, spreads, others, known = [], [], [], []
    standard = np.full(len(x), np.nan)
    for model, fold in pairs:
        strangeness, anomaly = _strangeness(model, x[fold.held_out]), y[fold.held_out] < 0
        centre = float(np.median(strangeness[~anomaly]))
        spread = float(np.abs(strangeness[~anomaly] - centre).mean())
        if not spread > _ROUNDING * np.abs(strangeness).max():
            spread = 1.0  # all rows have the same score, but for rounding
        centres.append(centre)
        spreads.append(spread)
        standard[fold.held_out] = found = (strangeness - centre) / spread
        others.append(found[~anomaly])
        known.append(found[anomaly])
    reference, strange = np.concatenate(others), np.concatenate(known)
    bag = Bag([model for model, _ in pairs], np.array(centres), np.array(spreads), Surprise(reference))
    if len(strange) and np.setdiff1d(pairs[0][1].train, pairs[0][1].held_out).size:
        truth = np.arange(len(reference) + len(strange)) >= len(reference)
        bag.auroc = float(roc_auc_score(truth, np.concatenate([reference, strange])))
    seen = np.isnan(standard)
    bag.left_out = bag.surprise(np.nan_to_num(standard))
    if seen.any():
        bag.left_out[seen] = bag(x[seen])
    return bag


def _strangeness(model: Detector, x: Scores) -> Scores:
    return np.clip(-model._score_rows(x), *LIMITS)
