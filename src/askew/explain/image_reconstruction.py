"""What a model makes of images: each above its reconstruction and a map of the error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.base.image_explanation import signed_differences
from askew.errors import InvalidInputError, must
from askew.explain.model_view import ModelView, require_images
from askew.explain.pixel_explanation import value_range
from askew.explain.strips import Block, Line, save_strips, wrapped
from askew.explain.tiles import diverging, pixels


@dataclass(frozen=True, eq=False)
class Reconstructions:
    """Images, and what a model makes of them; Figure 10 of Somepalli et al. (2021).

    Attributes
    ----------
    observed : array of shape (n, channels, height, width)
        The images as they were given.
    made : array of shape (n, channels, height, width), float
        In the same unit; values may lie outside of what a pixel can be.
    value_range : (float, float)
        The values of black and white.
    """

    observed: NDArray[Any]
    made: NDArray[np.float64]
    value_range: tuple[float, float]

    def errors(self) -> NDArray[np.float64]:
        """Return how far each pixel is from the reconstructed one, (n, height, width).

        The root of the mean square over channels, as a share of the way from black to white; above 0 where
        the pixel is brighter than reconstructed, below 0 where it is darker.
        """
        return signed_differences(self.observed, self.made, self.value_range)

    def block(self) -> Block:
        """Return three lines of tiles: images, reconstructions, and errors in orange (above 0) and blue."""
        images, made = ([pixels(one, self.value_range) for one in of] for of in (self.observed, self.made))
        errors = [diverging(each, 1.0) for each in np.nan_to_num(self.errors())]
        return (
            Line("image", tuple(images)),
            Line("reconstruction", tuple(made)),
            Line("error", tuple(errors)),
        )

    def save(self, path: str | Path, title: str = "") -> None:
        """Write the three lines, cut where they grow too long, as one PNG picture, whole or not at all.

        Raises
        ------
        InvalidInputError
            If the path does not end in .png, or cannot be written.
        """
        save_strips(wrapped(self.block()), Path(path), "reconstructions", title)


def reconstructions(model: Any, X: Any) -> Reconstructions:
    """Return what a model makes of images; of an ensemble the mean over its members.

    Parameters
    ----------
    model : fitted detector or threshold
        Of images, one that reconstructs: an autoencoder, a VAE, AMA and others.
    X : array of shape (n, channels, height, width)

    Raises
    ------
    InvalidInputError
        If the model is none of images, does not reconstruct, or X does not fit it.

    Examples
    --------
    >>> from askew import AutoEncoder
    >>> X = np.random.default_rng(0).integers(0, 50, size=(40, 1, 16, 16)).astype(np.uint8)
    >>> detector = AutoEncoder(random_state=0).set_params(training__epochs=1).fit(X)
    >>> found = reconstructions(detector, X[:3])
    >>> found.made.shape, found.errors().shape
    ((3, 1, 16, 16), (3, 16, 16))
    """
    require_images(model, "reconstructions")
    seen = ModelView(model)
    if not seen.reconstructs:
        remedy = "An autoencoder, a VAE or AMA does."
        rule = "a detector that reconstructs images"
        raise InvalidInputError(must("model", "reconstructions", rule, type(seen.detector).__name__, remedy))
    numbers, observed = seen.numbers(X), np.asarray(X)
    made = seen.reconstruct(numbers).reshape(observed.shape)
    return Reconstructions(observed, made, value_range(seen, numbers))
