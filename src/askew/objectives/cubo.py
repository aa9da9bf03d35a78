"""The chi upper bound (CUBO): minimised on known anomalies, it lowers their likelihood under the model."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from askew.objectives.shapes import require_shape

EXPONENT_LIMIT = 20.0
"""The exponential form clamps its exponent here: e^20 is 5e8, and its gradient is clipped anyway."""


def cubo_exponent(
    reconstruction: Tensor, log_var: Tensor, noise: Tensor, z: Tensor, *, beta_cubo: float = 1.0
) -> Tensor:
    r"""Return twice the log importance weight of each sample, up to the constant of :math:`p(x|z)`.

    Returns a tensor of shape (..., samples, rows).

    .. math:: e = -2L_R + \beta\left(\sum\log\sigma^2+\|\epsilon\|^2-\|z\|^2\right)
              \quad(= 2\log\tfrac{p(x|z)p(z)}{q(z|x)}\text{ for }\beta=1)

    With :math:`z=\mu+\sigma\epsilon` this equals the exponent of Eq. 4 in Daniel, Kurutach and Tamar (2021);
    the expansion printed there subtracts numbers of the size of :math:`\mu^2/\sigma^2` and loses every digit
    in float32.

    Parameters
    ----------
    reconstruction : Tensor of shape (..., samples, rows)
        L_R of each row decoded from each sample.
    log_var : Tensor of shape (..., rows, code)
    noise, z : Tensor of shape (..., samples, rows, code)
        The standard normal numbers and the codes made of them.
    beta_cubo : float
        Weight of the code's part.

    Raises
    ------
    ValueError
        If `reconstruction` or `noise` would only fit `z` by broadcasting.
    """
    if reconstruction.shape[-2:] != z.shape[-3:-1]:
        raise ValueError(
            "reconstruction of cubo_exponent must have the samples and rows of z, "
            f"{tuple(z.shape[:-1])}; got {tuple(reconstruction.shape)}."
        )
    require_shape("noise of cubo_exponent", noise.shape, "have the shape of z", z.shape)
    code_part = log_var.sum(-1).unsqueeze(-2) + noise.square().sum(-1) - z.square().sum(-1)
    return -2.0 * reconstruction + beta_cubo * code_part


def cubo(exponent: Tensor, *, form: Literal["log", "exp"] = "log") -> Tensor:
    r"""Return the CUBO loss of each row from its Monte-Carlo samples.

    ``"log"`` is :math:`\tfrac12\log\tfrac1S\sum_s e^{e_s}`, the bound itself: an upper bound on
    :math:`\log p(x)` as S grows, and free of under- and overflow. ``"exp"`` is
    :math:`\tfrac1S\sum_s e^{e_s}`, the unbiased form of Eq. 4, with the same optimum; its exponent is clamped
    at 20.

    Returns a tensor of shape (..., rows); minimise it on known anomalies.

    Parameters
    ----------
    exponent : Tensor of shape (..., samples, rows)
        From :func:`cubo_exponent`.
    form : {"log", "exp"}

    Raises
    ------
    ValueError
        If `form` is neither of the two.

    Examples
    --------
    >>> cubo(torch.zeros(4, 1))
    tensor([0.])
    >>> cubo(torch.zeros(4, 1), form="exp")
    tensor([1.])
    """
    if form == "log":
        return 0.5 * (torch.logsumexp(exponent, -2) - math.log(exponent.shape[-2]))
    if form == "exp":
        return exponent.clamp(max=EXPONENT_LIMIT).exp().mean(-2)
    raise ValueError(f'form of cubo must be "log" or "exp"; got {form!r}.')
