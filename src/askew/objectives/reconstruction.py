"""Reconstruction terms: the squared error of rows, and the negative log-likelihood of sentences."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

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
    _check_reduction("reconstruction_error", reduction)
    axes = tuple(range(-event_dims, 0))
    summed = (x - x_hat).square().sum(axes)
    return summed / math.prod(x.shape[-event_dims:]) if reduction == "mean" else summed


def _check_reduction(owner: str, reduction: str) -> None:
    if reduction not in ("mean", "sum"):
        raise ValueError(f'reduction of {owner} must be "mean" or "sum"; got {reduction!r}.')


def cross_entropy_error(x: Tensor, logits: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    r"""Cross-entropy of each row, the mean or sum over *j* of :math:`\log(1+e^{l_j})-x_jl_j`.

    It is :math:`-\log p(x\mid z)` of Bernoulli variables with the probabilities :math:`1/(1+e^{-l_j})`. Cells below 0
    and above 1 count as 0 and 1: beyond these it would have no least value.

    Parameters
    ----------
    x, logits : Tensor of shape ``(..., rows, features)``
        The samples, and the decoder's outputs before the sigmoid.
    reduction : {"mean", "sum"}
        How the coordinates of one row are put together.

    Raises
    ------
    ValueError
        If the shapes of rows differ, or for another `reduction`.

    Examples
    --------
    >>> import torch
    >>> cross_entropy_error(torch.tensor([[0.0, 1.0]]), torch.zeros(1, 2)) / torch.tensor(2.0).log()
    tensor([1.])
    """
    shape, given = x.shape[-2:], logits.shape[-2:]
    require_shape("logits of cross_entropy_error", given, "have the rows and features of x", shape)
    _check_reduction("cross_entropy_error", reduction)
    cells = functional.softplus(logits) - x.clamp(0.0, 1.0) * logits
    return cells.mean(-1) if reduction == "mean" else cells.sum(-1)


def token_nll(logits: Tensor, tokens: Tensor, *, padding: int = 0, reduction: Reduction = "sum") -> Tensor:
    r"""Return :math:`-\sum_t\log p(x_t\mid x_{<t},z)` of each sentence, in nats, or its mean over the tokens.

    Returns a tensor of shape (rows,).

    Reference: Bowman et al. (2016), Generating Sentences from a Continuous Space, section 2; it is the term
    :math:`L_R` of the ELBO.

    Parameters
    ----------
    logits : Tensor of shape (tokens, vocabulary)
        One line per token that is not padding, sentence after sentence: nothing is computed for padding.
    tokens : Tensor of shape (rows, length), integers
        The sentences, padded at the end.
    padding : int
        The number that stands for no token.
    reduction : {"sum", "mean"}
        How the tokens of one sentence are put together. The sum is the likelihood; the mean does not grow with
        the sentence.

    Raises
    ------
    ValueError
        If `logits` has not one line per token, or for another `reduction`.

    Examples
    --------
    >>> tokens = torch.tensor([[1, 2], [1, 0]])
    >>> token_nll(torch.zeros(3, 4), tokens) / torch.tensor(4.0).log()
    tensor([2., 1.])
    """
    there = tokens != padding
    if len(logits) != int(there.sum()):
        raise ValueError(
            f"logits of token_nll must have one line per token, {int(there.sum())}; got {len(logits)}."
        )
    if reduction not in ("mean", "sum"):
        raise ValueError(f'reduction of token_nll must be "mean" or "sum"; got {reduction!r}.')
    each = functional.cross_entropy(logits, tokens[there], reduction="none")
    rows = torch.arange(len(tokens), device=tokens.device).unsqueeze(1).expand_as(tokens)[there]
    total = torch.zeros(len(tokens), dtype=each.dtype, device=each.device).index_add(0, rows, each)
    return total if reduction == "sum" else total / there.sum(1)
