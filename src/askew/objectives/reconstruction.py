"""Reconstruction error: how far a decoded sample is from the sample."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from askew.objectives.shapes import require_shape

Reduction = Literal["mean", "sum"]


def reconstruction_error(
    x: Tensor, x_hat: Tensor, *, reduction: Reduction = "mean", event_dims: int = 1
) -> Tensor:
    r"""Squared error of each row, :math:`\frac1d\sum_j (x_j-\hat x_j)^2` or the sum over *j*.

    The papers do not say whether they average or sum, nor whether there is a factor ½; there is none here.
    With ``reduction="sum"`` it is, up to constants, :math:`-\log p(x\mid z)` of a Gaussian with variance ½.

    Parameters
    ----------
    x, x_hat : Tensor of shape ``(..., rows, *event)``
        The samples and their reconstructions, in the same unit. They may broadcast over leading axes.
    reduction : {"mean", "sum"}
        How the coordinates of one row are put together.
    event_dims : int
        How many trailing axes make up one row: 1 for a table, 3 for images.

    Raises
    ------
    ValueError
        If the event shapes differ: broadcasting there would compare every row with every other one. Also for
        another `reduction`.

    Examples
    --------
    >>> import torch
    >>> reconstruction_error(torch.tensor([[0.0, 2.0]]), torch.tensor([[1.0, 0.0]]))
    tensor([2.5000])
    """
    shape, shape_hat = (of.shape[-event_dims - 1 :] for of in (x, x_hat))
    require_shape("x_hat of reconstruction_error", shape_hat, "have the rows and features of x", shape)
    if reduction not in ("mean", "sum"):
        raise ValueError(f'reduction of reconstruction_error must be "mean" or "sum"; got {reduction!r}.')
    axes = tuple(range(-event_dims, 0))
    squared = (x - x_hat).square()
    return squared.mean(axes) if reduction == "mean" else squared.sum(axes)
