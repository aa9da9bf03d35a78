"""Images of a session as pictures that a screen shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def pixel_range(model: Any, X: Any) -> tuple[float, float]:
    """Return the values of black and white of images (n, channels, height, width)."""
    from askew.explain.model_view import ModelView
    from askew.explain.pixel_explanation import value_range

    return (0.0, 255.0) if X.dtype == np.uint8 else value_range(ModelView(model), X.reshape(len(X), -1))


def as_picture(image: NDArray[Any], black_and_white: tuple[float, float]) -> NDArray[np.uint8]:
    """Return an image (channels, height, width) as (height, width) or (height, width, 3), 0 black and 255 white.

    Of other numbers of channels it is their mean.

    >>> as_picture(np.array([[[0.0, 0.5, 2.0]]]), (0.0, 1.0))
    array([[  0, 128, 255]], dtype=uint8)
    """
    black, white = black_and_white
    level = np.clip((image.astype(np.float64) - black) / (white - black or 1.0), 0.0, 1.0)
    pixels: NDArray[np.uint8] = np.round(255 * level).astype(np.uint8)
    if len(pixels) == 3:
        return np.ascontiguousarray(pixels.transpose(1, 2, 0))
    return np.asarray(pixels[0] if len(pixels) == 1 else pixels.mean(axis=0), dtype=np.uint8)
