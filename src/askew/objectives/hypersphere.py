"""Deep SVDD and Deep SAD: losses on the squared distance of a code from a centre."""

from __future__ import annotations

import torch
from torch import Tensor

from askew.objectives.shapes import require_shape

SAD_EPSILON = 1e-6
"""Keeps the inverse distance of Deep SAD finite (reference code: Deep-SAD-PyTorch, DeepSADTrainer.eps)."""


def squared_distance(code: Tensor, center: Tensor) -> Tensor:
    r"""Return :math:`\|\phi(x)-c\|^2`, (..., rows), of codes (..., rows, code); c is (code,) or (..., 1, code)."""
    return (code - center).square().sum(-1)


def deep_svdd(distance: Tensor) -> Tensor:
    r"""One-class Deep SVDD, :math:`\frac1n\sum_i\|\phi(x_i)-c\|^2`: the batch's mean.

    From squared distances (..., rows) to (...).

    Reference: Ruff et al. (2018), Deep One-Class Classification, Eq. 4; weight decay is the optimiser's.
    """
    return distance.mean(-1)


def soft_boundary_deep_svdd(distance: Tensor, radius_squared: Tensor, nu: float) -> Tensor:
    r"""Soft-boundary Deep SVDD, :math:`R^2+\frac1{\nu n}\sum_i\max(0,\|\phi(x_i)-c\|^2-R^2)`: the batch's mean.

    Reference: Ruff et al. (2018), Eq. 3.

    Parameters
    ----------
    distance : Tensor of shape (..., rows)
        Squared distances.
    radius_squared : Tensor of shape (...)
        R²; solved for by the caller, as the (1-ν) quantile of `distance`.
    nu : float
        Share of the rows that may lie outside, in (0, 1].

    Raises
    ------
    ValueError
        If `nu` is out of range, or `radius_squared` is not one number per batch.

    Examples
    --------
    >>> soft_boundary_deep_svdd(torch.tensor([1.0, 5.0]), torch.tensor(3.0), nu=0.5)
    tensor(5.)
    """
    if not 0 < nu <= 1:
        raise ValueError(f"nu of soft_boundary_deep_svdd must be in (0, 1]; got {nu}.")
    what, rule = "radius_squared of soft_boundary_deep_svdd", "be one number per batch"
    require_shape(what, radius_squared.shape, rule, distance.shape[:-1])
    outside = (distance - radius_squared.unsqueeze(-1)).clamp(min=0)
    return radius_squared + outside.mean(-1) / nu


def deep_sad(distance: Tensor, labels: Tensor, *, eta: float = 1.0) -> Tensor:
    r"""Deep SAD: :math:`d` if unlabelled, :math:`\eta d` if known normal, :math:`\eta/(d+\epsilon)` if known anomaly.

    Average it over one shuffled batch of all rows. :math:`\epsilon=10^{-6}`.

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Eq. 9.

    Parameters
    ----------
    distance : Tensor of shape (..., rows)
        Squared distances.
    labels : Tensor of shape (..., rows)
        +1 known normal, 0 unlabelled, -1 known anomaly.
    eta : float
        Weight of the labelled rows, above 0.

    Raises
    ------
    ValueError
        If `labels` has another shape: (rows, 1) against (rows,) would broadcast and ignore who has which label.

    Examples
    --------
    >>> deep_sad(torch.tensor([2.0, 2.0, 2.0]), torch.tensor([0, 1, -1]), eta=3.0)
    tensor([2.0000, 6.0000, 1.5000])
    """
    require_shape("labels of deep_sad", labels.shape, "have the shape of distance", distance.shape)
    known = torch.where(labels < 0, eta / (distance + SAD_EPSILON), eta * distance)
    return torch.where(labels == 0, distance, known)
