"""Arrays of images -> flat rows of pixels and their typed spec."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must
from askew.inputs.spec import ImageSpec, spec_of


class ImageRows(NamedTuple):
    """Pixels of images: ``values`` (n, channels * height * width), uint8 or a float type, and their spec."""

    values: NDArray[Any]
    spec: ImageSpec


def is_images(X: Any) -> bool:
    """Return whether ``X`` is an array with the axes of images, (n, channels, height, width)."""
    return len(getattr(X, "shape", ())) == 4


def image_rows(X: Any, owner: str = "image_rows") -> ImageRows:
    """Return images `X`, uint8 (0 to 255) or floats (n, channels, height, width), as flat rows, a view where possible.

    Raises
    ------
    InvalidInputError
        For no images, channels last, another type, and for a pixel that is not finite; the message names it.

    Examples
    --------
    >>> image_rows(np.zeros((5, 1, 28, 28), np.uint8)).spec
    ImageSpec(channels=1, height=28, width=28)
    """
    spec = spec_of(X)
    if not isinstance(spec, ImageSpec):
        raise InvalidInputError(
            must("X", owner, "images (n, channels, height, width)", X.shape, "Add axes with X[:, None].")
        )
    array = np.asarray(X)
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        remedy = "Use X.astype(np.uint8) for pixels from 0 to 255, or X.astype(np.float32)."
        raise InvalidInputError(must("X", owner, "of uint8 or floating-point pixels", array.dtype, remedy))
    if not len(array):
        raise InvalidInputError(
            must("X", owner, "at least one image", array.shape, "Check how it was selected.")
        )
    rows = array.reshape(len(array), -1)
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        image, pixel = (int(place) for place in np.argwhere(~np.isfinite(rows))[0])
        where = tuple(int(i) for i in np.unravel_index(pixel, array.shape[1:]))
        remedy = "Leave the image out, or fill the pixel."
        raise InvalidInputError(
            must("X", owner, "finite", f"{rows[image, pixel]} in image {image} at {where}", remedy)
        )
    return ImageRows(rows, spec)
