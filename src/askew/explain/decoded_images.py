"""What a model decodes: reconstructions of images, and what lies between the codes of two images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.base.image_explanation import signed_differences
from askew.errors import InvalidInputError, must, require_whole
from askew.explain.model_view import ModelView, require_images
from askew.explain.pixel_explanation import value_range
from askew.explain.tiles import Block, Line, diverging, pixels, save_strips, wrapped

_REMEDY = "An autoencoder, a VAE or AMA does."


@dataclass(frozen=True, eq=False)
class Reconstructions:
    """Images, and what a model makes of them; Figure 10 of Somepalli et al. (2021).

    Both are (n, channels, height, width), in the same unit.
    """

    observed: NDArray[Any]
    """The images as they were given."""
    made: NDArray[np.float64]
    """Floats, which may lie outside of what a pixel can be."""
    value_range: tuple[float, float]
    """The values of black and white."""

    def errors(self) -> NDArray[np.float64]:
        """Return how far each pixel is from the reconstructed one, (n, height, width).

        In shares of the way from black to white; above 0 where the pixel is brighter than reconstructed.
        """
        return signed_differences(self.observed, self.made, self.value_range)

    def block(self) -> Block:
        """Return three lines of tiles: images, reconstructions, and errors in orange (above 0) and blue."""
        images, made = ([pixels(one, self.value_range) for one in of] for of in (self.observed, self.made))
        errors = [diverging(each, 1.0) for each in np.nan_to_num(self.errors())]
        named = ("image", images), ("reconstruction", made), ("error", errors)
        return tuple(Line(name, tuple(tiles)) for name, tiles in named)

    def save(self, path: str | Path, title: str = "") -> None:
        """Write the three lines, cut where they grow too long, as one PNG picture, whole or not at all.

        Raises InvalidInputError unless `path` ends in .png and can be written.
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
    view = ModelView(model)
    if not view.reconstructs:
        rule = "a detector that reconstructs images"
        raise InvalidInputError(must("model", "reconstructions", rule, type(view.detector).__name__, _REMEDY))
    numbers, observed = view.numbers(X), np.asarray(X)
    made = view.reconstruct(numbers).reshape(observed.shape)
    return Reconstructions(observed, made, value_range(view, numbers))


@dataclass(frozen=True, eq=False)
class Interpolations:
    """Ways from one image to another, in the space of codes and in that of pixels.

    Figures 11 and 12 of Somepalli et al. (2021): a model whose codes of normal images lie close together passes
    through images that look normal, where a mixture of pixels shows both at once.

    Attributes
    ----------
    starts, ends : array of shape (pairs, channels, height, width)
        The images as they were given.
    between_codes : array of shape (pairs, n, channels, height, width), float
        Decoded from n points at equal distances from the code of the start to that of the end, both included.
    between_pixels : array of shape (pairs, n, channels, height, width), float
        Mixtures of the two images in the same shares.
    value_range : (float, float)
        The values of black and white.
    """

    starts: NDArray[Any]
    ends: NDArray[Any]
    between_codes: NDArray[np.float64]
    between_pixels: NDArray[np.float64]
    value_range: tuple[float, float]

    def blocks(self) -> list[Block]:
        """Return two lines of tiles per pair, each from the image at its start to the one at its end."""
        return [
            (self._line("between codes", i, self.between_codes), self._line("pixels", i, self.between_pixels))
            for i in range(len(self.starts))
        ]

    def _line(self, name: str, i: int, between: NDArray[np.float64]) -> Line:
        images = (self.starts[i], *between[i], self.ends[i])
        return Line(name, tuple(pixels(image, self.value_range) for image in images))

    def save(self, path: str | Path, title: str = "") -> None:
        """Write two lines per pair as one PNG picture, whole or not at all.

        Raises InvalidInputError unless `path` ends in .png and can be written.
        """
        save_strips(self.blocks(), Path(path), "interpolations", title)


def interpolations(model: Any, starts: Any, ends: Any, *, n: int = 8) -> Interpolations:
    """Return what a model decodes from points between the codes of two images, for any number of pairs.

    Of an ensemble it is the mean over members, each with codes of its own.

    Parameters
    ----------
    model : fitted detector or threshold
        Of images, one that decodes its codes: an autoencoder, a VAE, AMA and others.
    starts, ends : array of shape (pairs, channels, height, width)
        The first image of each pair, and the last.
    n : int
        Points on each way, at least 2: the first is the reconstruction of the start, the last that of the end.

    Raises
    ------
    InvalidInputError
        If the model is none of images or does not decode codes, or the images do not fit it or each other.

    Examples
    --------
    >>> from askew import AutoEncoder
    >>> X = np.random.default_rng(0).integers(0, 50, size=(40, 1, 16, 16)).astype(np.uint8)
    >>> detector = AutoEncoder(random_state=0).set_params(training__epochs=1).fit(X)
    >>> interpolations(detector, X[:2], X[2:4], n=5).between_codes.shape
    (2, 5, 1, 16, 16)
    """
    owner = "interpolations"
    require_images(model, owner)
    require_whole("n", owner, n, 2, "8 make a line.")
    view = ModelView(model)
    if not view.decodes:
        rule = "a detector that decodes any point between codes"
        raise InvalidInputError(must("model", owner, rule, type(view.detector).__name__, _REMEDY))
    first, last = view.numbers(starts), view.numbers(ends)
    if len(first) != len(last):
        remedy = "Give one last image for each first one."
        raise InvalidInputError(must("ends", owner, f"{len(first)} images", len(last), remedy))
    shares = np.linspace(0.0, 1.0, n)
    starts, ends = np.asarray(starts), np.asarray(ends)
    way = shares[:, None, None, None]
    mixed = (1.0 - way) * starts[:, None].astype(np.float64) + way * ends[:, None]
    decoded = view.between(first, last, shares).reshape(mixed.shape)
    return Interpolations(starts, ends, decoded, mixed, value_range(view, np.concatenate([first, last])))
