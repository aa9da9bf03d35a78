"""Pixels and maps of pixels as pictures: uint8 arrays, and PNG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito's colours, which people with any colour vision can tell apart.
ABOVE: tuple[int, int, int] = (213, 94, 0)
BELOW: tuple[int, int, int] = (0, 114, 178)


def pixels(image: NDArray[Any], value_range: tuple[float, float]) -> NDArray[np.uint8]:
    """Return an image (channels, height, width) as (height, width) or (height, width, 3), from 0 to 255.

    `value_range` are the values of black and white; what lies outside is cut off, what is no number is black. Of two
    channels or more than three, the mean is shown.

    Examples
    --------
    >>> pixels(np.array([[[0.0, 0.5, 2.0]]]), (0.0, 1.0))
    array([[  0, 128, 255]], dtype=uint8)
    """
    black, white = value_range
    shares = np.nan_to_num((image.astype(np.float64) - black) / (white - black))
    clipped = 255.0 * np.clip(shares, 0.0, 1.0)
    shown = clipped.transpose(1, 2, 0) if len(clipped) == 3 else clipped.mean(axis=0)
    return np.ascontiguousarray(np.round(shown).astype(np.uint8))


def diverging(values: NDArray[np.float64], full: float) -> NDArray[np.uint8]:
    """Return a map (height, width) as colours with transparency, (height, width, 4).

    Orange above 0, blue below, transparent at 0 and opaque from `full` on.

    Examples
    --------
    >>> diverging(np.array([[0.0, 1.0, -0.5]]), 1.0).tolist()
    [[[0, 114, 178, 0], [213, 94, 0, 255], [0, 114, 178, 128]]]
    """
    coloured = np.empty((*values.shape, 4), dtype=np.uint8)
    coloured[..., :3] = np.where(values[..., None] > 0, ABOVE, BELOW)
    strength = np.abs(values) / full if full > 0 else np.zeros_like(values)
    coloured[..., 3] = np.round(255.0 * np.clip(strength, 0.0, 1.0))
    return coloured


def png(tile: NDArray[np.uint8], longest: int) -> bytes:
    """Return a tile as a PNG file, made smaller where its longer side has more pixels than `longest`."""
    from PIL import Image

    held, picture = io.BytesIO(), Image.fromarray(tile)
    picture.thumbnail((longest, longest), Image.Resampling.BOX)
    picture.save(held, format="png", optimize=True)
    return held.getvalue()
