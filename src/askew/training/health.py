"""Health checks of a fitted model, in plain words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

_FLAT = 1e-12
"""Spread of scores, relative to their size, under which rows cannot be told apart."""

_LEAST_NATS = 0.01
"""Mean KL per row under which a VAE's code says nothing about the row."""

_STEEPEST = 10.0
"""Mean slope above which a penalty that asks for 1 has lost."""

_LEAST_SPREAD = 0.02
"""Spread of a generator's rows, as a share of the training rows', under which it makes one row of all codes."""

FEWEST_ROWS = 6
"""Training rows without -1 under which a model warns."""

_MANY_ANOMALIES = 5
"""Fewer known anomalies than this are scored as normal by chance too often to say anything."""


def check_scores(scores: NDArray[np.float64]) -> str | None:
    """Return why training rows' `scores` (rows,) are unusable, or None if they are fine.

    >>> check_scores(np.array([1.0, 1.0]))
    'every training row has the same score, so nothing can be ranked (collapsed network or constant data)'
    """
    if not np.isfinite(scores).all():
        return f"{np.count_nonzero(~np.isfinite(scores))} of {len(scores)} training rows have a NaN or infinite score"
    if np.ptp(scores) <= _FLAT * max(1.0, float(np.abs(scores).max())):
        return "every training row has the same score, so nothing can be ranked (collapsed network or constant data)"
    return None


def check_rows(x: NDArray[np.float64], y: NDArray[np.int8], unit: str) -> str | None:
    """Return why training rows x (rows, numbers) with labels y teach next to nothing, or None.

    >>> check_rows(np.ones((20, 2)), np.zeros(20, dtype=np.int8), "rows")
    'all 20 training rows without -1 are the same, so there is nothing to learn of what is usual'
    """
    learned = x[y >= 0]
    if (learned == learned[0]).all():
        rows = f"all {len(learned)} training {unit} without -1"
        return f"{rows} are the same, so there is nothing to learn of what is usual"
    if len(learned) < FEWEST_ROWS:
        return (
            f"{len(learned)} training {unit} without -1 are too few to tell what is usual: scores mean little"
        )
    return None


def check_labels(scores: NDArray[np.float64], y: NDArray[np.int8]) -> str | None:
    """Return a sentence if known anomalies are scored no lower than the rest of the training rows, else None."""
    known = y < 0
    if known.sum() < _MANY_ANOMALIES or known.all():
        return None
    auroc = float(roc_auc_score(known, -scores))
    if auroc >= 0.5:
        return None
    return (
        f"the known anomalies are scored as normal (AUROC {auroc:.2f} on the training rows themselves): "
        "check that -1 marks anomalies, or train longer"
    )


def check_codes(codes: NDArray[np.float64]) -> str | None:
    """Return a sentence if the `codes` (rows, code) of different rows are all the same, else None."""
    if np.ptp(codes, axis=0).max(initial=0.0) <= 1e-6 * max(1.0, float(np.abs(codes).max(initial=0.0))):
        return "all rows have the same code (collapse): the network ignores its input"
    return None


def check_posterior(kl: NDArray[np.float64]) -> str | None:
    """Return a sentence if the codes of a VAE carry next to nothing, from the KL (rows,) in nats, else None."""
    if float(kl.mean()) >= _LEAST_NATS:
        return None
    return (
        f"posterior collapse: the codes tell next to nothing of a row ({float(kl.mean()):.1e} nats, units of "
        "information), so every row is reconstructed alike. Try a smaller beta_kl, or more epochs"
    )


def check_critic(values: float, distance: float) -> str | None:
    """Return a sentence if a critic of pairs has collapsed, else None.

    `values` is the largest difference, over training rows, of its values of the row beside itself and beside its
    reconstruction; `distance` the mean distance of its features between the two.

    >>> check_critic(0.0, 0.0)[:15]
    'critic collapse'
    """
    if values > 1e-6 and distance > 1e-6:
        return None
    return (
        "critic collapse: it gives a row beside itself and beside its reconstruction the same value, so nobody "
        "teaches the generator. Try a lower training__lr, or another random_state"
    )


def check_gan(values: float, share: float) -> str | None:
    """Return a sentence if one of the two networks of a GAN has collapsed, else None.

    `values` is the largest difference of the critic's values, over training rows and what the generator makes; `share`
    the spread of what the generator makes of many codes, as a share of the training rows' spread.

    >>> check_gan(0.0, 0.8)[:15], check_gan(3.0, 0.001)[:13], check_gan(3.0, 0.8)
    ('critic collapse', 'mode collapse', None)
    """
    remedy = "Try a lower training__lr, or another random_state"
    if values <= 1e-6:
        return f"critic collapse: it gives all rows the same value, so nobody teaches the generator. {remedy}"
    if share <= _LEAST_SPREAD:
        return f"mode collapse: what the generator makes varies by {share:.1%} of what the training rows do. {remedy}"
    return None


def check_slopes(slope: float, *, spectral: bool = True) -> str | None:
    """Return a sentence if the mean slope of a critic with a penalty that asks for 1 is far above, else None.

    The remedies name spectral normalisation where the method has it, `spectral`.
    """
    if slope <= _STEEPEST:
        return None
    others = "a lower training__lr, or spectral_norm=True" if spectral else "or a lower training__lr"
    return (
        f"exploding penalties: the critic's slope is {slope:.3g} where its penalty asks for 1, so its losses say "
        f"little. Try a larger gradient_penalty, {others}"
    )
