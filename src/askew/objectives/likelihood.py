"""Exact likelihoods of pixels one after the other, and the scores that are made of them."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

LEVELS = 256
"""Values of a pixel, evenly from 0 to 1."""

LEAST_LOG_SCALE = -7.0 - math.log(2.0)
"""Log-scales are clamped here, which is PixelCNN++'s -7 for values from -1 to 1; sharper would be a spike."""


def discretised_logistic(x: Tensor, location: Tensor, log_scale: Tensor, levels: int = LEVELS) -> Tensor:
    r"""Return the log-probability of each value's level under a logistic distribution, in nats.

    With :math:`b=\frac{1}{2(L-1)}` half a level and :math:`F` the logistic function, :math:`\log
    P(x)=\log[F(\frac{x+b-\mu}{s})-F(\frac{x-b-\mu}{s})]`; the lowest level reaches down to :math:`-\infty` and
    the highest up to :math:`\infty`. It is computed as :math:`\log F(u)+\log F(-l)+\log(1-e^{l-u})` with u and l
    the two arguments, which loses no digits far out. Returns a tensor of the shape of `x`.

    Reference: Salimans et al. (2017), PixelCNN++, Eq. 2, with one component, as Ren et al. (2019) use it.

    Parameters
    ----------
    x : Tensor of shape (..., rows, values)
        From 0 to 1; between two levels it is the probability of half a level to both sides.
    location, log_scale : Tensor of the shape of `x`
        μ and log s, in units of `x`; log s is clamped below at -7 - log 2.
    levels : int
        L.

    Raises
    ------
    ValueError
        If the shapes differ: they would broadcast.

    Examples
    --------
    >>> log_p = discretised_logistic(torch.tensor([0.0, 0.5, 1.0]), torch.zeros(3), torch.zeros(3), levels=3)
    >>> log_p.exp(), round(log_p.exp().sum().item(), 6)
    (tensor([0.5622, 0.1170, 0.3208]), 1.0)
    """
    if location.shape != x.shape or log_scale.shape != x.shape:
        raise ValueError(
            f"location and log_scale of discretised_logistic must have the shape of x, {tuple(x.shape)}; "
            f"got {tuple(location.shape)} and {tuple(log_scale.shape)}."
        )
    half = 0.5 / (levels - 1)
    inverse = (-log_scale.clamp(min=LEAST_LOG_SCALE)).exp()
    upper, lower = (x - location + half) * inverse, (x - location - half) * inverse
    inside = logsigmoid(upper) + logsigmoid(-lower) + torch.log(-torch.expm1(-2.0 * half * inverse))
    lowest, highest = x < half, x > 1.0 - half
    return torch.where(lowest, logsigmoid(upper), torch.where(highest, logsigmoid(-lower), inside))


def mutate(x: Tensor, noise: Tensor, rate: float, levels: int = LEVELS) -> Tensor:
    r"""Return `x` with about the share `rate` of its values replaced by evenly random levels.

    A value mutates where :math:`u=\Phi(\epsilon)<\mu`; then :math:`u/\mu` is even in 0..1 and picks the level.
    Returns a tensor of the shape of `x`.

    Reference: Ren et al. (2019), Likelihood Ratios for Out-of-Distribution Detection, section 3: what the
    background model learns from.

    Parameters
    ----------
    x : Tensor of shape (..., rows, values)
        From 0 to 1.
    noise : Tensor of the shape of `x`
        Standard normal numbers ε.
    rate : float
        μ, in (0, 1].
    levels : int
        Values evenly from 0 to 1 that a mutation may give.

    Examples
    --------
    >>> mutate(torch.tensor([0.2, 0.2, 0.2]), torch.tensor([-1.0, -0.5, 2.0]), rate=0.5, levels=3)
    tensor([0.0000, 0.5000, 0.2000])
    """
    u = torch.special.ndtr(noise)
    level = (u / rate * levels).floor().clamp(max=levels - 1)
    return torch.where(u < rate, level / (levels - 1), x)


def waic(log_p: Tensor) -> Tensor:
    r"""Return :math:`\frac1K\sum_k\log p_k(x)-\mathrm{Var}_k\log p_k(x)` of each row over K models.

    From log-likelihoods in nats, (models, rows), to (rows,); higher is more normal.

    Reference: Choi, Jang and Alemi (2018), WAIC, but Why? Generative Ensembles for Robust Anomaly Detection.

    Examples
    --------
    >>> waic(torch.tensor([[-3.0, -3.0], [-3.0, -5.0]]))
    tensor([-3., -5.])
    """
    return log_p.mean(0) - log_p.var(0, correction=0)
