"""How usual a classifier's certainty is: Dirichlet densities of its softmax vectors (GEOM)."""

from __future__ import annotations

import torch
from torch import Tensor

from askew.objectives.shapes import require_shape

MOST_STEPS = 1000
"""Fixed-point steps at most, as in the authors' code."""

ENOUGH = 1e-9
"""Steps end once no parameter moves by more than this, relative to its size."""

NEWTON_STEPS = 5
"""Of the inverse of the digamma function; five give fourteen digits (Minka 2000, appendix C)."""

_LEAST_SPREAD = 1e-12
"""Of the softmax vectors around their mean: without it equal vectors would start at infinity."""


def dirichlet_mle(mean: Tensor, mean_log: Tensor) -> Tensor:
    r"""Return the Dirichlet parameters under which softmax vectors are most likely.

    From the start :math:`\alpha=\bar s\,\frac{-(K-1)\,\psi(1)}{\bar s\cdot\log\bar s-\bar s\cdot\bar l}` (Wicker
    et al. 2008) the fixed point :math:`\alpha\leftarrow\psi^{-1}(\psi(\sum_k\alpha_k)+\bar l)` (Minka 2000) is
    iterated; it depends on the vectors through their mean :math:`\bar s` and mean logarithm :math:`\bar l` alone.
    At most 1000 steps, as in the authors' code. Returns a tensor of shape (..., classes), above 0.

    Reference: Golan and El-Yaniv (2018), Deep Anomaly Detection Using Geometric Transformations, Algorithm 1.

    Parameters
    ----------
    mean, mean_log : Tensor of shape (..., classes)
        Mean over the vectors of their entries and of the entries' logarithms; float64.

    Raises
    ------
    ValueError
        If the shapes differ: they would broadcast.

    Examples
    --------
    >>> alpha = torch.tensor([2.0, 5.0], dtype=torch.float64)
    >>> dirichlet_mle(alpha / alpha.sum(), torch.digamma(alpha) - torch.digamma(alpha.sum()))
    tensor([2.0000, 5.0000], dtype=torch.float64)
    """
    require_shape("mean_log of dirichlet_mle", mean_log.shape, "have the shape of mean", mean.shape)
    one = torch.ones((), dtype=mean.dtype, device=mean.device)
    spread = (torch.special.xlogy(mean, mean) - mean * mean_log).sum(-1, keepdim=True)
    alpha: Tensor = mean * (mean.shape[-1] - 1) * -torch.digamma(one) / spread.clamp(min=_LEAST_SPREAD)
    for _ in range(MOST_STEPS):
        before = alpha
        alpha = inverse_digamma(torch.digamma(alpha.sum(-1, keepdim=True)) + mean_log)
        if ((alpha - before).abs() <= ENOUGH * alpha).all():
            break
    return alpha


def inverse_digamma(y: Tensor) -> Tensor:
    r"""Return the x above 0 with :math:`\psi(x)=y`, of any shape, by Newton's method.

    Reference: Minka (2000), Estimating a Dirichlet distribution, appendix C.

    >>> inverse_digamma(torch.digamma(torch.tensor([0.5, 3.0], dtype=torch.float64)))
    tensor([0.5000, 3.0000], dtype=torch.float64)
    """
    at_one = torch.digamma(torch.ones((), dtype=y.dtype, device=y.device))
    x = torch.where(y >= -2.22, y.exp() + 0.5, -1.0 / (y - at_one))
    for _ in range(NEWTON_STEPS):
        x = x - (torch.digamma(x) - y) / torch.polygamma(1, x)
    return x


def dirichlet_normality(log_s: Tensor, alpha: Tensor) -> Tensor:
    r"""Return :math:`\sum_k(\alpha_k-1)\log s_k` of each row, the log-density of s but for a constant.

    From log softmax vectors (..., rows, classes) and the Dirichlet distribution's parameters, (classes,) or
    (..., 1, classes), to (..., rows); higher is more usual.

    Reference: Golan and El-Yaniv (2018), section 4.2, one transformation's part of the normality score.

    Examples
    --------
    >>> dirichlet_normality(torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log(), torch.tensor([3.0, 1.0]))
    tensor([-1.3863, -0.2107])
    """
    return ((alpha - 1.0) * log_s).sum(-1)
