"""Energies and potentials: DSEBM, trained by denoising, and neural random fields, whose samples climb the slope."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from askew.objectives.shapes import require_shape


def energy(x: Tensor, bias: Tensor, features: Tensor) -> Tensor:
    r"""Return DSEBM's energy of each row, :math:`E(x)=\frac12\|x-b\|^2-\sum_jh_j(x)`.

    Returns a tensor of shape (..., rows); lower is more probable.

    Reference: Zhai et al. (2016), Deep Structured Energy Based Models for Anomaly Detection, its fully
    connected model.

    Parameters
    ----------
    x : Tensor of shape (..., rows, columns)
    bias : Tensor of shape (columns,) or (..., 1, columns)
        b.
    features : Tensor of shape (..., rows, code)
        h(x), the network's last layer.

    Raises
    ------
    ValueError
        If `features` has other rows than `x`: they would broadcast.

    Examples
    --------
    >>> energy(torch.tensor([[3.0, 1.0]]), torch.tensor([1.0, 1.0]), torch.tensor([[0.5, 0.25]]))
    tensor([1.2500])
    """
    require_shape("features of energy", features.shape[:-1], "have the rows of x", x.shape[:-1])
    return 0.5 * (x - bias).square().sum(-1) - features.sum(-1)


def denoise(energy_of: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    r"""Return each row one step down the slope of the energy, :math:`f(x)=x-\nabla_xE(x)`.

    The slope can itself be differentiated with respect to the parameters that `energy_of` uses, and it is
    computed under ``torch.no_grad()`` and inside ``torch.func.vmap`` as well. Returns a tensor of shape
    (..., rows, columns).

    Reference: Zhai et al. (2016), on score matching: it is how the model reconstructs a row.

    Parameters
    ----------
    energy_of : callable
        Takes (..., rows, columns), returns (..., rows); a row's energy depends on that row alone.
    x : Tensor of shape (..., rows, columns)

    Examples
    --------
    >>> denoise(lambda x: 0.5 * (x - 2.0).square().sum(-1), torch.tensor([[0.0, 5.0]]))
    tensor([[2., 2.]])
    """
    slope: Tensor = torch.func.grad(lambda rows: energy_of(rows).sum())(x)
    return x - slope


def random_field(data: Tensor, samples: Tensor, confinement: float) -> Tensor:
    r"""Return the batch's loss of a potential u, :math:`\bar u(\text{samples})-\bar u(x)+\lambda\,\overline{u(x)^2}`.

    With samples of the density :math:`p\propto e^u` the first two terms have the slope of the mean negative
    log-likelihood; the third keeps potentials, which have no zero of their own, from running away. Returns a
    tensor of shape (...).

    Reference: Song and Ou (2018), Learning Neural Random Fields with Inclusive Auxiliary Generators, Eq. 5; the
    third term is in the authors' code.

    Parameters
    ----------
    data : Tensor of shape (..., rows)
        Potentials of training rows.
    samples : Tensor of shape (..., samples)
        Potentials of samples of the model.
    confinement : float
        λ.

    Examples
    --------
    >>> random_field(torch.tensor([1.0, 3.0]), torch.tensor([0.5]), confinement=0.1)
    tensor(-1.)
    """
    return samples.mean(-1) - data.mean(-1) + confinement * data.square().mean(-1)


@torch.no_grad()
def revise(
    potential: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    step_size: float,
    momentum: float = 0.0,
    steps: int = 10,
    noise: Tensor | None = None,
) -> Tensor:
    r"""Return rows moved towards higher potential, by Langevin steps with momentum, within 0 to 1.

    :math:`v\leftarrow\beta v+\eta\nabla u(x)`, :math:`x\leftarrow\mathrm{clip}(x+v+\epsilon)`. No gradient passes
    through. Returns a tensor of the shape of `x`.

    Reference: Song and Ou (2018), Algorithm 1 with the revision of x alone, as in the authors' code for images.

    Parameters
    ----------
    potential : callable
        u: takes (..., rows, values), returns (..., rows); a row's potential depends on that row alone.
    x : Tensor of shape (..., rows, values)
        From 0 to 1.
    step_size, momentum : float
        η and β; momentum 0 is stochastic gradient Langevin dynamics, else its Hamiltonian kin.
    steps : int
    noise : Tensor of shape (..., rows, steps * values), optional
        ε of all steps, scaled already.

    Examples
    --------
    >>> revise(lambda x: -(x - 0.5).square().sum(-1), torch.tensor([[0.1]]), step_size=0.25, steps=2)
    tensor([[0.4000]])
    """
    slope_of = torch.func.grad(lambda rows: potential(rows).sum())
    parts = [None] * steps if noise is None else noise.chunk(steps, dim=-1)
    v = torch.zeros_like(x)
    for part in parts:
        v = momentum * v + step_size * slope_of(x)
        x = (x + v if part is None else x + v + part).clamp(0.0, 1.0)
    return x
