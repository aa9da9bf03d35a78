"""Networks of the sentence VAE: word vectors, an LSTM that reads and an LSTM that writes.

Reference: Bowman, Vilnis, Vinyals, Dai, Jozefowicz and Bengio (2016), Generating Sentences from a Continuous
Space, sections 2.2 and 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from askew.inputs.text import PADDING, START, UNKNOWN

Pooling = Literal["mean", "last"]


def lengths(tokens: Tensor) -> Tensor:
    """Return the number of tokens of each sentence that are not padding, (rows,)."""
    return (tokens != PADDING).sum(1)


def _packed(vectors: Tensor, tokens: Tensor) -> PackedSequence:
    # the LSTM then spends nothing on padding
    return pack_padded_sequence(vectors, lengths(tokens).cpu(), batch_first=True, enforce_sorted=False)


def word_embedding(
    words: Sequence[str], width: int, vectors: Mapping[str, NDArray[np.float32]] | None = None
) -> nn.Embedding:
    """Return the vectors of `words`, in the order of their numbers, as a layer.

    `vectors`, for example GloVe's, are those of known words, of length `width`; the rest are random of the same
    spread.

    >>> layer = word_embedding(["<pad>", "film"], 2, {"film": np.array([0.5, 1.0], np.float32)})
    >>> layer(torch.tensor([1]))
    tensor([[0.5000, 1.0000]], grad_fn=<EmbeddingBackward0>)
    """
    layer = nn.Embedding(len(words), width)
    if vectors:
        rows = [row for row, word in enumerate(words) if word in vectors]
        known = torch.from_numpy(np.stack([vectors[words[row]] for row in rows]))
        with torch.no_grad():
            layer.weight.mul_(known.std())
            layer.weight[rows] = known
    return layer


class SentenceEncoder(nn.Module):
    """Word vectors (rows, length, width) and their tokens -> mean and log-variance side by side, (rows, 2 code).

    `pooling` says what is made of the LSTM's states: their mean, or the last one, as in the paper.
    """

    def __init__(self, width: int, hidden: int, code: int, pooling: Pooling = "mean") -> None:
        super().__init__()
        self.pooling = pooling
        self.lstm = nn.LSTM(width, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 2 * code)

    def forward(self, vectors: Tensor, tokens: Tensor) -> Tensor:
        """Return the code's parameters of each sentence."""
        states, (last, _) = self.lstm(_packed(vectors, tokens))
        if self.pooling == "last":
            pooled = last[-1]
        else:
            padded, _ = pad_packed_sequence(states, batch_first=True)  # padding's states are 0
            pooled = padded.sum(1) / lengths(tokens).unsqueeze(1)
        encoded: Tensor = self.head(pooled)
        return encoded


class WordDropout(nn.Module):
    """Tokens (rows, length) -> what the decoder is fed to predict them: one place later, and some forgotten.

    Tokens are forgotten with probability `rate` and become unknown ones, while training alone; so the decoder has to
    listen to the code.
    """

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the tokens that the decoder sees, (rows, length)."""
        fed = torch.cat([torch.full_like(tokens[:, :1], START), tokens[:, :-1]], dim=1)
        if not self.training:
            return fed
        dropped = torch.rand(fed.shape, device=fed.device) < self.rate
        return fed.masked_fill(dropped & (fed != START), UNKNOWN)


class SentenceDecoder(nn.Module):
    r"""A language model with a code: logits of :math:`p(x_t\mid x_{<t},z)` for every token of a sentence.

    The code makes the LSTM's first state and joins every input.
    """

    def __init__(self, n_tokens: int, width: int, hidden: int, code: int) -> None:
        super().__init__()
        self.start = nn.Linear(code, 2 * hidden)
        self.lstm = nn.LSTM(width + code, hidden, batch_first=True)
        self.head = nn.Linear(hidden, n_tokens)

    def forward(self, z: Tensor, fed: Tensor, tokens: Tensor) -> Tensor:
        """Return logits (tokens, n_tokens), one line per token that is not padding, sentence after sentence.

        `z` are codes (rows, code); `fed` vectors (rows, length, width) of the words that :class:`WordDropout`
        gives; `tokens` (rows, length) are to be predicted.
        """
        state, cell = (part.unsqueeze(0).contiguous() for part in self.start(z).tanh().chunk(2, dim=-1))
        joined = torch.cat([fed, z.unsqueeze(1).expand(-1, fed.shape[1], -1)], dim=-1)
        states, _ = self.lstm(_packed(joined, tokens), (state, cell))
        padded, _ = pad_packed_sequence(states, batch_first=True)
        logits: Tensor = self.head(padded[tokens[:, : padded.shape[1]] != PADDING])
        return logits
