"""Points in the space of codes that no row has: interpolations between rows, and AMA's negatives."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

Side = Literal["inward", "outward"]


def simplex_weights(uniform: Tensor) -> Tensor:
    r"""Return weights of m points that are at least 0 and add up to 1.

    All but the first are uniform in :math:`[0,\frac1{m-1}]`, the first is the rest: for three points
    :math:`\alpha_1,\alpha_2\sim U(0,0.5)` and :math:`1-\alpha_1-\alpha_2`. From numbers between 0 and 1,
    (..., rows, m - 1), to (..., rows, m).

    Reference: Somepalli et al. (2021), section Latent Space Interpolation; beyond three points they only ask
    for weights of at least 0 that add up to 1.

    Examples
    --------
    >>> simplex_weights(torch.tensor([[0.5, 1.0]]))
    tensor([[0.2500, 0.2500, 0.5000]])
    """
    others = uniform / uniform.shape[-1]
    return torch.cat([1.0 - others.sum(-1, keepdim=True), others], dim=-1)


def simplex(points: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted mean of the points of each row: a point of the simplex that they span.

    From codes of m rows for every row, (..., m, rows, code), and weights (..., rows, m), at least 0 and adding up to 1,
    to (..., rows, code).

    Examples
    --------
    >>> simplex(torch.tensor([[[0.0, 0.0]], [[4.0, 0.0]]]), torch.tensor([[0.75, 0.25]]))
    tensor([[1., 0.]])
    """
    return (points * weights.movedim(-1, -2).unsqueeze(-1)).sum(-3)


def shuffled(rows: Tensor, keys: Tensor) -> Tensor:
    """Return rows (..., rows, features) in the order of `keys` (..., rows): a random one if the keys are.

    Examples
    --------
    >>> shuffled(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0.3, 0.1, 0.2]))
    tensor([[2.],
            [3.],
            [1.]])
    """
    return torch.take_along_dim(rows, keys.argsort(-1).unsqueeze(-1), dim=-2)


def mix_up(x: Tensor, other: Tensor, uniform: Tensor) -> Tensor:
    """Return mixtures of rows themselves, :math:`ux+(1-u)x'`.

    From rows (..., rows, features) and numbers u from 0 to 1, (..., rows), to (..., rows, features).

    Reference: Zhang et al. (2018), mixup: Beyond Empirical Risk Minimization, with Beta(1, 1), which AMA's
    paper compares simplex interpolation with (Fig. 7).

    Examples
    --------
    >>> mix_up(torch.tensor([[4.0]]), torch.tensor([[0.0]]), torch.tensor([0.25]))
    tensor([[1.]])
    """
    return torch.lerp(other, x, uniform.unsqueeze(-1))


def atypical_codes(directions: Tensor, uniform: Tensor, *, delta: float, side: Side) -> Tensor:
    r"""Return codes just inside or just outside of the sphere of radius :math:`\sqrt d`, where a Gaussian's lie.

    Their directions are uniform, their radii uniform between :math:`\sqrt d` and :math:`\sqrt d\mp\delta`, but at
    least 0. Returns a tensor of shape (..., rows, code).

    Reference: Somepalli et al. (2021), section Atypical Selection.

    Parameters
    ----------
    directions : Tensor of shape (..., rows, code)
        Standard normal numbers.
    uniform : Tensor of shape (..., rows)
        Numbers from 0 to 1.
    delta : float
        δ, above 0.
    side : {"inward", "outward"}

    Examples
    --------
    >>> atypical_codes(torch.tensor([[3.0, 4.0, 0.0, 0.0]]), torch.tensor([0.5]), delta=1.0, side="inward")
    tensor([[0.9000, 1.2000, 0.0000, 0.0000]])
    """
    typical = math.sqrt(directions.shape[-1])
    radius = typical + (delta if side == "outward" else -delta) * uniform
    unit: Tensor = directions / directions.norm(dim=-1, keepdim=True).clamp(min=1e-12)
    return unit * radius.clamp(min=0.0).unsqueeze(-1)


def scaled_codes(codes: Tensor, uniform: Tensor, *, side: Side) -> Tensor:
    r"""Return codes of rows, (..., rows, code), drawn towards 0, :math:`aE(x)`, or away from it, :math:`E(x)/a`.

    Atypical selection with :math:`a=\frac u2` is AMA's public code, not its paper. From u between 0 and 1, (..., rows).
    Away from 0 (``"outward"``) a is at least 0.005, where the code divides by numbers as near to 0 as they come.

    Examples
    --------
    >>> scaled_codes(torch.tensor([[2.0]]), torch.tensor([0.5]), side="outward")
    tensor([[8.]])
    """
    a = 0.5 * uniform.unsqueeze(-1)
    return codes * a if side == "inward" else codes / a.clamp(min=0.005)


def uniform_codes(uniform: Tensor) -> Tensor:
    """Return codes from the cube with corners at -1 and 1, which lies inside of the typical ones.

    From numbers between 0 and 1, of shape (..., rows, code), as the result.

    Reference: Sipple (2020), Interpretable, Multidimensional, Multimodal Anomaly Detection with Negative
    Sampling, as Somepalli et al. (2021), Fig. 2(a), use it; they do not say how large their cube is.

    Examples
    --------
    >>> uniform_codes(torch.tensor([[0.0, 0.75]]))
    tensor([[-1.0000,  0.5000]])
    """
    return 2.0 * uniform - 1.0
