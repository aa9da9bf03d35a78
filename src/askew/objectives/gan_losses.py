"""Losses of generative adversarial networks: discriminator, generator, Wasserstein critic, search and fence."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

from askew.objectives.mirrored_critic import slope_penalty, values_and_gradients


def gan_discriminator_loss(real: Tensor, made: Tensor) -> Tensor:
    r"""Return what a discriminator minimises, :math:`-E[\log\sigma(D(x))]-E[\log(1-\sigma(D(G(z))))]`.

    Returns a tensor of shape (...), the batch's mean.

    Reference: Goodfellow et al. (2014), Generative Adversarial Nets, Eq. 1, from values before the sigmoid.

    Parameters
    ----------
    real, made : Tensor of shape (..., rows)
        D(x) of rows and D(G(z)) of what the generator makes, as logits.

    Examples
    --------
    >>> import torch
    >>> gan_discriminator_loss(torch.zeros(2), torch.zeros(3))
    tensor(1.3863)
    """
    return softplus(-real).mean(-1) + softplus(made).mean(-1)


def gan_generator_loss(made: Tensor) -> Tensor:
    r"""Return what a generator minimises, :math:`-E[\log\sigma(D(G(z)))]`, the form that does not saturate.

    From logits D(G(z)), (..., rows), to the batch's mean, (...).

    Reference: Goodfellow et al. (2014), Generative Adversarial Nets, Section 3.

    Examples
    --------
    >>> import torch
    >>> gan_generator_loss(torch.zeros(2))
    tensor(0.6931)
    """
    return softplus(-made).mean(-1)


def wasserstein_critic_loss(
    critic: Callable[[Tensor], Tensor], x: Tensor, made: Tensor, share: Tensor, *, penalty: float = 10.0
) -> Tensor:
    r"""Return what a critic minimises, :math:`E[D(\tilde x)]-E[D(x)]+\lambda E[(\|\nabla D(\bar x)\|-1)^2]`.

    :math:`\bar x=x+u(\tilde x-x)` lies between a row and what the generator makes. The generator minimises
    :math:`-E[D(\tilde x)]`. Returns a tensor of shape (...), the batch's mean.

    Reference: Gulrajani et al. (2017), Improved Training of Wasserstein GANs, Eq. 3.

    Parameters
    ----------
    critic : callable
        Takes rows (..., rows, features), returns (..., rows); a row's value depends on that row alone.
    x, made : Tensor of shape (..., rows, features)
        Rows and what the generator makes; neither is moved.
    share : Tensor of shape (..., rows, 1)
        u, from 0 to 1.
    penalty : float
        λ.

    Examples
    --------
    >>> import torch
    >>> steep = lambda rows: 3.0 * rows[..., 0]
    >>> x, made = torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2)
    >>> wasserstein_critic_loss(steep, x, made, torch.full((1, 1), 0.5), penalty=10.0)
    tensor(37.)
    """
    made = made.detach()
    rows = torch.cat([made, x], dim=-2)
    values, gradient = values_and_gradients(critic, rows, x + share * (made - x))
    n = made.shape[-2]
    return values[..., :n].mean(-1) - values[..., n:].mean(-1) + penalty * slope_penalty(gradient).mean(-1)


def search_loss(x: Tensor, made: Tensor, features: Tensor, made_features: Tensor, weight: float) -> Tensor:
    r"""Return how far rows are from what a generator makes, in residual and features.

    :math:`(1-\lambda)\|x-\hat x\|_1+\lambda\|f(x)-f(\hat x)\|_1` of each row. Returns a tensor of shape
    (..., rows).

    Reference: Schlegl et al. (2017), Unsupervised Anomaly Detection with Generative Adversarial Networks to Guide
    Marker Discovery, Eqs. 1, 3 and 4.

    Parameters
    ----------
    x, made : Tensor of shape (..., rows, features)
        Rows and :math:`\hat x=G(z)`.
    features, made_features : Tensor of shape (..., rows, width)
        f of both, the discriminator's last hidden layer.
    weight : float
        :math:`\lambda`, from 0 to 1.

    Examples
    --------
    >>> import torch
    >>> x, features = torch.tensor([[1.0, 2.0]]), torch.tensor([[5.0]])
    >>> search_loss(x, torch.zeros(1, 2), features, torch.ones(1, 1), weight=0.25)
    tensor([3.2500])
    """
    residual = (x - made).abs().sum(-1)
    return (1.0 - weight) * residual + weight * (features - made_features).abs().sum(-1)


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

    It keeps samples, (..., rows, features), apart, so that they surround the normal rows on all sides; μ is their mean.
    Returns a tensor of shape (...).

    Reference: Ngo et al. (2019), the dispersion loss.

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
