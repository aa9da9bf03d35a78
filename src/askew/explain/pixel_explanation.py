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
from askew.explain.model_view import ModelView, RowsInView
from askew.explain.shapley import Sampling, shapley_values


def explain_images(
    view: ModelView,
    rows: RowsInView,
    usual: NDArray[Any] | None,
    method: str,
    patch: int | None,
    draw: Sampling,
) -> ImageExplanation:
    """Return the explanation of images.

    `usual` are rows of images that pass; None only if `method` is not "sampling" and the detector reconstructs.
    `patch` is the side of the squares of "sampling"; None makes at most eight along the longer side.
    """
    shape: tuple[int, int, int] = view.detector.image_shape_  # type: ignore[assignment]
    side, numbers = 1, rows.numbers
    if method == "sampling" and usual is not None:
        places = squares(shape[1], shape[2], patch)
        side = places[0][0].stop
        flat = np.arange(np.prod(shape)).reshape(shape)
        groups = [flat[:, y, x].ravel() for y, x in places]
        values = np.empty(numbers.shape)
        of_squares, _ = shapley_values(view.score, numbers, usual, groups, *draw)
        for group, of_square in zip(groups, of_squares.T, strict=True):
            values[:, group] = of_square[:, None] / len(group)  # the pixels of a square share its value
    else:
        values = attributions(view.detector, method, numbers, _middle(view, usual))
    made = view.reconstruct(numbers).reshape(-1, *shape) if view.reconstructs else None
    if made is not None and (usual is None or not view.detector.uses_labels):
        by, expected = "reconstruction", made
    elif usual is not None:
        by, expected = "neighbours", _alike(numbers, usual).reshape(-1, *shape)
        if view.detector.image_bytes_ and numbers.dtype != np.uint8:  # 0..1 inside
            expected *= 255.0
    return ImageExplanation(
        rows=pd.RangeIndex(len(numbers)),
        scores=rows.scores,
        contributions=values.reshape(-1, *shape),
        base=rows.base(values),
        observed=np.asarray(rows.source),
        expected=expected,
        reconstruction=made,
        method=method,
        expected_by=by,
        patch=side,
        value_range=value_range(view, numbers, usual),
    )


def _middle(view: ModelView, usual: NDArray[Any] | None) -> torch.Tensor | None:
    """Return the mean of usual rows as the networks see it, (1, numbers), or None for a black image."""
    if usual is None or not isinstance(view.detector, DeepDetector):
        return None
    return view.detector._tensor(usual).double().mean(0, keepdim=True)


def _alike(numbers: NDArray[Any], usual: NDArray[Any]) -> NDArray[np.float64]:
    """Return the middle of the ten usual rows that differ least from each row, pixel by pixel, (n, numbers)."""
    others = usual.astype(np.float32)
    found = np.empty(numbers.shape)
    for i, row in enumerate(numbers.astype(np.float32)):
        apart = np.abs(others - row).sum(axis=1)
        found[i] = np.median(others[np.argsort(apart, kind="stable")[:NEIGHBOURS]], axis=0)
    return found


def value_range(
    view: ModelView, numbers: NDArray[Any], usual: NDArray[Any] | None = None
) -> tuple[float, float]:
    """Return the values of black and white: of the training images if the model knows them, else of these."""
    if view.detector.image_bytes_:
        return 0.0, 255.0
    if isinstance(view.detector, DeepDetector):
        low = float(view.detector.column_mean_[0])
        return low, low + float(view.detector.column_scale_[0])
    at_hand = [numbers] if usual is None else [numbers, usual]
    return min(0.0, *(float(x.min()) for x in at_hand)), max(1.0, *(float(x.max()) for x in at_hand))
