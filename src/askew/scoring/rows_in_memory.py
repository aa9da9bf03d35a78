"""Rows in memory, whatever holds them: an array, a frame or an Arrow table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


def take_rows(X: Any, places: NDArray[np.intp]) -> Any:
    """Return the rows at the places."""
    if isinstance(X, np.ndarray):
        return X[places]
    return X.iloc[places].reset_index(drop=True) if isinstance(X, pd.DataFrame) else X.take(places)


def join_rows(parts: Sequence[Any]) -> Any:
    """Return the rows of all parts, which are of one kind."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    if isinstance(parts[0], pd.DataFrame):
        return pd.concat(parts, ignore_index=True)
    return pa.concat_tables(parts)
