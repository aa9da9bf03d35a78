"""The classic protocol's table: ours beside the published numbers, with coverage, failures and paired tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar, TypeAlias

from askew.benchmarks.result_tables import layout, row_fields
from askew.benchmarks.result_tables.cell_text import CellStyle, marked_spread, percent, points, spread
from askew.benchmarks.result_tables.cells import group_runs, mean_of_all, split_ratios
from askew.benchmarks.result_tables.paired_tests import Comparison, against, best_against_second
from askew.benchmarks.result_tables.published import Cell, published
from askew.benchmarks.result_tables.row_fields import CellRow
from askew.benchmarks.result_tables.table import Table
from askew.benchmarks.runs.label_use import VAES_WITH_LABELS
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record

Key: TypeAlias = tuple[str, str]
"""Data set and method."""


@dataclass(frozen=True)
class Row(CellRow):
    """One method on one data set; see :mod:`~askew.benchmarks.result_tables.row_fields` for the numbers.

    ``labelled_ratio`` and ``pollution_ratio`` are γ_l and γ_p.
    """

    dataset: str = row_fields.of("run.dataset")
    method: str = row_fields.of("run.method")
    split: str = row_fields.of("run.split")
    labelled_ratio: float = row_fields.of("run.labelled_ratio")
    pollution_ratio: float = row_fields.of("run.pollution_ratio")
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    auroc_mean: float | None = row_fields.mean("auroc")
    auroc_std: float | None = row_fields.std("auroc")
    auprc_mean: float | None = row_fields.mean("auprc")
    fpr80_mean: float | None = row_fields.mean("fpr80")
    published_mean: float | None = row_fields.published("mean")
    published_std: float | None = row_fields.published("std")
    difference: float | None = row_fields.of("difference")


@dataclass(frozen=True)
class Result(Table[Key, Record, Row]):
    """The table of the classic protocol: a row per data set and method."""

    row_type: ClassVar[type[Row]] = Row
    notes_template: ClassVar[str] = "protocols/classic/notes.j2"
    number_format: ClassVar[str] = ""
    terminal_style: ClassVar[CellStyle] = CellStyle(
        "[bold green]{}[/bold green]", " ±{}", "\n[dim]({})[/dim]", "\n[red]{}[/red]", is_terminal=True
    )

    @staticmethod
    def key(run: Run) -> Key:
        """Return data set and method."""
        return run.dataset, run.method

    @staticmethod
    def published(runs: Sequence[Run], records: Sequence[Record]) -> Cell | None:
        """Return the papers' number."""
        run = runs[0]
        return published(run.protocol).get((run.dataset, Method.of(run.method).printed_as))

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The paired tests: best against second, and each semi-supervised VAE against the plain one."""
        scores = {
            key: cell.by_pair()
            for key, cell in self.cells.items()
            if not Method.of(key[1]).is_test_tuned  # what has seen test rows competes with nothing
        }
        semi_supervised = [method for method in VAES_WITH_LABELS if method in self.methods]
        ratios = split_ratios(self.cells)
        return tuple(best_against_second(scores, ratios) + against("vae", semi_supervised, scores, ratios))

    @property
    def split(self) -> str:
        """The kind of split, ``clean`` or ``leaky``."""
        return ", ".join(self.plan.splits)

    @property
    def setting(self) -> str:
        """What the title says beside protocol and preset."""
        return f", {self.split} split"

    @property
    def runs_per_cell(self) -> list[int]:
        """The numbers of finished runs that cells have, least first."""
        return sorted({row.n_runs for row in self.rows})

    def row(self, dataset: str, method: str) -> Row:
        """Return the row of one cell of the table."""
        return self.by_key[dataset, method]

    def overall(self, method: str) -> tuple[float | None, float | None]:
        """Return a method's mean AUROC over all data sets, ours and published; None if a cell is missing."""
        rows = [row for row in self.rows if row.method == method]
        ours = mean_of_all([row.auroc_mean for row in rows])
        return ours, mean_of_all([row.published_mean for row in rows])

    def best(self, dataset: str) -> float:
        """Return the best mean AUROC of the methods that have not seen test rows."""
        fair = (
            row for row in self.rows if row.dataset == dataset and not Method.of(row.method).is_test_tuned
        )
        return max((row.auroc_mean or 0.0 for row in fair), default=0.0)

    def blocks(self, style: CellStyle) -> Iterator[layout.Block]:
        """Yield title, the grid of methods and data sets, paired tests, notes."""
        yield layout.Line(self.title, 1)
        of_datasets = [layout.Column(of, partial(self._cell, of, style)) for of in self.datasets]
        mean = layout.Column("mean", partial(self._overall_cell, style))
        yield layout.grid(self.methods, [layout.Column("method", str), *of_datasets, mean])
        if self.comparisons:
            yield layout.Line("Paired tests over seeds" if style.is_terminal else "Paired tests")
            yield self._tests(style)
        yield layout.Sentences(self.notes(), "dim")

    def _cell(self, dataset: str, style: CellStyle, method: str) -> str:
        row = self.row(dataset, method)
        ours = marked_spread(row.auroc_mean, row.auroc_std, self.best(dataset), style)
        if style.is_terminal:  # narrow: the published deviation is left out, each remark has a line
            printed = style.published.format(percent(row.published_mean))
            return ours + printed + "".join(map(style.remark.format, row.remarks()))
        printed = style.published.format(spread(row.published_mean, row.published_std))
        return ours + printed + row.remark(style)

    def _overall_cell(self, style: CellStyle, method: str) -> str:
        ours, theirs = self.overall(method)
        return percent(ours) + style.published.format(percent(theirs))

    def _tests(self, style: CellStyle) -> layout.Grid:
        families = [row.family for row in self.comparisons]
        begins = [n for n in range(1, len(families)) if families[n] != families[n - 1]]
        columns = layout.comparison_columns(
            "data set", lambda row: points(row.difference), of_splits=not style.is_terminal
        )
        return layout.grid(self.comparisons, columns, n_words=3, lines_above=begins)


def summarise(plan: Plan, records: Mapping[str, Record], cells: Mapping[Key, Cell]) -> Result:
    """Return the table of ``plan`` from its finished runs.

    Parameters
    ----------
    plan : Plan
        What was to be run.
    records : mapping of run key to Record
        Finished runs; those of other plans are left out.
    cells : mapping of (data set, method) to Cell
        The papers' numbers; see :func:`askew.benchmarks.result_tables.published.published`.
    """

    def printed(runs: Sequence[Run], _: Sequence[Record]) -> Cell | None:
        return cells.get((runs[0].dataset, Method.of(runs[0].method).printed_as))

    return Result(plan, group_runs(plan, records, Result.key, printed))


tabulate = Result.tabulate
