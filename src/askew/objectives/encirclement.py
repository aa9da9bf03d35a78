"""Fence-GAN: samples that surround the normal rows instead of imitating them."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus


def encirclement(logit: Tensor, alpha: float) -> Tensor:
    r"""Return how far the discriminator's belief in each sample is from α, :math:`H(\alpha,D(G(z)))`.

    Binary cross-entropy to the target α, smallest where :math:`D=\alpha`: with α between 0 (what a generator is
    pushed from) and 1 (what the usual GAN pulls it to) samples come to lie on a level set of D around the normal
    rows. With α = 1 it is the usual generator's :math:`-\log D(G(z))`. Returns a tensor of shape (..., rows), in
    nats.

    Reference: Ngo et al. (2019), Fence GAN: Towards Better Anomaly Detection, the encirclement loss, as a
    cross-entropy as in the authors' code.

    Parameters
    ----------
    logit : Tensor of shape (..., rows)
        Log-odds that each sample is real, :math:`\sigma^{-1}(D)`.
    alpha : float
        α, from 0 to 1.

    Examples
    --------
    >>> import torch
    >>> encirclement(torch.tensor([0.0, 9.0]), alpha=0.5)
    tensor([0.6931, 4.5001])
    """
    return softplus(logit) - alpha * logit


def dispersion(samples: Tensor) -> Tensor:
    r"""Return the inverse of the samples' mean distance to their centre, :math:`1/\overline{\|G(z)-\mu\|_2}`.

    It keeps samples apart, so that they surround the normal rows on all sides. Returns a tensor of shape (...).

    Reference: Ngo et al. (2019), the dispersion loss.

    Parameters
    ----------
    samples : Tensor of shape (..., rows, features)
        A batch of them; μ is its mean.

    Examples
    --------
    >>> import torch
    >>> dispersion(torch.tensor([[0.0, 0.0], [6.0, 8.0]]))
    tensor(0.2000)
    """
    away = samples - samples.mean(-2, keepdim=True)
    # the slope of a norm at 0 is NaN, and a collapsed generator gives samples that are all alike
    return 1.0 / (away.square().sum(-1) + 1e-12).sqrt().mean(-1)


def fence_discriminator_loss(real: Tensor, made: Tensor, gamma: float) -> Tensor:
    r"""Return what the discriminator minimises, :math:`-\overline{\log D(x)}-\gamma\,\overline{\log(1-D(G(z)))}`.

    With γ = 1 it is the usual GAN's; a smaller one lets the discriminator care more for normal rows. Returns a
    tensor of shape (...), in nats.

    Reference: Ngo et al. (2019), the weighted discriminator loss.

    Parameters
    ----------
    real : Tensor of shape (..., rows)
        Log-odds of normal rows being real.
    made : Tensor of shape (..., samples)
        Log-odds of the generator's samples being real.
    gamma : float
        γ, at least 0.

    Examples
    --------
    >>> import torch
    >>> fence_discriminator_loss(torch.tensor([0.0]), torch.tensor([0.0]), gamma=0.5)
    tensor(1.0397)
    """
    return softplus(-real).mean(-1) + gamma * softplus(made).mean(-1)
