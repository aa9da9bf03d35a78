"""What AutoDetector chooses from, and what fitting it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from askew import index
from askew.base import Detector

MAX_ROWS = 20_000  # larger tables are fitted on a random part of this size, besides all rows with a label
KERNEL_ROWS = 1000  # support vectors that scoring can afford
NEIGHBOUR_ROWS = 64  # of one model: in a small sample hidden anomalies are no neighbours of each other
NEIGHBOURS = 3
TREES = 75  # of all of a bag's forests together
BOOSTED_TREES = 30
BATCH = 128
STEPS = 2500  # of optimisation that a large table's epochs amount to; small tables get `Candidate.epochs`
FEWEST_EPOCHS = 10  # networks that the budget leaves fewer are left out


@dataclass(frozen=True)
class Candidate:
    """A detector that may become part of the whole."""

    name: str
    detector: str
    by_labels: bool
    """Whether it tells known anomalies from the rest; if not, normal rows from all others, with labels or without."""
    settings: Callable[[int, int], dict[str, Any]]  # from (epochs, models) to constructor parameters
    seconds: Callable[[int, int, int, int], float]  # of one core, from (rows, columns, epochs, models)
    by_default: bool = True
    on_scores: bool = False
    """Whether it learns from columns as normal scores and the others' surprise, not from the columns themselves."""
    epochs: int = 0  # at most; 0 for detectors without networks
    weight: float = 1.0
    """What its surprise counts for in the mean of its kind."""

    @property
    def needs(self) -> int:
        """Known anomalies below which it is no candidate."""
        return int(self.by_labels)

    def make(self, epochs: int, models: int, seed: int) -> Detector:
        """Return one of the bag's unfitted models."""
        detector: Detector = index.detector_class(self.detector)()
        detector.set_params(random_state=seed, **self.settings(epochs, models))
        if hasattr(detector, "scale"):
            detector.set_params(scale=None)  # columns are scaled once for all
        return detector


@dataclass(frozen=True)
class Planned:
    """A candidate to fit, or not to: `left_out` says why."""

    candidate: Candidate
    epochs: int
    seconds: float
    left_out: str | None = None


def _network_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    """Return the cost of two trainings of five small networks; a step is forward, backward and Adam."""
    return 2 * epochs * math.ceil(rows / BATCH) * (0.003 + 3e-5 * columns)


def _kernel_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return models * (0.01 + 1.5e-7 * min(rows, KERNEL_ROWS) ** 2 + 2e-6 * rows)


def _search_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return models * (0.01 + 2e-7 * min(rows, KERNEL_ROWS) ** 2 + 2e-6 * rows)


def _neighbour_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return models * (0.01 + 1e-6 * rows)


def _covariance_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return models * (0.01 + 2e-9 * rows * columns**2 + 2e-9 * columns**3)


def _linear_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return models * (0.02 + 1e-7 * rows * columns)


def _tree_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return 0.3 + 2e-5 * rows


def _boosting_seconds(rows: int, columns: int, epochs: int, models: int) -> float:
    return models * (0.1 + 4e-5 * rows * columns)


def _trees(epochs: int, models: int) -> dict[str, Any]:
    return {"n_estimators": math.ceil(TREES / models)}


def _network(epochs: int, models: int) -> dict[str, Any]:
    return {"n_members": 1, "training__epochs": epochs, "training__batch_size": BATCH}


def _sad(epochs: int, models: int) -> dict[str, Any]:
    return _network(epochs, models) | {"training__pretrain_epochs": epochs, "training__lr": 3e-4}


def _fixed(**settings: Any) -> Callable[[int, int], dict[str, Any]]:
    return lambda epochs, models: settings


_NEAREST = "nearest_neighbours"
_NEAR = {"n_neighbours": NEIGHBOURS, "max_rows": NEIGHBOUR_ROWS}
_BOOSTED = _fixed(n_estimators=BOOSTED_TREES, min_samples_leaf=10)
_KERNEL = _fixed(gamma="scale", max_rows=KERNEL_ROWS)

CANDIDATES = (
    Candidate("isolation_forest", "isolation_forest", False, _trees, _tree_seconds, weight=4.0),
    Candidate(_NEAREST, _NEAREST, False, _fixed(use_known=False, **_NEAR), _neighbour_seconds),
    Candidate("mahalanobis", "mahalanobis", False, _fixed(), _covariance_seconds),
    Candidate("kde", "kde", False, _fixed(max_rows=KERNEL_ROWS), _search_seconds, by_default=False),
    Candidate("kernel_ssad", "kernel_ssad", False, _KERNEL, _kernel_seconds, by_default=False),
    Candidate("deep_sad", "deep_sad", False, _sad, _network_seconds, by_default=False, epochs=50),
    Candidate("dp_vae", "dp_vae", False, _network, _network_seconds, by_default=False, epochs=100),
    Candidate("extra_trees", "extra_trees", True, _trees, _tree_seconds, on_scores=True),
    Candidate("distance_ratio", _NEAREST, True, _fixed(**_NEAR), _neighbour_seconds),
    Candidate(
        "logistic_regression", "logistic_regression", True, _fixed(C=0.02), _linear_seconds, on_scores=True
    ),
    Candidate(
        "gradient_boosting",
        "gradient_boosting",
        True,
        _BOOSTED,
        _boosting_seconds,
        by_default=False,
        on_scores=True,
    ),
)
"""In the order in which they are given time: where it is short, the last goes first."""

NAMES = tuple(each.name for each in CANDIDATES)
BY_DEFAULT = tuple(each.name for each in CANDIDATES if each.by_default)
BY_LABELS = frozenset(each.name for each in CANDIDATES if each.by_labels)
ON_SCORES = frozenset(each.name for each in CANDIDATES if each.on_scores)
WEIGHTS = {each.name: each.weight for each in CANDIDATES}
WITH_NETWORKS = frozenset(each.name for each in CANDIDATES if each.epochs)  # their health is worth a note


def plan(
    names: Sequence[str], rows: int, columns: int, known: int, models: int, budget: float
) -> list[Planned]:
    """Return what to fit, and what not and why, without a look at the clock.

    `rows` and `columns` are those of one model's training, `known` anomalies those of the whole table, `models` those
    of a bag. `budget` is in seconds for all; the first that is possible is fitted whatever it costs.
    """
    planned, left = [], budget
    for candidate in (each for each in CANDIDATES if each.name in names):
        if known < candidate.needs:
            planned.append(Planned(candidate, 0, 0.0, "it needs at least 1 known anomaly"))
            continue
        epochs = min(candidate.epochs, max(FEWEST_EPOCHS, STEPS // math.ceil(rows / BATCH)))
        full = Planned(candidate, epochs, candidate.seconds(rows, columns, epochs, models))
        fitting = [each for each in planned if each.left_out is None]
        chosen = _within(full, left, rows, columns, models) if fitting else full
        left -= chosen.seconds
        planned.append(chosen)
    return planned


def _within(full: Planned, left: float, rows: int, columns: int, models: int) -> Planned:
    """Return `full` with as many epochs as fit into the seconds `left`, or left out."""
    if full.seconds <= left:
        return full
    epochs = int(full.epochs * max(left, 0.0) / full.seconds)
    if epochs >= FEWEST_EPOCHS:
        return replace(full, epochs=epochs, seconds=full.candidate.seconds(rows, columns, epochs, models))
    why = f"it would take {full.seconds:.1f} s, and {max(left, 0.0):.1f} s of the time budget are left"
    return Planned(full.candidate, 0, 0.0, why)
