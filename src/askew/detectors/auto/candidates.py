"""What AutoDetector chooses from, what fitting it costs, and how much each counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scipy.stats import norm

from askew import index
from askew.base import Detector

MAX_ROWS = 20_000  # larger tables are fitted on a random part of this size, besides all rows with a label
KERNEL_ROWS = 1000  # support vectors that scoring can afford
TREES = 100  # of all of a bag's isolation forests together
BOOSTED_TREES = 30
BATCH = 128
STEPS = 2500  # of optimisation that a large table's epochs amount to; small tables get `Candidate.epochs`
FEWEST_EPOCHS = 10  # networks that the budget leaves fewer are left out
PRIOR_COUNT = 10.0  # known anomalies to hold out for their AUROC to count as much as the prior
POWER = 6.0  # how steeply weights fall with quality
LEAST_WEIGHT = 0.02  # a candidate with less is left out: scoring it would cost as much as the others


@dataclass(frozen=True)
class Candidate:
    """A detector that may become part of the whole."""

    name: str
    prior: float
    """AUROC expected before any is measured: the mean over scikit-learn's breast cancer, wine, digits and diabetes
    tables and simulated ones with 5 and 20 known anomalies, half of them of kinds that were not labelled
    (docs/choosing.md). None of the bundled tables is among them."""
    needs: int  # known anomalies below which it is no candidate
    settings: Callable[[int, int], dict[str, Any]]  # from (epochs, models) to constructor parameters
    seconds: Callable[[int, int, int, int], float]  # of one core, from (rows, columns, epochs, models)
    epochs: int = 0  # at most; 0 for detectors without networks

    def make(self, epochs: int, models: int, seed: int) -> Detector:
        """Return one of the bag's unfitted models."""
        detector: Detector = index.detector_class(self.name)()
        detector.set_params(random_state=seed, **self.settings(epochs, models))
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


def _network_settings(epochs: int, models: int, **more: Any) -> dict[str, Any]:
    return {"n_members": 1, "training__epochs": epochs, "training__batch_size": BATCH, **more}


def _sad_settings(epochs: int, models: int) -> dict[str, Any]:
    return _network_settings(epochs, models, training__pretrain_epochs=epochs, training__lr=3e-4)


CANDIDATES = (
    Candidate(
        "isolation_forest",
        prior=0.86,
        needs=0,
        settings=lambda epochs, models: {"n_estimators": math.ceil(TREES / models)},
        seconds=lambda rows, columns, epochs, models: 0.3 + 2e-5 * rows,
    ),
    Candidate(
        "kernel_ssad", 0.92, 0, lambda *_: {"gamma": "scale", "max_rows": KERNEL_ROWS}, _kernel_seconds
    ),
    Candidate(
        "logistic_regression",
        prior=0.80,
        needs=2,
        settings=lambda epochs, models: {"C": 0.01},
        seconds=lambda rows, columns, epochs, models: models * (0.01 + 1e-7 * rows * columns),
    ),
    Candidate("deep_sad", 0.93, 0, _sad_settings, _network_seconds, epochs=50),
    Candidate("dp_vae", 0.90, 0, _network_settings, _network_seconds, epochs=100),
    Candidate(
        "gradient_boosting",
        prior=0.80,
        needs=20,
        settings=lambda epochs, models: {"n_estimators": BOOSTED_TREES, "min_samples_leaf": 10},
        seconds=lambda rows, columns, epochs, models: models * (0.1 + 4e-5 * rows * columns),
    ),
)
"""In the order in which they are given time: where it is short, the last goes first."""

NAMES = tuple(each.name for each in CANDIDATES)
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
            few = f"{candidate.needs} known anomal{'y' if candidate.needs == 1 else 'ies'}"
            planned.append(Planned(candidate, 0, 0.0, f"it needs at least {few}"))
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


def posterior(prior: float, measured: float | None, known: int) -> float:
    """Return the AUROC to count with: that of `known` held-out anomalies, drawn towards the prior.

    >>> posterior(0.9, 1.0, 10), posterior(0.9, None, 1)
    (0.95, 0.9)
    """
    if measured is None:
        return prior
    return (PRIOR_COUNT * prior + known * measured) / (PRIOR_COUNT + known)


def weigh(qualities: Sequence[float]) -> list[float]:
    r"""Return weights that sum to 1: proportional to :math:`d^6`, :math:`d=\sqrt2\,\Phi^{-1}(\text{AUROC})`.

    d is the distance of the two kinds' means in standard deviations where both are normal and equally wide,
    the weight of a score among independent ones being d itself (Green and Swets 1966, section 9.2, in the
    integration of observations). The power makes weights fall faster, for candidates are not independent.

    >>> [round(w, 2) for w in weigh([0.9, 0.9, 0.5])]
    [0.5, 0.5, 0.0]
    """
    distances = [max(math.sqrt(2.0) * float(norm.ppf(min(each, 0.995))), 0.0) for each in qualities]
    powers = [distance**POWER for distance in distances]
    if not sum(powers) > 0:
        return [1.0 / len(powers)] * len(powers)
    weights = [each if each >= LEAST_WEIGHT * sum(powers) else 0.0 for each in powers]
    return [each / sum(weights) for each in weights]
