"""Rows as a model takes them -> the values of each column: numbers, words, dates; of images, how they look."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.base.prepared import raw_columns
from askew.base.wrapper import unwrap
from askew.inputs import to_matrix
from askew.inputs.frames import frame_of
from askew.inputs.in_memory import is_images, to_arrow

_GREY = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_COLOURS = ("red", "green", "blue")


class Column(NamedTuple):
    """A column of rows: its kind (number, category, date), and their values; numbers and truth values have NaN gaps."""

    kind: str
    values: NDArray[np.float64] | pa.Array


Columns: TypeAlias = dict[str, Column]


def rows_of(X: Any) -> Any:
    """Return rows of any library as an array, a pandas frame or an Arrow table, of which some can be taken."""
    if isinstance(X, np.ndarray | pd.DataFrame | pa.Table):
        return X
    return np.asarray(X) if frame_of(X, "drift") is None else to_arrow(X, "drift")


def columns_of(model: Any, X: Any) -> Columns:
    """Return the columns of rows X, as `model` takes them, by name.

    Columns without names are called x0, x1, ... Of images there are brightness, contrast and sharpness, and the mean
    of each colour, in shares of white.
    """
    if is_images(X):
        return _looks(np.asarray(X))
    raw = raw_columns(model)
    if raw is None:
        values, names = to_matrix(X, "drift")
        known = getattr(unwrap(model), "feature_names_in_", None) if names is None else names
        called = (
            [f"x{place}" for place in range(values.shape[1])] if known is None else [str(n) for n in known]
        )
        return {name: Column("number", values[:, place]) for place, name in enumerate(called)}
    table = to_arrow(X, "drift")
    found = {}
    for column in raw.preparation.columns:
        values = column.brought(table.column(column.name), "the table")
        if column.kind in ("number", "boolean"):
            found[column.name] = Column(
                "number", np.asarray(values.to_numpy(zero_copy_only=False), np.float64)
            )
        else:
            found[column.name] = Column(column.kind, values)
    return found


def _looks(images: NDArray[Any]) -> Columns:
    """Return figures of images (n, channels, height, width)."""
    pixels = images / 255.0 if images.dtype == np.uint8 else images.astype(np.float64)
    grey = np.tensordot(pixels, _GREY, (1, 0)) if pixels.shape[1] == 3 else pixels.mean(axis=1)
    steps = [np.abs(np.diff(grey, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2) if grey.shape[axis] > 1]
    figures = {
        "brightness": grey.mean(axis=(1, 2)),
        "contrast": grey.std(axis=(1, 2)),
        "sharpness": np.sum(steps, axis=0) if steps else np.zeros(len(grey)),
    }
    if pixels.shape[1] == len(_COLOURS):
        figures |= {name: pixels[:, place].mean(axis=(1, 2)) for place, name in enumerate(_COLOURS)}
    return {name: Column("number", np.asarray(values)) for name, values in figures.items()}
