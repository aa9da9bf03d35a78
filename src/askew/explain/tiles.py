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


def apart(
    observed: NDArray[Any], other: NDArray[Any], value_range: tuple[float, float]
) -> NDArray[np.float64]:
    """Return how far each pixel of images (n, channels, height, width) is from those of others, (n, height, width).

    The root of the mean square over channels, as a share of the way from black to white, which `value_range` tells;
    above 0 where the pixel is the brighter one, below 0 where it is darker.

    Examples
    --------
    >>> apart(np.array([[[[255, 0]]]]), np.array([[[[0.0, 51.0]]]]), (0.0, 255.0))
    array([[[ 1. , -0.2]]])
    """
    black, white = value_range
    off = (observed.astype(np.float64) - other) / (white - black)
    size = np.sqrt(np.square(off).mean(axis=1))
    return np.asarray(np.where(off.mean(axis=1) < 0, -size, size))


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
