"""What a row's numbers should have been, given its other numbers: by reconstruction, or by rows like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from askew.base.preparation.column_scaling import ColumnScaling
from askew.explain.model_view import ModelView

Rows = NDArray[np.float64]

ROUNDS = 10
"""Times that a missing number is filled in with its reconstruction."""

NEIGHBOURS = 10
"""Rows that are asked for what is usual."""

CAP = 3.0
"""Distance, in standard deviations, beyond which a column counts no more: else one wild number decides alone."""


class Background(NamedTuple):
    """Rows that stand for what is usual, as a table and as numbers."""

    table: pd.DataFrame
    numbers: Rows


def expected_values(
    view: ModelView, observed: pd.DataFrame, numbers: Rows, usual: Background | None
) -> tuple[pd.DataFrame, str]:
    """Return what was to be expected in each cell of `observed`, and where that comes from.

    Where columns are prepared, the background row nearest to the reconstruction tells the value of a column.
    """
    detector: Any = view.detector
    by_reconstruction = view.reconstructs and (not detector.uses_labels or usual is None)
    if by_reconstruction:
        values = reconstructed(view.reconstruct, numbers, detector.column_mean_, view.groups)
        if view.prepared and usual is not None:
            places = nearest(values, usual.numbers, view.groups)[:, :, None]
            return _usual_values(observed, usual.table, places), "reconstruction"
        return _like(observed, values), "reconstruction"
    if usual is None:
        return _like(observed, np.tile(detector.column_mean_, (len(numbers), 1))), "mean"
    places = neighbours(numbers, usual.numbers, view.groups)
    return _usual_values(observed, usual.table, places), "neighbours"


def _like(observed: pd.DataFrame, values: Rows) -> pd.DataFrame:
    return pd.DataFrame(values, index=observed.index, columns=observed.columns)


def _usual_values(observed: pd.DataFrame, table: pd.DataFrame, places: NDArray[np.intp]) -> pd.DataFrame:
    """Return the middle (of words, the most frequent) of the cells at `places` (rows, features, neighbours)."""
    columns = {name: _usual(table[name], places[:, g]) for g, name in enumerate(observed.columns)}
    return pd.DataFrame({name: list(column) for name, column in columns.items()}, index=observed.index)


def _usual(column: pd.Series, places: NDArray[np.intp]) -> Sequence[Any]:
    """Return the usual cell of one column for each row of `places` (rows, neighbours); None where all are missing."""
    kind = column.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        cells = column.to_numpy(dtype=np.float64, na_value=np.nan)[places]
        missing = np.isnan(cells).all(axis=1)
        cells[missing] = 0.0
        return np.where(missing, np.nan, np.nanmedian(cells, axis=1)).tolist()  # type: ignore[no-any-return]
    found = [column.iloc[asked].dropna() for asked in places]
    if pd.api.types.is_datetime64_any_dtype(kind):
        return [cells.median() if len(cells) else None for cells in found]
    return [Counter(cells).most_common(1)[0][0] if len(cells) else None for cells in found]


def reconstructed(
    reconstruct: Callable[[Rows], Rows], x: Rows, start: Rows, groups: Sequence[NDArray[np.intp]]
) -> Rows:
    """Return each group's reconstruction given the row's other numbers, (rows, features).

    The group's numbers are replaced by `start` (features,) and then, ten times over, by what `reconstruct` makes
    of them; the others stay as they are.

    Reference: Rezende, Mohamed and Wierstra (2014), Stochastic Backpropagation and Approximate Inference in Deep
    Generative Models, Appendix F (imputation); here with means instead of draws.

    >>> same = lambda rows: np.repeat(rows.mean(axis=1, keepdims=True), 2, axis=1)
    >>> reconstructed(same, np.array([[8.0, 4.0]]), np.zeros(2), [np.array([0]), np.array([1])]).round(2)
    array([[4.  , 7.99]])
    """
    expected = np.empty_like(x)
    for group in groups:
        filled = x.copy()
        filled[:, group] = start[group]
        for _ in range(ROUNDS):
            filled[:, group] = reconstruct(filled)[:, group]
        expected[:, group] = filled[:, group]
    return expected


def neighbours(x: Rows, background: Rows, groups: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return the background rows most like each row in all but one group: (rows, groups, at most 10) indices.

    Distances are absolute differences in standard deviations of the background but for its extreme cells, at most 3
    per column, summed.
    """
    scale = ColumnScaling.learn(background, "robust").scale
    n_kept = min(NEIGHBOURS, len(background))
    found = np.empty((len(x), len(groups), n_kept), dtype=np.intp)
    for i, row in enumerate(x):
        apart = np.minimum(np.abs(background - row) / scale, CAP)  # (background, features)
        total = apart.sum(axis=1)
        for g, group in enumerate(groups):
            without = total - apart[:, group].sum(axis=1)
            found[i, g] = np.argsort(without, kind="stable")[:n_kept]
    return found


def nearest(wanted: Rows, background: Rows, groups: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return the background row whose numbers of a group are nearest to the wanted ones: (rows, groups) indices."""
    found = np.empty((len(wanted), len(groups)), dtype=np.intp)
    for g, group in enumerate(groups):
        for i, row in enumerate(wanted[:, group]):
            found[i, g] = np.square(background[:, group] - row).sum(axis=1).argmin()
    return found
