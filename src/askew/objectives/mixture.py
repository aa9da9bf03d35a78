"""DAGMM's functions: a Gaussian mixture whose memberships a network estimates, and its energy."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from askew.objectives.shapes import require_shape

_TINY = 1e-12
"""Added under square roots and logarithms, whose gradients at 0 are infinite."""


def reconstruction_features(x: Tensor, x_hat: Tensor) -> Tensor:
    r"""Return DAGMM's two features of a reconstruction: :math:`\|x-\hat x\|/\|x\|` and the cosine of the two.

    Returns a tensor of shape (..., rows, 2).

    Reference: Zong et al. (2018), Deep Autoencoding Gaussian Mixture Model, section 3.2.

    Parameters
    ----------
    x, x_hat : Tensor of shape (..., rows, features)

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> reconstruction_features(torch.tensor([[3.0, 4.0]]), torch.tensor([[3.0, 0.0]]))
    tensor([[0.8000, 0.6000]])
    """
    require_shape("x_hat of reconstruction_features", x_hat.shape, "have the shape of x", x.shape)
    squared, scale = (x - x_hat).square().sum(-1), x.square().sum(-1)
    relative = ((squared + _TINY) / (scale + _TINY)).sqrt()
    return torch.stack([relative, cosine_similarity(x, x_hat, dim=-1)], dim=-1)


def mixture_parameters(z: Tensor, membership: Tensor, *, floor: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    r"""Return weights, means and covariances of the mixture that the memberships describe.

    .. math:: \phi_k=\tfrac1N\sum_i\gamma_{ik},\quad \mu_k=\frac{\sum_i\gamma_{ik}z_i}{\sum_i\gamma_{ik}},\quad
              \Sigma_k=\frac{\sum_i\gamma_{ik}(z_i-\mu_k)(z_i-\mu_k)^\top}{\sum_i\gamma_{ik}}+\text{floor}\cdot I

    Reference: Zong et al. (2018), Eq. 5.

    Parameters
    ----------
    z : Tensor of shape (..., rows, features)
    membership : Tensor of shape (..., rows, components)
        Rows sum to 1.
    floor : float
        Added to the variances.

    Returns
    -------
    weight : Tensor of shape (..., components)
    mean : Tensor of shape (..., components, features)
    covariance : Tensor of shape (..., components, features, features)
    """
    total = membership.sum(-2).clamp(min=_TINY)  # (..., components)
    mean = membership.mT @ z / total.unsqueeze(-1)
    centred = z.unsqueeze(-3) - mean.unsqueeze(-2)  # (..., components, rows, features)
    weighted = membership.mT.unsqueeze(-1) * centred / total[..., None, None]
    eye = torch.eye(z.shape[-1], dtype=z.dtype, device=z.device)
    return membership.mean(-2), mean, weighted.mT @ centred + floor * eye


def mixture_energy(z: Tensor, weight: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    r"""Return minus the log-density of each row under a Gaussian mixture.

    Returns a tensor of shape (..., rows), in nats; higher is rarer.

    .. math:: E(z)=-\log\sum_k\phi_k\,
              \frac{\exp(-\frac12(z-\mu_k)^\top\Sigma_k^{-1}(z-\mu_k))}{\sqrt{|2\pi\Sigma_k|}}

    It is computed from Cholesky factors and in logarithms: no inverse, no determinant, no underflow far away.
    A covariance that is not positive definite gives NaN in its own stack entry alone.

    Reference: Zong et al. (2018), Eq. 6.

    Parameters
    ----------
    z : Tensor of shape (..., rows, features)
    weight, mean, covariance : Tensor
        As :func:`mixture_parameters` returns them.

    Examples
    --------
    >>> one = torch.ones(1), torch.zeros(1, 2), torch.eye(2).unsqueeze(0)
    >>> mixture_energy(torch.tensor([[0.0, 0.0], [3.0, 4.0]]), *one)
    tensor([ 1.8379, 14.3379])
    """
    # cholesky() would raise for all members where one fails; here a pivot that is not positive ends in a NaN
    factor, _ = torch.linalg.cholesky_ex(covariance)
    centred = z.unsqueeze(-3) - mean.unsqueeze(-2)  # (..., components, rows, features)
    whitened = torch.linalg.solve_triangular(factor, centred.mT, upper=False)
    log_det = 2.0 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    constant = weight.clamp(min=_TINY).log() - 0.5 * (log_det + z.shape[-1] * math.log(2.0 * math.pi))
    log_density: Tensor = (constant.unsqueeze(-1) - 0.5 * whitened.square().sum(-2)).logsumexp(-2)
    return -log_density


def singularity(covariance: Tensor) -> Tensor:
    r"""Return :math:`\sum_k\sum_j 1/\Sigma_{kjj}`, which keeps the variances away from 0.

    From covariances (..., components, features, features) to (...).

    Reference: Zong et al. (2018), section 3.4.
    """
    return covariance.diagonal(dim1=-2, dim2=-1).reciprocal().sum((-2, -1))
