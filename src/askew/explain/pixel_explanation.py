"""How the scores of images are explained: as those of rows, with pixels or squares of pixels as features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from askew.base import DeepDetector
from askew.base.image_explanation import ImageExplanation, squares
from askew.explain.attribution import attributions
from askew.explain.expected_values import NEIGHBOURS
from askew.explain.model_view import ModelView
from askew.explain.shapley import shapley_values


def explain_images(
    seen: ModelView,
    X: Any,
    numbers: NDArray[Any],
    scores: NDArray[np.float64],
    usual: NDArray[Any] | None,
    method: str,
    patch: int | None,
    n_orders: int,
    random_state: int,
) -> ImageExplanation:
    """Return the explanation of images, whose flat rows and scores are given.

    Parameters
    ----------
    seen
        The model.
    X
        Images (n, channels, height, width).
    numbers, scores
        Their rows as the detector takes them, and their scores.
    usual
        Rows of images that pass; may be None if `method` is no sampling and the detector reconstructs.
    method
        "terms", "gradients" or "sampling".
    patch
        Side of the squares of "sampling"; None: at most eight along the longer side.
    n_orders, random_state
        Of "sampling".
    """
    shape: tuple[int, int, int] = seen.detector.image_shape_  # type: ignore[assignment]
    side = 1
    if method == "sampling" and usual is not None:
        places = squares(shape[1], shape[2], patch)
        side = places[0][0].stop
        values = _sampled(seen, numbers, usual, shape, places, n_orders, random_state)
    else:
        values = attributions(seen.detector, method, numbers, _middle(seen, usual))
    made = seen.reconstruct(numbers).reshape(-1, *shape) if seen.reconstructs else None
    if made is not None and (usual is None or not seen.detector.uses_labels):
        by, expected = "reconstruction", made
    elif usual is not None:
        by, expected = "neighbours", _alike(numbers, usual).reshape(-1, *shape)
        if seen.detector.image_bytes_ and numbers.dtype != np.uint8:  # 0..1 inside
            expected *= 255.0
    with np.errstate(invalid="ignore"):  # the score of an image beyond all numbers is -inf
        base = scores - values.sum(axis=1)
    return ImageExplanation(
        rows=pd.RangeIndex(len(numbers)),
        scores=scores,
        contributions=values.reshape(-1, *shape),
        base=base,
        observed=np.asarray(X),
        expected=expected,
        reconstruction=made,
        method=method,
        expected_by=by,
        patch=side,
        value_range=value_range(seen, numbers, usual),
    )


def _sampled(
    seen: ModelView,
    numbers: NDArray[Any],
    usual: NDArray[Any],
    shape: tuple[int, int, int],
    places: list[tuple[slice, slice]],
    n_orders: int,
    random_state: int,
) -> NDArray[np.float64]:
    """Return each number's share of the Shapley value of its square, (n, numbers): the same for all in it."""
    pixels = np.arange(np.prod(shape)).reshape(shape)
    groups = [pixels[:, y, x].ravel() for y, x in places]
    of_squares, _ = shapley_values(seen.score, numbers, usual, groups, n_orders, random_state)
    values = np.empty(numbers.shape)
    for group, found in zip(groups, of_squares.T, strict=True):
        values[:, group] = found[:, None] / len(group)
    return values


def _middle(seen: ModelView, usual: NDArray[Any] | None) -> torch.Tensor | None:
    """Return the mean of usual rows as the networks see it, (1, numbers), or None for a black image."""
    if usual is None or not isinstance(seen.detector, DeepDetector):
        return None
    return seen.detector._tensor(usual).double().mean(0, keepdim=True)


def _alike(numbers: NDArray[Any], usual: NDArray[Any]) -> NDArray[np.float64]:
    """Return the middle of the ten usual rows that differ least from each row, pixel by pixel, (n, numbers)."""
    others = usual.astype(np.float32)
    found = np.empty(numbers.shape)
    for i, row in enumerate(numbers.astype(np.float32)):
        apart = np.abs(others - row).sum(axis=1)
        found[i] = np.median(others[np.argsort(apart, kind="stable")[:NEIGHBOURS]], axis=0)
    return found


def value_range(
    seen: ModelView, numbers: NDArray[Any], usual: NDArray[Any] | None = None
) -> tuple[float, float]:
    """Return the values of black and white: of the training images if the model knows them, else of these."""
    if seen.detector.image_bytes_:
        return 0.0, 255.0
    if isinstance(seen.detector, DeepDetector):
        low = float(seen.detector.column_mean_[0])
        return low, low + float(seen.detector.column_scale_[0])
    at_hand = [numbers] if usual is None else [numbers, usual]
    return min(0.0, *(float(x.min()) for x in at_hand)), max(1.0, *(float(x.max()) for x in at_hand))
