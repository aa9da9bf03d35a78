"""AMA's mirrored critic: losses on pairs (x, x) and (x, x̂), Lipschitz penalties, and its two scores.

A critic D judges the pair of a row and its reconstruction. Pairs are stacked on the last axis, which for flat
images stacks their channels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from askew.objectives.shapes import require_shape


def pairs(x: Tensor, y: Tensor) -> Tensor:
    """Return the rows of `x` and `y`, (..., rows, features), side by side, (..., rows, 2 * features).

    Raises
    ------
    ValueError
        If the shapes differ: they would broadcast.

    Examples
    --------
    >>> pairs(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]]))
    tensor([[1., 2., 3., 4.]])
    """
    require_shape("y of pairs", y.shape, "have the shape of x", x.shape)
    return torch.cat([x, y], dim=-1)


def critic_loss(
    same: Tensor,
    mirrored: Tensor,
    *,
    interpolated: Tensor | None = None,
    interpolated_same: Tensor | None = None,
    negative_same: Tensor | None = None,
    negative_mirrored: Tensor | None = None,
    lambda_inter: float = 0.5,
    lambda_neg: float = 5.0,
) -> Tensor:
    r"""Return what the critic minimises, :math:`-(L_{normal}-\lambda_{neg}L_{neg})`, the batch's mean.

    :math:`L_{normal}=E[D(x,x)-D(x,\hat x)]+\lambda_{inter}E[D(x,x)-D(x,\hat x_{inter})]` and
    :math:`L_{neg}=E_{x\sim\tilde Q}[D(x,x)-D(x,\hat x)]`.

    Reference: Somepalli et al. (2021), Unsupervised Anomaly Detection with Adversarial Mirrored AutoEncoders,
    Eqs. 2 to 5 without the term of the codes, which the critic does not change.

    Parameters
    ----------
    same, mirrored : Tensor of shape (..., rows)
        D(x, x) and D(x, x̂) of normal rows.
    interpolated : Tensor of shape (..., rows) or (..., points, rows), optional
        D(x, x̂ of an interpolation), for one or several x that it lies between.
    interpolated_same : Tensor of shape (..., rows), optional
        D(x, x) of rows that are interpolations themselves (MixUp); those of `same` otherwise.
    negative_same, negative_mirrored : Tensor of shape (..., negatives), optional
        D(x, x) and D(x, x̂) of negatives.
    lambda_inter, lambda_neg : float
        Weights of the two terms.

    Examples
    --------
    >>> critic_loss(torch.tensor([3.0, 1.0]), torch.tensor([1.0, 1.0]))
    tensor(-1.)
    """
    gap = (same - mirrored).mean(-1)
    if interpolated is not None:
        own = same if interpolated_same is None else interpolated_same
        gap = gap + lambda_inter * (own.mean(-1) - _mean_of(interpolated, same.dim()))
    if negative_same is not None and negative_mirrored is not None:
        gap = gap - lambda_neg * (negative_same - negative_mirrored).mean(-1)
    return -gap


def generator_loss(
    mirrored: Tensor,
    *,
    interpolated: Tensor | None = None,
    negative_mirrored: Tensor | None = None,
    lambda_inter: float = 0.5,
    lambda_neg: float = 5.0,
) -> Tensor:
    r"""Return what encoder and generator minimise: the terms of :math:`L_{normal}-\lambda_{neg}L_{neg}` with x̂.

    Reference: Somepalli et al. (2021), Eqs. 2 to 5; D(x, x) does not depend on the two, and the term of the
    codes is :func:`code_norm`. Arguments are those of :func:`critic_loss`. Returns a tensor of shape (...).

    Examples
    --------
    >>> generator_loss(torch.tensor([3.0, 1.0]), negative_mirrored=torch.tensor([1.0]), lambda_neg=5.0)
    tensor(3.)
    """
    loss = -mirrored.mean(-1)
    if interpolated is not None:
        loss = loss - lambda_inter * _mean_of(interpolated, mirrored.dim())
    if negative_mirrored is not None:
        loss = loss + lambda_neg * negative_mirrored.mean(-1)
    return loss


def contrast(same: Tensor, mirrored: Tensor, margin: float) -> Tensor:
    """Return how well a critic tells negatives from their reconstructions, up to a margin; all three maximise it.

    The critic of :func:`critic_loss` maximises the opposite, and what then lowers D(x, x̂) of negatives is a
    better reconstruction. Without a margin encoder and generator would go on to infinity where outputs have no
    bounds. Returns a tensor of shape (...).

    Parameters
    ----------
    same, mirrored : Tensor of shape (..., negatives)
        D(x, x) and D(x, x̂).
    margin : float
        Largest difference that counts. A critic of slope 1 has at most the distance of x and x̂.

    Examples
    --------
    >>> contrast(torch.tensor([3.0, 9.0]), torch.tensor([2.0, 1.0]), margin=4.0)
    tensor(2.5000)
    """
    return (same - mirrored).clamp(max=margin).mean(-1)


def _mean_of(interpolated: Tensor, axes: int) -> Tensor:
    """Return the mean over rows, and over points where `interpolated` has one axis more than `axes`."""
    return interpolated.mean(-1) if interpolated.dim() == axes else interpolated.mean((-2, -1))


def code_norm(codes: Tensor, radius: float = 0.0) -> Tensor:
    r"""Return how far each code's norm is from `radius`, :math:`|\,\|E(x)\|-r\,|`.

    With r = 0 it is the term :math:`\|E(x)\|` of Somepalli et al. (2021), Eq. 4, which draws codes to 0; with
    :math:`r=\sqrt d` it does what they say that the term does: keep codes where atypical selection looks for
    them. Returns a tensor of shape (..., rows).

    Parameters
    ----------
    codes : Tensor of shape (..., rows, code)
    radius : float
        At least 0.

    Examples
    --------
    >>> code_norm(torch.tensor([[3.0, 4.0]]), radius=2.0)
    tensor([3.])
    """
    # the slope of a norm at 0 is NaN, and a dead encoder gives codes of 0
    norm = (codes.square().sum(-1) + 1e-12).sqrt()
    return (norm - radius).abs()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], points: Tensor, *, channels: int | None = None
) -> Tensor:
    r"""Return how far the critic's slope at each of the `points` is from 1, squared: :math:`(\|\nabla D\|-1)^2`.

    The slope can itself be differentiated with respect to the parameters that `critic` uses. Returns a tensor of
    shape (..., rows), with `channels` the mean over pixels.

    Reference: Gulrajani et al. (2017), Improved Training of Wasserstein GANs, Eq. 3. With `channels` as AMA's
    public code has it: the norm is over the channels of each pixel of both images, and all pixels' are pushed
    to 1.

    Parameters
    ----------
    critic : callable
        Takes pairs (..., rows, 2 * features), returns (..., rows); a row's value depends on that row alone.
    points : Tensor of shape (..., rows, 2 * features)
        Where to look at the slope; they are taken as constants.
    channels : int, optional
        Channels of one image. Without it the norm is over the whole pair.

    Examples
    --------
    >>> steep = lambda pair: 3.0 * pair[..., 0]
    >>> gradient_penalty(steep, torch.zeros(1, 4))
    tensor([4.])
    >>> gradient_penalty(steep, torch.zeros(1, 4), channels=1)  # pixels (0, 2) and (1, 3): slopes 3 and 0
    tensor([2.5000])
    """
    return slope_penalty(gradients(critic, points, differentiable=True), channels=channels)


def slope_penalty(gradient: Tensor, *, channels: int | None = None) -> Tensor:
    """Return :func:`gradient_penalty` of the gradients (..., rows, 2 * features) at the points, (..., rows).

    >>> slope_penalty(torch.tensor([[3.0, 0.0, 4.0, 0.0]]))
    tensor([16.])
    """
    penalty = (_norms(gradient, channels) - 1.0).square()
    return penalty if channels is None else penalty.mean(-1)


def slopes(
    critic: Callable[[Tensor], Tensor],
    points: Tensor,
    *,
    channels: int | None = None,
    differentiable: bool = False,
) -> Tensor:
    """Return the norm of the critic's gradient at each of the `points`.

    Returns a tensor of shape (..., rows), with `channels` (..., rows, pixels).

    Parameters
    ----------
    critic, points, channels
        As in :func:`gradient_penalty`.
    differentiable : bool
        Whether the norms can be differentiated with respect to the critic's parameters.

    Examples
    --------
    >>> slopes(lambda pair: 3.0 * pair[..., 0], torch.zeros(1, 4))
    tensor([3.])
    """
    return _norms(gradients(critic, points, differentiable=differentiable), channels)


def gradients(critic: Callable[[Tensor], Tensor], points: Tensor, *, differentiable: bool = False) -> Tensor:
    """Return the critic's gradient at each of the `points`, whose shape it has; arguments as in :func:`slopes`.

    >>> gradients(lambda pair: 3.0 * pair[..., 0], torch.zeros(1, 4))
    tensor([[3., 0., 0., 0.]])
    """
    with torch.enable_grad():
        at = points.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(critic(at).sum(), at, create_graph=differentiable)
    return gradient


def values_and_gradients(
    critic: Callable[[Tensor], Tensor], x: Tensor, points: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the critic's values of rows, and its gradients at points, both to be learnt from.

    A critic that has a quicker way offers it as a method of this name.

    >>> values, gradient = values_and_gradients(lambda pair: 3.0 * pair[..., 0], torch.ones(2, 2), torch.zeros(1, 2))
    >>> values, gradient
    (tensor([3., 3.]), tensor([[3., 0.]]))
    """
    quicker = getattr(critic, "values_and_gradients", None)
    if quicker is not None:
        result: tuple[Tensor, Tensor] = quicker(x, points)
        return result
    return critic(x), gradients(critic, points, differentiable=True)


def _norms(gradient: Tensor, channels: int | None) -> Tensor:
    """Return the norms of gradients, (..., rows), with `channels` those of each pixel, (..., rows, pixels)."""
    if channels is not None:
        gradient = gradient.reshape(*gradient.shape[:-1], 2 * channels, -1).transpose(-1, -2)
    return (gradient.square().sum(-1) + 1e-12).sqrt()  # where a critic is flat, a plain norm's slope is NaN


def mirror_distance(same: Tensor, mirrored: Tensor) -> Tensor:
    r"""Return :math:`R(x)=\|f(x,x)-f(x,\hat x)\|_1` of each row.

    From the critic's penultimate layer of (x, x) and of (x, x̂), (..., rows, features), to (..., rows).

    Reference: Somepalli et al. (2021), Eq. 6.

    Examples
    --------
    >>> mirror_distance(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 4.0]]))
    tensor([3.])
    """
    return (same - mirrored).abs().sum(-1)


def log_density(distance: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    r"""Return :math:`\log A(x)=-\frac{(R(x)-\mu)^2}{2\sigma^2}-\log\sigma\sqrt{2\pi}` of each row.

    Two-sided on purpose: some anomalies are reconstructed better than normal rows. Returns a tensor of shape
    (..., rows); higher is more normal.

    Reference: Somepalli et al. (2021), Eq. 7, whose logarithm ranks rows alike and does not underflow.

    Parameters
    ----------
    distance : Tensor of shape (..., rows)
        R(x).
    mean, std : Tensor that broadcasts against `distance`
        μ and σ > 0 of R over the training rows.

    Examples
    --------
    >>> log_density(torch.tensor([1.0, 3.0]), torch.tensor(1.0), torch.tensor(1.0))
    tensor([-0.9189, -2.9189])
    """
    return -0.5 * ((distance - mean) / std).square() - std.log() - 0.5 * math.log(2 * math.pi)
