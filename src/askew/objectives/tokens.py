"""The reconstruction term of sentences: the negative log-likelihood of their tokens."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from askew.objectives.reconstruction import Reduction


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
