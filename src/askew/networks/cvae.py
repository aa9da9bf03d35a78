"""The networks of a conditional VAE: perceptrons that read the condition beside the data or the code."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

HIDDEN = (512, 512)
CODE = 256
DROPOUT = 0.5


def cvae(
    n_features: int,
    n_condition: int,
    *,
    hidden: tuple[int, ...] = HIDDEN,
    code: int = CODE,
    dropout: float = DROPOUT,
) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the encoder and the decoder of a conditional VAE.

    The encoder maps (features, condition) to the code's means and log-variances, the decoder (code, condition) to
    the features: ``(..., n_features + n_condition) -> (..., 2 code)`` and ``(..., code + n_condition) -> (...,
    n_features)``. Put the two parts into one row with ``torch.cat``. Each hidden layer is followed by a ReLU and by
    dropout.

    Reference: Ichter, Harrison and Pavone (2018), Learning sampling distributions for robot motion planning; widths
    and dropout from Daniel, Kurutach and Tamar (2021), section D.1.

    >>> encoder, decoder = cvae(4, 125)
    >>> encoder[0].in_features, encoder[-1].out_features, decoder[0].in_features, decoder[-1].out_features
    (129, 512, 381, 4)
    """
    return (
        _perceptron((n_features + n_condition, *hidden, 2 * code), dropout),
        _perceptron((code + n_condition, *hidden, n_features), dropout),
    )


def _perceptron(widths: tuple[int, ...], dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths[:-1]):
        layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]))
