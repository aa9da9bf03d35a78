"""Bootstrap confidence intervals of a mean over seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from askew.errors import InvalidInputError, must

RESAMPLES = 9999
"""scipy's default; with it the ends of an interval move by about a hundredth of its width between seeds."""


class Interval(NamedTuple):
    """A confidence interval, in the unit of the values."""

    low: float
    high: float


def mean_interval(values: Sequence[float], confidence: float = 0.95, seed: int = 0) -> Interval | None:
    """Return the bootstrap confidence interval of the mean: bias-corrected and accelerated (BCa).

    ``values`` are finite, one per seed. With few of them, ten say, the interval holds the true mean a few points less
    often than ``confidence`` says. ``seed`` is of the resampling, so that a report made twice is the same. None for
    fewer than two values; of no width when all are equal.

    Raises
    ------
    InvalidInputError
        If ``confidence`` is not strictly between 0 and 1.

    Reference: Efron (1987), Better bootstrap confidence intervals.

    >>> low, high = mean_interval([0.90, 0.92, 0.91, 0.95, 0.93])
    >>> 0.90 < low < 0.922 < high < 0.95
    True
    """
    if not 0 < confidence < 1:
        remedy = "Use confidence=0.95."
        raise InvalidInputError(must("confidence", "mean_interval", "in (0, 1)", confidence, remedy))
    if len(values) < 2:
        return None
    if max(values) - min(values) <= 1e-12:  # no spread: scipy would divide by zero
        mean = math.fsum(values) / len(values)
        return Interval(mean, mean)
    import numpy as np
    from scipy import stats

    found = stats.bootstrap(
        (np.asarray(values, dtype=np.float64),),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=confidence,
        method="BCa",
        random_state=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(float(found.low), float(found.high))
