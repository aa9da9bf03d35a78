"""Energy-based models trained by denoising: the energy of DSEBM and the step down its slope."""

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
