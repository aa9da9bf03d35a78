"""Rows that are held out to choose an epoch by, and how well it tells the anomalies among them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor

from askew.errors import LabelError, must


def held_out_rows(
    y: NDArray[np.int8], seed: int, shares: tuple[float, float], owner: str
) -> NDArray[np.bool_]:
    """Return which rows to hold out: a share of all that are no known anomalies, and one of these, rounded up.

    At least two others are left for training. Without known anomalies a LabelError says what to do.
    """
    anomalies, others = np.flatnonzero(y < 0), np.flatnonzero(y >= 0)
    if not len(anomalies):
        rule = "labels with at least one -1 (known anomaly)"
        remedy = "An epoch is chosen by known anomalies: mark some with -1, or use validation_fraction=0."
        raise LabelError(must("y", owner, rule, "none", remedy))
    rng = np.random.default_rng([seed, 1])
    kept = max(2, len(others) - int(shares[0] * len(others)))
    held_out = np.zeros(len(y), dtype=bool)
    held_out[rng.permutation(others)[kept:]] = True
    held_out[rng.permutation(anomalies)[: math.ceil(shares[1] * len(anomalies))]] = True
    return held_out


def auroc(scores: Tensor, y: Tensor) -> float:
    """Return how well scores tell the known anomalies from the rest; 0 if one is not finite or there is no rest."""
    anomaly = (y < 0).cpu().numpy()
    if not bool(scores.isfinite().all()) or anomaly.all():
        return 0.0
    return float(roc_auc_score(anomaly, -scores.cpu().numpy()))
