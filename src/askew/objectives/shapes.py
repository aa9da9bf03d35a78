"""Refusal of tensors that would fit each other only by broadcasting."""

from __future__ import annotations

from collections.abc import Sequence


def require_shape(what: str, got: Sequence[int], rule: str, wanted: Sequence[int]) -> None:
    """Raise ValueError unless two shapes are equal.

    >>> require_shape("labels of deep_sad", (3, 1), "have the shape of distance", (3,))
    Traceback (most recent call last):
    ValueError: labels of deep_sad must have the shape of distance, (3,); got (3, 1).
    """
    if tuple(got) != tuple(wanted):
        raise ValueError(f"{what} must {rule}, {tuple(wanted)}; got {tuple(got)}.")
