"""The rows of a session: as the model takes them, as a person reads them, and what each is called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew import labels
from askew.errors import InvalidInputError, must
from askew.inputs.column_names import suggestion
from askew.inputs.frames import arrow_table, frame_of, refuse_other_order
from askew.inputs.in_memory import is_images
from askew.review.questions import RowId
from askew.scoring.reasons import as_python
from askew.scoring.row_source import take_rows

_NAMED = 5  # ids that a message names


@dataclass(frozen=True, eq=False)
class ReviewRows:
    """Rows to ask about.

    `X` is what the model takes, an array, a pandas frame or an Arrow table; `ids` name the rows, all different, and
    `y` (n_rows,) has what is known of them already. `raw` are the cells as a person reads them, if they are not those
    of X; `files` are those of images.
    """

    X: Any
    ids: Sequence[RowId]
    id_name: str
    y: NDArray[np.int8]
    raw: pa.Table | None = None
    files: Sequence[Path] | None = None

    def __post_init__(self) -> None:
        seen: dict[RowId, int] = {}
        for row, id in enumerate(self.ids):
            if (before := seen.setdefault(id, row)) != row:
                raise InvalidInputError(
                    f"{self.id_name} must name each row once; got {id!r} for rows {before + 1:,} and {row + 1:,}. "
                    "Name another column, or none: rows are then numbered."
                )
        self.__dict__["_places"] = seen  # the class is frozen

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def of_images(self) -> bool:
        """Whether the rows are images."""
        return is_images(self.X)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the raw columns; none of images."""
        if self.of_images:
            return ()
        if self.raw is not None:
            return tuple(self.raw.column_names)
        if isinstance(self.X, np.ndarray):
            return tuple(f"x{place}" for place in range(self.X.shape[1]))
        return tuple(str(name) for name in (self.X.columns if self._in_pandas else self.X.column_names))

    def place_of(self, id: RowId) -> int | None:
        """Return the place of a row, from 0; None if there is none of that name."""
        return self.__dict__["_places"].get(id)  # type: ignore[no-any-return]

    def row_of(self, id: RowId) -> int:
        """Return the place of a row, from 0; an unknown name raises InvalidInputError."""
        id = as_python(id)
        place = self.place_of(id)
        if place is None:
            near = suggestion(id, [str(each) for each in self.ids[:10_000]]) if isinstance(id, str) else ""
            named = f"They are {', '.join(repr(each) for each in self.ids[:_NAMED])}, …"
            raise InvalidInputError(must("id", "ReviewSession", "the name of a row", id, near or named))
        return place

    def cells(self, row: int) -> dict[str, Any]:
        """Return the raw cells of a row; none of an image."""
        return {} if self.of_images else self._cells(self.raw if self.raw is not None else self.X, row)

    def digest(self, row: int) -> str:
        """Return a text that another row, or one whose cells were changed, has not."""
        if isinstance(self.X, np.ndarray):
            kind = self.X.dtype if self.of_images else np.float64  # whole numbers are numbers
            content = np.ascontiguousarray(self.X[row], dtype=kind).tobytes()
        else:
            cells = {
                name: float(c) if isinstance(c, Real) else str(c)
                for name, c in self._cells(self.X, row).items()
            }
            content = json.dumps(cells, sort_keys=True).encode()
        return hashlib.blake2b(content, digest_size=8).hexdigest()

    def take(self, rows: Sequence[int]) -> Any:
        """Return some rows as the model takes them."""
        return take_rows(self.X, np.asarray(rows, dtype=np.intp))

    @property
    def _in_pandas(self) -> bool:
        return isinstance(self.X, pd.DataFrame)

    def _cells(self, table: Any, row: int) -> dict[str, Any]:
        if isinstance(table, pa.Table):
            return dict(table.slice(row, 1).to_pylist()[0])
        if isinstance(table, pd.DataFrame):
            return {str(name): as_python(cell) for name, cell in table.iloc[row].items()}
        return {name: as_python(cell) for name, cell in zip(self.columns, table[row], strict=True)}


def rows_in_memory(X: Any, y: Any = None, ids: Sequence[RowId] | None = None) -> ReviewRows:
    """Return rows that are in memory, called by `ids`, by the index of a pandas frame, or by 0 to n - 1."""
    owner = "ReviewSession"
    refuse_other_order(X, y, owner)
    frame = frame_of(X, owner)
    if frame is None:
        table: Any = X if hasattr(X, "shape") else np.asarray(X)
        table = np.asarray(table)
    else:
        native = frame.to_native()
        table = native if isinstance(native, pd.DataFrame) else arrow_table(frame, owner)
    known = np.asarray(labels.check(y, len(table), owner=owner), dtype=np.int8)
    name = "ids of ReviewSession"
    if ids is None:
        ids, name = range(len(table)), "index"  # "row" counts from 1 in files
        if isinstance(table, pd.DataFrame):
            index = table.index
            if all(isinstance(each, str | int | np.integer) for each in index) and index.is_unique:
                ids, name = index.tolist(), str(index.name or "index")
            table = table.reset_index(drop=True)
    called = [as_python(each) for each in ids]
    if len(called) != len(table):
        remedy = "Give one name per row, or leave ids out."
        raise InvalidInputError(must("ids", owner, f"{len(table):,} names", len(called), remedy))
    odd = [each for each in called if not isinstance(each, str | int) or isinstance(each, bool)]
    if odd:
        raise InvalidInputError(must("ids", owner, "whole numbers or texts", odd[0], "Turn them into texts."))
    return ReviewRows(table, called, name, known)
