"""What new rows are compared with: cells and counts of the training rows' columns, and scores of held-out rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from askew import labels
from askew.base.persistence import Packed
from askew.base.wrapper import unwrap
from askew.drift.cells import (
    CELLS,
    Cells,
    Gaps,
    Hours,
    Learned,
    Weekdays,
    days_of,
    learn_numbers,
    learn_words,
)
from askew.drift.columns import Column, Columns, columns_of, rows_of
from askew.drift.held_out_scores import HeldOutScores, held_out_scores
from askew.drift.two_samples import Amounts, Difference, other_shares, shift
from askew.errors import InvalidInputError
from askew.inputs.in_memory import is_images
from askew.scoring.row_source import take_rows

_AT_A_TIME = 512  # images whose figures are computed together

_NO_COLUMNS = (
    "model must keep a summary of its training rows to tell drift; this one keeps none: it was written by an older "
    "askew, or fitted in Python without askew.drift.keep_columns. Give rows to compare with instead, such as the table "
    "that it was fitted on (--reference TABLE), or fit it anew."
)


@dataclass(frozen=True)
class Part:
    """One property of a column, its values or its gaps: the cells that it is counted in, and the training rows' counts.

    Counts are of the rows that are there, (cells,).
    """

    column: str
    cells: Cells
    counts: Amounts

    @property
    def n_rows(self) -> int:
        """Training rows that were counted."""
        return int(self.counts.sum())

    def compared(self, now: Amounts) -> Difference:
        """Return how the counts of new rows differ."""
        found = (shift if self.cells.ordered else other_shares)(self.counts, now)
        if isinstance(self.cells, Gaps) and found.cell == 0:  # fewer are missing now
            return found._replace(cell=1, before=1 - found.before, now=1 - found.now)
        return found


@dataclass(frozen=True)
class Reference:
    """What rows are compared with: `parts` of the columns of `n_rows` rows, and `scores` of held-out ones, if any.

    `days` are the first and last of each column of dates, in days since 1970; `unit` is ``"rows"`` or ``"images"``.
    """

    parts: tuple[Part, ...]
    n_rows: int
    days: dict[str, tuple[float, float]] = field(default_factory=dict)
    scores: HeldOutScores | None = None
    unit: str = "rows"

    @classmethod
    def of_rows(cls, model: Any, X: Any, y: Any = None, seed: int = 0) -> Self:
        """Return the columns of rows X, as `model` takes them, that are not known anomalies; without scores."""
        n_rows = len(X)
        known = np.asarray(labels.check(y, n_rows, owner="drift")) < 0
        if known.any() and not known.all():
            X = take_rows(X, np.flatnonzero(~known))
        columns, generator = _all_columns(model, X), np.random.default_rng(seed)
        parts = [part for name, column in columns.items() for part in _parts(name, column, generator)]
        days = {name: days_of(column.values) for name, column in columns.items() if column.kind == "date"}
        known_days = {name: each for name, each in days.items() if each is not None}
        return cls(tuple(parts), len(X), known_days, unit=unwrap(model).unit_)

    def packed(self) -> Packed:
        """Return the columns as JSON-able values and arrays; scores are the model's own."""
        saved = [
            {"column": part.column, "cells": part.cells.name, "values": part.cells.state()}
            for part in self.parts
        ]
        values = {"parts": saved, "n_rows": self.n_rows, "days": {k: list(v) for k, v in self.days.items()}}
        return values, {"counts": np.concatenate([part.counts for part in self.parts])}

    @classmethod
    def unpacked(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the columns that :meth:`packed` took apart."""
        parts, start = [], 0
        for saved in values["parts"]:
            cells = CELLS[saved["cells"]].from_state(saved["values"])
            parts.append(Part(saved["column"], cells, arrays["counts"][start : start + cells.n_cells]))
            start += cells.n_cells
        days = {name: (float(first), float(last)) for name, (first, last) in values["days"].items()}
        return cls(tuple(parts), int(values["n_rows"]), days)


def keep_columns(model: Any, X: Any, y: Any = None) -> None:
    """Let a fitted model keep a summary of its training rows' columns, which goes into its file.

    ``askew fit`` and ``askew refit`` do so by themselves. No row is kept: of numbers the quantiles at every 128th, of
    words the commonest and how common they are, of dates hours and weekdays, of everything how often it is missing.

    Parameters
    ----------
    model : Detector, Prepared or Threshold
        Fitted; the summary is kept by the detector inside, and replaces the one that it has.
    X : what `model` takes, n_rows rows
        The training rows. Of texts nothing is kept.
    y : vector of n_rows labels, optional
        +1, 0 or -1. Known anomalies are left out.

    Examples
    --------
    >>> import askew, numpy as np
    >>> X = np.random.default_rng(0).normal(size=(300, 2))
    >>> model = askew.KDE().fit(X)
    >>> keep_columns(model, X)
    >>> askew.drift.compare(model, X + 1.0).verdict
    'drift'
    """
    if unwrap(model).input_kind == "table":
        unwrap(model).columns_summary_ = Reference.of_rows(model, rows_of(X), y).packed()


def reference_of(model: Any) -> Reference:
    """Return what a fitted model keeps; raise InvalidInputError if it keeps nothing of its columns."""
    kept: Packed | None = unwrap(model).columns_summary_
    if kept is None:
        raise InvalidInputError(_NO_COLUMNS)
    return replace(Reference.unpacked(*kept), scores=held_out_scores(model), unit=unwrap(model).unit_)


def keeps_columns(model: Any) -> bool:
    """Return whether a fitted model keeps a summary of its training rows; one that was exported does not."""
    return getattr(unwrap(model), "columns_summary_", None) is not None


def _all_columns(model: Any, X: Any) -> Columns:
    if not is_images(X):
        return columns_of(model, X)
    some = [columns_of(model, X[start : start + _AT_A_TIME]) for start in range(0, len(X), _AT_A_TIME)]
    return {
        name: Column(column.kind, np.concatenate([each[name].values for each in some]))
        for name, column in some[0].items()
    }


def _parts(name: str, column: Column, generator: np.random.Generator) -> list[Part]:
    values = column.values
    found: list[Learned | None] = []
    if column.kind == "number":
        found.append(learn_numbers(values))
    elif column.kind == "category":
        found.append(learn_words(values, generator))
    else:
        found += [Learned(cells, cells.count(values)) for cells in (Hours(), Weekdays())]
    found.append(Learned(Gaps(), Gaps().count(values)))
    return [Part(name, *each) for each in found if each is not None]
