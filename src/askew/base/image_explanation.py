"""ImageExplanation: contributions of pixels to scores, with the images that were to be expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from askew.base.explanation import shares_of_lowering
from askew.errors import require_whole

MOST_SQUARES = 8
"""Squares along the longer side of an image, at most: a score is asked for every one of them."""


@dataclass(frozen=True, eq=False)
class ImageExplanation:
    """Why images have their scores. ``base + contributions.sum(axis=(1, 2, 3))`` is ``scores``.

    Attributes
    ----------
    rows : Index of length n
        What the images are called: 0 to n - 1.
    scores : array of shape (n,)
        The model's scores; higher = more normal.
    contributions : array of shape (n, channels, height, width)
        What each pixel adds to the score, in the score's unit: below 0 makes the image more anomalous.
    base : array of shape (n,)
        The part of the score that no pixel is charged with.
    observed : array of shape (n, channels, height, width)
        The images as they were given.
    expected : array of shape (n, channels, height, width), float
        What was to be expected, in the same unit.
    reconstruction : array of shape (n, channels, height, width), float, or None
        What the model makes of each image; values may lie outside of what a pixel can be. None if it makes none.
    method : "terms", "gradients" or "sampling"
        How the contributions were computed, see :func:`askew.explain.explain`.
    expected_by : "reconstruction" or "neighbours"
        Where the expected images come from: the model, or the ten usual images that look most alike.
    patch : int
        Side in pixels of the squares that were charged as one; 1 where every pixel was.
    value_range : (float, float)
        The values of black and white.

    Examples
    --------
    >>> from askew import IsolationForest
    >>> X = np.random.default_rng(0).integers(0, 50, size=(60, 1, 16, 16)).astype(np.uint8)
    >>> X[0, 0, :4, 4:8] = 255
    >>> why = IsolationForest(random_state=0).fit(X).explain(X)
    >>> why.contributions.shape, why.method, why.patch
    ((60, 1, 16, 16), 'sampling', 2)
    >>> square = why.top(1).iloc[0]
    >>> int(square["row"]), bool(square["top"] < 4), bool(4 <= square["left"] < 8)
    (0, True, True)
    """

    rows: pd.Index
    scores: NDArray[np.float64]
    contributions: NDArray[np.float64]
    base: NDArray[np.float64]
    observed: NDArray[Any]
    expected: NDArray[np.float64]
    reconstruction: NDArray[np.float64] | None
    method: str
    expected_by: str
    patch: int
    value_range: tuple[float, float]

    def maps(self) -> NDArray[np.float64]:
        """Return the contributions summed over channels, (n, height, width)."""
        return np.asarray(self.contributions.sum(axis=1))

    def differences(self) -> NDArray[np.float64]:
        """Return how far each pixel is from the expected one, (n, height, width), see :func:`signed_differences`.

        In shares of the way from black to white; above 0 where the pixel is brighter than expected.
        """
        return signed_differences(self.observed, self.expected, self.value_range)

    def errors(self) -> NDArray[np.float64] | None:
        """Return how far each pixel is from the reconstructed one, as :meth:`differences`; None without one."""
        made = self.reconstruction
        return None if made is None else signed_differences(self.observed, made, self.value_range)

    def shares(self) -> NDArray[np.float64]:
        """Return the share of each pixel in what lowers the image's score, (n, height, width); 0 if it raises it."""
        return shares_of_lowering(self.maps())

    def top(self, k: int = 5) -> pd.DataFrame:
        """Return the `k` squares of pixels that lower each image's score most, the worst first.

        One line per image and square: ``row``, ``score``, ``top``, ``left``, ``height``, ``width`` (in pixels),
        ``contribution`` and ``share`` (of what all squares that lower the score take from it). An image whose score
        fewer squares lower has fewer lines. Raises InvalidInputError unless `k` is a whole number of at least 1.
        """
        require_whole("k", "ImageExplanation.top", k, 1, "5 squares are a good start.")
        maps = self.maps()
        places = squares(maps.shape[1], maps.shape[2], self.patch if self.patch > 1 else None)
        sums = np.stack([maps[:, y, x].sum(axis=(1, 2)) for y, x in places], axis=1)  # (n, squares)
        lowering = np.maximum(-sums, 0.0).sum(axis=1)
        order = np.argsort(sums, axis=1, kind="stable")[:, :k]
        boxes = [(y.start, x.start, y.stop - y.start, x.stop - x.start) for y, x in places]
        lines = [
            (self.rows[i], self.scores[i], *boxes[s], sums[i, s], -sums[i, s] / lowering[i])
            for i, worst in enumerate(order)
            for s in worst
            if sums[i, s] < 0
        ]
        names = ["row", "score", "top", "left", "height", "width", "contribution", "share"]
        return pd.DataFrame(lines, columns=names)


def signed_differences(
    observed: NDArray[Any], other: NDArray[Any], value_range: tuple[float, float]
) -> NDArray[np.float64]:
    """Return how far each pixel of images (n, channels, height, width) is from those of others, (n, height, width).

    The root of the mean square over channels, as a share of the way from black to white (`value_range`); below 0
    where the pixel is the darker one.

    >>> signed_differences(np.array([[[[255, 0]]]]), np.array([[[[0.0, 51.0]]]]), (0.0, 255.0))
    array([[[ 1. , -0.2]]])
    """
    black, white = value_range
    off = (observed.astype(np.float64) - other) / (white - black)
    size = np.sqrt(np.square(off).mean(axis=1))
    return np.asarray(np.where(off.mean(axis=1) < 0, -size, size))


def squares(height: int, width: int, side: int | None = None) -> list[tuple[slice, slice]]:
    """Return a grid of squares over an image, row by row; those at the right and lower edges may be cut.

    `side` is in pixels; by default the smallest that makes at most 8 squares along the longer side.
    """
    step = -(-max(height, width) // MOST_SQUARES) if side is None else side
    return [
        (slice(y, min(y + step, height)), slice(x, min(x + step, width)))
        for y in range(0, height, step)
        for x in range(0, width, step)
    ]
