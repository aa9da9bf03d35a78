"""Columns of a table, declared as fields of a row (a frozen dataclass): each says how it is computed from a cell.

The columns of all protocols: ``n_runs``, ``n_failed`` and ``n_planned`` are the finished runs, the failed ones among
them, and the runs of the plan. AUROC, AUPRC (anomalies positive; of normals, the others) and FPR80 are fractions in
[0, 1], see :func:`askew.benchmarks.runs.metrics.metrics`: means and standard deviations (divisor n − 1) over the runs
that did not fail, None without enough of them. Published numbers are None where a paper prints nothing, and
``difference`` is ``auroc_mean − published_mean``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, fields
from operator import attrgetter
from typing import Any, TypeVar

from askew.benchmarks.result_tables.cell_text import CellStyle
from askew.benchmarks.result_tables.cells import CellRuns, deviation, mean_of_all
from askew.plain_text import quoted_cell

Row = TypeVar("Row")


class CellRow:
    """What rows have in every protocol."""

    method: str
    n_runs: int
    n_failed: int
    n_planned: int

    def remarks(self) -> list[str]:
        """Return what is not whole about the cell: failed and missing runs."""
        failed = [f"{self.n_failed} failed"] if self.n_failed else []
        return failed + ([f"{self.n_runs}/{self.n_planned} runs"] if self.n_runs < self.n_planned else [])

    def remark(self, style: CellStyle) -> str:
        """Return the remarks as they stand at the end of a cell."""
        return style.remark.format(", ".join(self.remarks())) if self.remarks() else ""


def column(compute: Callable[[Any], Any]) -> Any:
    """Declare a field of a row (a dataclass) as a column, computed from a cell."""
    return field(metadata={"compute": compute})


def of(path: str) -> Any:
    """Declare a column with an attribute of a cell, for example ``"n_runs"`` or ``"run.dataset"``."""
    return column(attrgetter(path))


def mean(measure: str) -> Any:
    """Declare a column with a measure's mean over the runs that did not fail; None if one of them lacks it."""
    return column(lambda cell: mean_of_all([getattr(record, measure) for record in cell.succeeded]))


def std(measure: str) -> Any:
    """Declare a column with a measure's standard deviation (divisor n − 1); None for fewer than two runs."""
    return column(lambda cell: deviation(cell.values(attrgetter(measure))))


def published(name: str) -> Any:
    """Declare a column with a field of what a paper prints; None where it prints nothing."""
    return column(lambda cell: cell.published and getattr(cell.published, name))


def make_row(kind: type[Row], cell: CellRuns[Any]) -> Row:
    """Return the row of a cell: a dataclass whose fields are declared by :func:`column`."""
    return kind(**{one.name: one.metadata["compute"](cell) for one in fields(kind)})  # type: ignore[arg-type]


def as_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV text, with the ``names`` of their columns as header; texts are no formulas."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: quoted_cell(value) for name, value in row.items()})
    return text.getvalue()
