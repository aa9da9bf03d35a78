"""Columns of a table, declared as fields of a row: each says how it is computed from a cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields
from operator import attrgetter
from typing import Any, TypeVar

from askew.benchmarks.tables.cells import AUROC, CellRuns, deviation, mean_of_all

Row = TypeVar("Row")


def column(compute: Callable[[Any], Any]) -> Any:
    """Declare a field of a row (a dataclass) as a column, computed from a cell."""
    return field(metadata={"compute": compute})


def of_run(name: str) -> Any:
    """Declare a column with a field of the cell's first run."""
    return column(lambda cell: getattr(cell.runs[0], name))


def n_finished() -> Any:
    """Declare a column with the number of finished runs, failed ones included."""
    return column(lambda cell: len(cell.records))


def n_failed() -> Any:
    """Declare a column with the number of failed runs; the means are over the others."""
    return column(lambda cell: len(cell.records) - len(cell.succeeded))


def n_planned() -> Any:
    """Declare a column with the number of the cell's runs in the plan."""
    return column(lambda cell: len(cell.runs))


def mean(measure: str) -> Any:
    """Declare a column with a measure's mean over the runs that did not fail; None if one of them lacks it."""
    return column(lambda cell: mean_of_all([getattr(record, measure) for record in cell.succeeded]))


def std(measure: str) -> Any:
    """Declare a column with a measure's standard deviation (divisor n − 1); None for fewer than two runs."""
    return column(lambda cell: deviation(cell.values(attrgetter(measure))))


def published(name: str) -> Any:
    """Declare a column with a field of what a paper prints; None where it prints nothing."""
    return column(lambda cell: cell.published and getattr(cell.published, name))


def difference() -> Any:
    """Declare a column with the mean AUROC minus the published one."""

    def compute(cell: CellRuns[Any]) -> float | None:
        ours = mean_of_all(cell.values(AUROC))
        return None if ours is None or cell.published is None else ours - cell.published.mean

    return column(compute)


def make_row(kind: type[Row], cell: CellRuns[Any]) -> Row:
    """Return the row of a cell: a dataclass whose fields are declared by :func:`column`."""
    return kind(**{one.name: one.metadata["compute"](cell) for one in fields(kind)})  # type: ignore[arg-type]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV text, with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
