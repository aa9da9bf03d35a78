"""The few_labels protocol's table: a row per data set, regime, method and m; where plain classifiers win; ranks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, TypeAlias

from askew.benchmarks.protocols.few_labels.contests import Contest, contests
from askew.benchmarks.result_tables import layout, row_fields
from askew.benchmarks.result_tables.cell_text import CellStyle, marked_spread
from askew.benchmarks.result_tables.cells import mean_of_all
from askew.benchmarks.result_tables.ranks import Ranks, average_ranks
from askew.benchmarks.result_tables.row_fields import CellRow
from askew.benchmarks.result_tables.table import Table, sentences
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record

Key: TypeAlias = tuple[str, str, str, int]
"""Data set, regime, method, m."""

MEANING = {
    "seen": "seen: test anomalies of the same pool as the labelled ones",
    "unseen": "unseen: labels from one cluster of the anomalies, test on the other clusters",
}


@dataclass(frozen=True)
class FewLabelsRow(CellRow):
    """One method with m labelled anomalies in one regime on one data set.

    ``m`` is 0 for a method that learns nothing from labels; for the numbers see
    :mod:`~askew.benchmarks.result_tables.row_fields`.
    """

    dataset: str = row_fields.of("run.dataset")
    regime: str = row_fields.column(lambda cell: cell.run.regime or "")
    method: str = row_fields.of("run.method")
    m: int = row_fields.column(lambda cell: cell.run.m or 0)
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    auroc_mean: float | None = row_fields.mean("auroc")
    auroc_std: float | None = row_fields.std("auroc")
    auprc_mean: float | None = row_fields.mean("auprc")
    fpr80_mean: float | None = row_fields.mean("fpr80")


@dataclass(frozen=True)
class FewLabelsResult(Table[Key, Record, FewLabelsRow]):
    """The table of the few_labels protocol: a row per data set, regime, method and m."""

    row_type: ClassVar[type[FewLabelsRow]] = FewLabelsRow
    notes_template: ClassVar[str] = "protocols/few_labels/notes.j2"

    @staticmethod
    def key(run: Run) -> Key:
        """Return data set, regime, method and m."""
        return run.dataset, run.regime or "", run.method, run.m or 0

    @cached_property
    def aurocs(self) -> Mapping[Key, Mapping[int, float]]:
        """AUROC by seed of the runs that did not fail, by cell."""
        return {key: cell.by_pair() for key, cell in self.cells.items()}

    @property
    def regimes(self) -> tuple[str, ...]:
        """The regimes in the order of the plan."""
        return tuple(dict.fromkeys(row.regime for row in self.rows))

    @property
    def ms(self) -> tuple[int, ...]:
        """The columns: numbers of labels, or 0 alone where no method learns from labels."""
        numbers = sorted({row.m for row in self.rows})
        return tuple(m for m in numbers if m) or tuple(numbers)

    def datasets_of(self, regime: str, m: int | None = None) -> tuple[str, ...]:
        """Return the data sets of a regime, those with m labels if m is given, in the order of the plan."""
        rows = [row for row in self.rows if row.regime == regime]
        able = {row.dataset for row in rows if m is None or row.m == m}
        return tuple(name for name in dict.fromkeys(row.dataset for row in rows) if name in able)

    def row(self, dataset: str, regime: str, method: str, m: int) -> FewLabelsRow | None:
        """Return a cell of the table; the one with m = 0 stands in every column that the data set has."""
        if dataset not in self.datasets_of(regime, m):
            return None
        rows = self.by_key
        return rows.get((dataset, regime, method, m)) or rows.get((dataset, regime, method, 0))

    def mean(self, regime: str, method: str, m: int) -> float | None:
        """Return the mean AUROC over the data sets that have m labels; None if a cell has no number."""
        rows = [self.row(dataset, regime, method, m) for dataset in self.datasets_of(regime, m)]
        return mean_of_all([row.auroc_mean if row else None for row in rows])

    def ranks(self, regime: str, m: int) -> Ranks:
        """Return the average ranks over the data sets that have m labels."""
        means = {}
        for dataset in self.datasets_of(regime, m):
            for method in self.methods:
                row = self.row(dataset, regime, method, m)
                if row is not None and row.n_runs == row.n_planned:
                    means[dataset, method] = -math.inf if row.auroc_mean is None else row.auroc_mean
        return average_ranks(means, self.datasets_of(regime, m), self.methods)

    def contests(self, regime: str) -> tuple[Contest, ...]:
        """Return the contests of a regime, m by m; cells without a number on one of the sides are left out."""
        found: list[Contest] = []
        for m in self.ms:  # those of one m are corrected together
            scores = {
                of: {name: self.aurocs.get((of, regime, name, m), {}) for name in self.methods}
                for of in self.datasets_of(regime, m)
            }
            found += contests(regime, m, scores)
        return tuple(found)

    def contest_sentences(self, regime: str) -> list[str]:
        """Return in plain words where a plain classifier wins over the semi-supervised methods, and where not."""
        return sentences("protocols/few_labels/contests.j2", regime=regime, contests=self.contests(regime))

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows", "contests", "notes"}``, JSON-able."""
        found = super().to_json()
        found["rows"] = [row | {"published_mean": None} for row in found["rows"]]
        all_contests = [one for regime in self.regimes for one in self.contests(regime)]
        found["contests"] = [asdict(one) | {"shown": one.is_significant} for one in all_contests]
        return found | {"notes": list(self.plan.notes)}

    def blocks(self, style: CellStyle) -> Iterator[layout.Block]:
        """Yield title, by regime the means and ranks and the contests, notes; each data set in Markdown alone."""
        yield layout.Line(self.title, 1)
        for regime in self.regimes:
            meaning = MEANING.get(regime, regime)
            yield layout.Line(meaning if style.is_terminal else meaning.capitalize(), look="")
            yield self.overview(regime, style)
            yield layout.Sentences(self.contest_sentences(regime))
            for dataset in () if style.is_terminal else self.datasets_of(regime):
                yield layout.Line(f"{dataset}, {regime}", 3)
                yield self.per_dataset(regime, dataset, style)
        yield layout.Sentences(self.notes(), "dim")

    def overview(self, regime: str, style: CellStyle) -> layout.Grid:
        """Return the means over data sets, with the average ranks in brackets."""
        columns = []
        for m in self.ms:
            if n_datasets := len(self.datasets_of(regime, m)):
                means = {name: self.mean(regime, name, m) for name in self.methods}
                text = partial(_mean_and_rank, means, self.ranks(regime, m), style)
                columns.append(layout.Column(f"m = {m} ({n_datasets})", text))
        return layout.grid(self.methods, [layout.Column("method", str), *columns])

    def per_dataset(self, regime: str, dataset: str, style: CellStyle) -> layout.Grid:
        """Return one data set's means ± standard deviations."""
        columns = []
        for m in self.ms:
            if dataset in self.datasets_of(regime, m):
                rows = {name: self.row(dataset, regime, name, m) for name in self.methods}
                columns.append(layout.Column(f"m = {m}", partial(_cell, rows, style)))
        return layout.grid(self.methods, [layout.Column("method", str), *columns])


def _mean_and_rank(means: Mapping[str, float | None], ranks: Ranks, style: CellStyle, method: str) -> str:
    best = max((mean or 0.0 for mean in means.values()), default=0.0)
    rank = ranks.rank(method)
    return marked_spread(means[method], None, best, style) + ("" if rank is None else f" ({rank:.1f})")


def _cell(rows: Mapping[str, FewLabelsRow | None], style: CellStyle, method: str) -> str:
    row = rows[method]
    if row is None:
        return "–"
    best = max((one.auroc_mean or 0.0 for one in rows.values() if one), default=0.0)
    return marked_spread(row.auroc_mean, row.auroc_std, best, style) + row.remark(style)
