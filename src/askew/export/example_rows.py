"""Rows like those that a model was fitted on, made up from what it remembers of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from askew.base.prepared import raw_columns
from askew.base.wrapper import unwrap
from askew.inputs.encoders import Date, Frequency, OneHot
from askew.inputs.mixed_columns import Column

N_ROWS = 512
N_IMAGES = 64

_HEAVY = 3.0
"""Degrees of freedom of Student's t, whose tails hold the rows that are far away."""

_MISSING = 0.1  # share of gaps in a column that had some


def example_rows(model: Any, n_rows: int = N_ROWS, seed: int = 0) -> Any:
    """Return rows that the model takes: a matrix, a DataFrame of raw columns if it prepares them, or images.

    Numbers are heavy-tailed around the means of the training rows, or around the thresholds of a forest; words
    are known ones and one that is not; dates lie in the span of the training rows and around it.
    """
    generator = np.random.default_rng(seed)
    if unwrap(model).image_shape_ is not None:
        return _images(unwrap(model), min(n_rows, N_IMAGES), generator)
    mean, scale = _centre(unwrap(model))
    numbers = mean + scale * generator.standard_t(_HEAVY, size=(n_rows, len(mean)))
    raw = raw_columns(model)
    if raw is None:
        names = getattr(model, "feature_names_in_", None)
        return numbers if names is None else pd.DataFrame(numbers, columns=list(names))
    columns, place = {}, 0
    for column in raw.preparation.columns:
        columns[column.name] = _raw(column, numbers[:, place], generator)
        place += len(column.numbers)
    return pd.DataFrame(columns)


def _images(detector: Any, n_images: int, generator: np.random.Generator) -> NDArray[Any]:
    """Return images of noise on smooth ramps of every brightness, in the range of those of training."""
    channels, height, width = detector.image_shape_
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    level, down, across, noise = generator.uniform(-1, 1, size=(4, n_images, channels, 1, 1))
    smooth = 0.5 + 0.5 * level + 0.5 * down * y + 0.5 * across * x
    rough = 0.3 * np.abs(noise) * generator.normal(size=(n_images, channels, height, width))
    shares = np.clip(smooth + rough, 0.0, 1.0)
    if detector.image_bytes_:
        return np.asarray(np.round(255.0 * shares), dtype=np.uint8)
    if not hasattr(detector, "members_"):
        return np.asarray(shares)
    return np.asarray(detector.column_mean_[0] + detector.column_scale_[0] * shares)


def _centre(detector: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return middle and spread of each number."""
    if hasattr(detector, "bags_"):  # of AutoDetector, all of whose models saw rows like these
        return _centre(next(iter(detector.bags_.values())).models[0])
    detector = getattr(detector, "encoder_", detector)  # of a hybrid
    if hasattr(detector, "column_mean_"):
        return detector.column_mean_, detector.column_scale_
    width = detector.n_numbers_
    cuts: list[list[float]] = [[] for _ in range(width)]
    for estimator in detector.forest_.estimators_ if hasattr(detector, "forest_") else []:
        tree = estimator.tree_
        for column, cut in zip(tree.feature, tree.threshold, strict=True):
            if column >= 0:
                cuts[column].append(float(cut))
    middle = np.array([np.mean(own) if own else 0.0 for own in cuts])
    spread = np.array([np.std(own) if len(own) > 1 else 1.0 for own in cuts])
    return middle, spread


def _raw(column: Column, numbers: NDArray[np.float64], generator: np.random.Generator) -> Any:
    """Return values of a raw column whose numbers, should it be a number, are given."""
    encoder, gap = column.encoder, generator.random(len(numbers)) < _MISSING * column.had_gaps
    if isinstance(encoder, OneHot | Frequency):
        known = [*encoder.levels, *encoder.rare] if isinstance(encoder, OneHot) else encoder.words.to_pylist()
        words = [*known, "a word never seen"]
        chosen = [words[place] for place in generator.integers(len(words), size=len(numbers))]
        return pd.Series([None if g else word for g, word in zip(gap, chosen, strict=True)], dtype="str")
    if isinstance(encoder, Date):
        room = max(encoder.last - encoder.first, 1.0)
        days = generator.uniform(encoder.first - room, encoder.last + room, size=len(numbers))
        dates = pd.Series((days * 86_400e6).astype("datetime64[us]")).mask(gap)
        return dates if column.zone is None else dates.dt.tz_localize("UTC").dt.tz_convert(column.zone)
    if column.kind == "boolean":
        numbers = (numbers > np.median(numbers)).astype(np.float64)
    return pd.Series(numbers).mask(gap)
