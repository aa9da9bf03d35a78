"""Tables of any kind on the command line: kinds of columns from words, and what is told about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from askew.cli.console import note
from askew.errors import InvalidInputError
from askew.inputs.columns import require_column, suggestion

if TYPE_CHECKING:
    import pyarrow as pa

_LINES = 20  # columns that are told one by one


def parse_kinds(texts: Sequence[str], features: Sequence[str], where: str) -> dict[str, str]:
    """Return ``["zip=category"]`` as ``{"zip": "category"}``.

    Raises
    ------
    InvalidInputError
        If a text has no ``=``, or names a column that is no feature, or a kind that there is not.
    """
    from askew.inputs.kinds import KINDS

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


def plain_frame(table: pa.Table) -> Any:
    """Return a table of nothing but numbers without gaps as a pandas frame of float64, any other as it is."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    types = pa.types
    numbers = (types.is_integer, types.is_floating, types.is_decimal)
    if any(column.null_count for column in table.columns):
        return table
    if not all(any(fits(field.type) for fits in numbers) for field in table.schema):
        return table
    values = np.empty(table.shape, dtype=np.float64)
    for place, column in enumerate(table.columns):
        values[:, place] = column.cast(pa.float64(), safe=False).to_numpy()
    return table if np.isnan(values).any() else pd.DataFrame(values, columns=table.column_names)


def for_table(model: Any, X: Any, kinds: dict[str, str], others: Sequence[str]) -> Any:
    """Return the model, behind a preparation if X holds more than numbers; it knows the file's other columns."""
    import pandas as pd

    from askew.base.prepared import Prepared

    if isinstance(X, pd.DataFrame):
        model.other_columns_ = tuple(others)
        return model
    return Prepared(model, kinds=kinds or None, other_columns=tuple(others))


def describe(model: Any) -> None:
    """Tell what becomes of the columns of a mixed table: one line each, or counts if there are many."""
    from askew.base.prepared import prepared_in

    prepared = prepared_in(model)
    if prepared is None:
        return
    preparation = prepared.preparation_
    lines = preparation.summary()
    if len(lines) > _LINES:
        kinds = Counter(column.kind for column in preparation.columns)
        left_out = [line for line in lines if "left out" in line]
        lines = [", ".join(f"{count} {kind}" for kind, count in kinds.items()), *left_out[:_LINES]]
    for line in lines:
        note(f"  {line}")
    note(f"  {len(preparation.columns)} columns become {len(preparation.feature_of)} numbers.")
