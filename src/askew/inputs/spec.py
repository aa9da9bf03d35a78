"""Typed input specifications: what one sample looks like, so that a network can be chosen for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from askew.errors import InvalidInputError, must

_CHANNELS = (1, 3, 4)  # grey, colour, colour with transparency


class _Positive:
    """Refuses dataclass fields that are no integers of at least 1."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                rule, remedy = "an integer of at least 1", "Give data that has at least one."
                raise InvalidInputError(must(name, type(self).__name__, rule, value, remedy))


@dataclass(frozen=True)
class TableSpec(_Positive):
    """One sample is a row of `n_features` numbers, at least 1."""

    n_features: int


@dataclass(frozen=True)
class ImageSpec(_Positive):
    """One sample is an image (`channels`, `height`, `width`), each at least 1; 1 channel is grey, 3 are colour."""

    channels: int
    height: int
    width: int

    @property
    def n_features(self) -> int:
        """Numbers in one image."""
        return self.channels * self.height * self.width


@dataclass(frozen=True)
class TextSpec(_Positive):
    """One sample is a sentence: numbers of `n_tokens` tokens (the marks included), padded at the end with 0."""

    n_tokens: int


RowSpec: TypeAlias = TableSpec | ImageSpec
"""What flat rows of numbers are: a table's, or pixels of images."""

InputSpec: TypeAlias = TableSpec | ImageSpec | TextSpec


def spec_of(X: Any) -> InputSpec:
    """Return the specification of one sample of `X`: (n, features), or images (n, channels, height, width).

    Another number of axes, an axis of length 0, and channels last raise InvalidInputError.

    >>> import numpy as np
    >>> spec_of(np.zeros((5, 21)))
    TableSpec(n_features=21)
    >>> spec_of(np.zeros((5, 3, 32, 32)))
    ImageSpec(channels=3, height=32, width=32)
    """
    shape = tuple(getattr(X, "shape", ()))
    if len(shape) == 2:
        return TableSpec(int(shape[1]))
    if len(shape) != 4:
        remedy = "Add the channel axis with X[:, None]." if len(shape) == 3 else "Give one sample per row."
        rule = "of shape (n, features) or (n, channels, height, width)"
        raise InvalidInputError(must("X", "spec_of", rule, shape, remedy))
    channels, height, width = (int(length) for length in shape[1:])
    if width in _CHANNELS and channels not in _CHANNELS:
        remedy = "The channels seem to be last: use X.transpose(0, 3, 1, 2)."
        raise InvalidInputError(must("X", "spec_of", "of shape (n, channels, height, width)", shape, remedy))
    return ImageSpec(channels, height, width)
