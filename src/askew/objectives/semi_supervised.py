"""Losses on our three labels: the M2 model's bound (Kingma et al. 2014) and binary cross-entropy."""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn.functional import softplus

from askew.objectives.shapes import require_shape


def m2_bound(
    normal: Tensor, anomaly: Tensor, logit: Tensor, labels: Tensor, *, anomaly_prior: float = 0.5
) -> Tensor:
    r"""Return each row's negative bound: :math:`\mathcal L(x,y)` if labelled, :math:`\mathcal U(x)` if not.

    Returns a tensor of shape (..., rows), in nats; lower is better.

    .. math:: \mathcal L(x,y)=\text{elbo}(x,y)-\log p(y),\qquad
              \mathcal U(x)=\sum_yq(y|x)\left(\mathcal L(x,y)+\log q(y|x)\right)

    Reference: Kingma, Rezende, Mohamed and Welling (2014), Semi-supervised Learning with Deep Generative
    Models, Eqs. 6 and 7.

    Parameters
    ----------
    normal, anomaly : Tensor of shape (..., rows)
        The negative ELBO of each row's q(z|x,y) and p(x|y,z) with y the one or the other, see :func:`elbo`.
    logit : Tensor of shape (..., rows)
        Log-odds of q(y=anomaly|x).
    labels : Tensor of shape (..., rows)
        +1 known normal, 0 unlabelled, -1 known anomaly.
    anomaly_prior : float
        p(y=anomaly), in (0, 1).

    Raises
    ------
    ValueError
        If the shapes differ: they would broadcast. Also for a prior out of range.

    Examples
    --------
    >>> import torch
    >>> bounds = torch.tensor([1.0, 1.0, 1.0]), torch.tensor([3.0, 3.0, 3.0])
    >>> m2_bound(*bounds, torch.zeros(3), torch.tensor([1, 0, -1]))
    tensor([1.6931, 2.0000, 3.6931])
    """
    if not normal.shape == anomaly.shape == logit.shape == labels.shape:
        raise ValueError(
            f"anomaly, logit and labels of m2_bound must have the shape of normal, {tuple(normal.shape)}; "
            f"got {tuple(anomaly.shape)}, {tuple(logit.shape)} and {tuple(labels.shape)}."
        )
    if not 0 < anomaly_prior < 1:
        raise ValueError(f"anomaly_prior of m2_bound must be in (0, 1); got {anomaly_prior}.")
    normal = normal - math.log(1.0 - anomaly_prior)
    anomaly = anomaly - math.log(anomaly_prior)
    log_normal, log_anomaly = -softplus(logit), -softplus(-logit)  # log q(y|x)
    unlabelled = log_normal.exp() * (normal + log_normal) + log_anomaly.exp() * (anomaly + log_anomaly)
    return unlabelled.where(labels == 0, anomaly.where(labels < 0, normal))


def cross_entropy(logit: Tensor, labels: Tensor) -> Tensor:
    r"""Binary cross-entropy of each row, :math:`-\log q(\text{its label}|x)`; unlabelled rows count as normal.

    With :math:`q(\text{anomaly}|x)=\sigma(a)` it is :math:`\log(1+e^{-a})` for known anomalies and
    :math:`\log(1+e^{a})` for all other rows, finite for every finite logit. Returns a tensor of shape
    (..., rows), in nats.

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Appendix C, for the labels.

    Parameters
    ----------
    logit : Tensor of shape (..., rows)
        Log-odds a of the row being an anomaly.
    labels : Tensor of shape (..., rows)
        +1 known normal, 0 unlabelled, -1 known anomaly.

    Raises
    ------
    ValueError
        If `labels` has another shape: (rows, 1) against (rows,) would broadcast and ignore who has which label.

    Examples
    --------
    >>> import torch
    >>> cross_entropy(torch.tensor([0.0, -9.0]), torch.tensor([0, -1]))
    tensor([0.6931, 9.0001])
    """
    require_shape("labels of cross_entropy", labels.shape, "have the shape of logit", logit.shape)
    return softplus(logit.where(labels >= 0, -logit))
