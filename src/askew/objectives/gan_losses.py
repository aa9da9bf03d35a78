"""Losses of generative adversarial networks: discriminator, generator, Wasserstein critic, and AnoGAN's search."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn.functional import softplus

from askew.objectives.mirrored_critic import gradient_penalty


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

    Returns a tensor of shape (...), the batch's mean.

    Reference: Goodfellow et al. (2014), Generative Adversarial Nets, Section 3.

    Parameters
    ----------
    made : Tensor of shape (..., rows)
        D(G(z)) as logits.

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
    slope = gradient_penalty(critic, x + share * (made - x)).mean(-1)
    return critic(made).mean(-1) - critic(x).mean(-1) + penalty * slope


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
