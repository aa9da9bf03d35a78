"""Columns of a table to learn from: their kinds from words, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from askew.errors import InvalidInputError
from askew.inputs.column_names import require_column, suggestion
from askew.inputs.kinds import KINDS

_LINES = 20  # columns that are described one by one


def parse_kinds(texts: Sequence[str], features: Sequence[str], where: str) -> dict[str, str]:
    """Return ``["zip=category"]`` as ``{"zip": "category"}``; refuse what is no feature and no kind."""
    kinds: dict[str, str] = {}
    for text in texts:
        name, equals, kind = (part.strip() for part in text.rpartition("="))
        if not equals or not name:
            raise InvalidInputError(
                f"--column-kind must be name=kind; got {text!r}. For example --column-kind zip=category."
            )
        require_column(name, features, where, "--column-kind")
        if kind not in KINDS:
            hint = suggestion(kind, KINDS) or f"Choose one of: {', '.join(KINDS)}."
            raise InvalidInputError(f"--column-kind must name a kind of column; got {kind!r}. {hint}")
        kinds[name] = kind
    return kinds


def numbers_alone(table: pa.Table) -> pd.DataFrame | None:
    """Return a table of nothing but numbers without gaps as a frame of float64, None for any other."""
    types = pa.types
    numbers = (types.is_integer, types.is_floating, types.is_decimal)
    if any(column.null_count for column in table.columns):
        return None
    if not all(any(fits(field.type) for fits in numbers) for field in table.schema):
        return None
    values = np.empty(table.shape, dtype=np.float64)
    for place, column in enumerate(table.columns):
        values[:, place] = column.cast(pa.float64(), safe=False).to_numpy()
    return None if np.isnan(values).any() else pd.DataFrame(values, columns=table.column_names)


def preparation_lines(model: Any) -> list[str]:
    """Return what became of the columns of a mixed table: a line each, or counts if there are many."""
    from askew.base.prepared import prepared_in

    prepared = prepared_in(model)
    if prepared is None:
        return []
    columns, lines = prepared.preparation_.columns, prepared.preparation_.summary()
    if len(lines) > _LINES:
        kinds = Counter(column.kind for column in columns)
        left_out = [line for line in lines if "left out" in line]
        lines = [", ".join(f"{count} {kind}" for kind, count in kinds.items()), *left_out[:_LINES]]
    return [*lines, f"{len(columns)} columns become {len(prepared.preparation_.feature_of)} numbers."]
