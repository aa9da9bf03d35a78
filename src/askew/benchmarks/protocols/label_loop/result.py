"""The table of the label_loop protocol: anomalies found after 10 to 100 answers, and paired tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, ClassVar, TypeAlias

from askew.benchmarks.protocols.label_loop.record import CHECKPOINTS, LoopRecord
from askew.benchmarks.protocols.label_loop.strategies import MEANING
from askew.benchmarks.protocols.label_loop.tables import SETTLED_ON
from askew.benchmarks.result_tables import layout, row_fields
from askew.benchmarks.result_tables.cell_text import CellStyle, marked_spread, p_text, points
from askew.benchmarks.result_tables.cells import CellRuns, mean_of_all
from askew.benchmarks.result_tables.paired_tests import Comparison, PairedTest, against, paired_test
from askew.benchmarks.result_tables.row_fields import CellRow
from askew.benchmarks.result_tables.table import Table, sentences
from askew.benchmarks.runs.plan import Run

Key: TypeAlias = tuple[str, str]
"""Data set and method."""

REFERENCE = "aad_forest"
"""The method that all others are compared with."""

OURS = "anomalous"
"""Our loop, as it finds most."""

LEVEL = 0.05


def _found(answers: int) -> Any:
    def compute(cell: CellRuns[LoopRecord]) -> float | None:
        return mean_of_all([float(one.found[min(answers, len(one.found)) - 1]) for one in cell.succeeded])

    return row_fields.column(compute)


def _share(answers: int) -> Any:
    return row_fields.column(lambda cell: mean_of_all([one.after(answers) for one in cell.succeeded]))


@dataclass(frozen=True)
class LoopRow(CellRow):
    """One method on one table.

    ``found_n`` is the mean number of anomalies among the first n answers, ``share_n`` that as a share of the most that
    could be found (one an answer, and no more than there are), ``average`` the mean of the four shares, ``seconds`` of
    a run on one core.
    """

    dataset: str = row_fields.of("run.dataset")
    method: str = row_fields.of("run.method")
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    found_10: float | None = _found(10)
    found_20: float | None = _found(20)
    found_50: float | None = _found(50)
    found_100: float | None = _found(100)
    share_10: float | None = _share(10)
    share_20: float | None = _share(20)
    share_50: float | None = _share(50)
    share_100: float | None = _share(100)
    average: float | None = row_fields.mean("average")
    average_std: float | None = row_fields.std("average")
    n_anomalies: float | None = row_fields.mean("n_anomalies")
    n_fits: float | None = row_fields.mean("n_fits")
    seconds: float | None = row_fields.mean("seconds")


@dataclass(frozen=True)
class OverTables:
    """A method against :data:`REFERENCE`, a pair per table (the mean over seeds of the average share).

    ``wins`` and ``losses`` count tables where the paired tests over seeds show a difference.
    """

    first: str
    second: str
    test: PairedTest
    wins: int
    losses: int
    n_tables: int


@dataclass(frozen=True)
class LoopResult(Table[Key, LoopRecord, LoopRow]):
    """The table of the label_loop protocol: a row per table and method."""

    row_type: ClassVar[type[LoopRow]] = LoopRow
    notes_template: ClassVar[str] = "protocols/label_loop/notes.j2"
    checkpoints: ClassVar[tuple[int, ...]] = CHECKPOINTS
    reference: ClassVar[str] = REFERENCE

    @staticmethod
    def key(run: Run) -> Key:
        """Return data set and method."""
        return run.dataset, run.method

    @property
    def settled_on(self) -> tuple[str, ...]:
        """Tables of the plan on which the loop was settled."""
        return tuple(name for name in self.datasets if name in SETTLED_ON)

    @property
    def untouched(self) -> tuple[str, ...]:
        """Tables of the plan that had no part in settling the loop."""
        return tuple(name for name in self.datasets if name not in SETTLED_ON)

    @cached_property
    def complete(self) -> tuple[str, ...]:
        """Tables on which every method that has runs at all has all of its runs: means are over these."""
        methods = [name for name in self.methods if any(self.by_key[of, name].n_runs for of in self.datasets)]
        return tuple(
            of
            for of in self.datasets
            if methods and all(_is_whole(self.by_key[of, name]) for name in methods)
        )

    @cached_property
    def averages(self) -> Mapping[Key, Mapping[int, float]]:
        """The average share by seed, by cell."""
        return {key: cell.by_pair(attrgetter("average")) for key, cell in self.cells.items()}

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Each method against :data:`REFERENCE` on each table, over seeds, Holm-corrected over the tables."""
        others = [name for name in self.methods if name != REFERENCE]
        return tuple(against(REFERENCE, others, self.averages) if REFERENCE in self.methods else ())

    def _complete_of(self, datasets: Collection[str] | None) -> list[str]:
        return [name for name in self.complete if datasets is None or name in datasets]

    def over_tables(self, datasets: Collection[str] | None = None) -> tuple[OverTables, ...]:
        """Return each method against :data:`REFERENCE` over tables, by default all that are complete."""
        tables = self._complete_of(datasets)
        if REFERENCE not in self.methods or not tables:
            return ()
        found = []
        for method in self.methods:
            if method == REFERENCE or not all(
                self.averages[of, name] for of in tables for name in (method, REFERENCE)
            ):
                continue
            first, second = (
                {number: _mean(self.averages[of, name]) for number, of in enumerate(tables)}
                for name in (method, REFERENCE)
            )
            shown = [
                test.difference or 0.0
                for test in self.comparisons
                if test.first == method and test.dataset in tables and _is_shown(test)
            ]
            wins = sum(difference > 0 for difference in shown)
            losses = len(shown) - wins
            found.append(OverTables(method, REFERENCE, paired_test(first, second), wins, losses, len(tables)))
        return tuple(found)

    def mean(self, method: str, measure: str, datasets: Collection[str] | None = None) -> float | None:
        """Return the mean of a share over tables, by default all that are complete."""
        tables = self._complete_of(datasets)
        return mean_of_all([getattr(self.by_key[name, method], measure) for name in tables])

    def curve(self, method: str, datasets: Collection[str] | None = None) -> list[float]:
        """Return the share found after 1, 2, ... answers, the mean over complete tables; empty without one."""
        tables = self._complete_of(datasets)
        cells = [self.cells[name, method] for name in tables]
        if not cells or not all(cell.succeeded for cell in cells):
            return []
        by_table = [
            [
                mean_of_all([one.after(answers) for one in cell.succeeded])
                for answers in range(1, max(CHECKPOINTS) + 1)
            ]
            for cell in cells
        ]
        means = [mean_of_all(column) for column in zip(*by_table, strict=True)]
        return [mean for mean in means if mean is not None]

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage", "rows", "over_tables", "tests", "notes"}``, JSON-able."""
        more: dict[str, Any] = {
            "over_tables": [asdict(one) | one.test._asdict() for one in self.over_tables()]
        }
        for one in more["over_tables"]:
            del one["test"]
        more |= {"tests": [asdict(test) for test in self.comparisons], "notes": list(self.plan.notes)}
        return super().to_json() | more

    def verdict(self) -> list[str]:
        """Return in plain words how our loop does beside :data:`REFERENCE`; nothing where one is missing."""
        ours = next((one for one in self.over_tables() if one.first == OURS), None)
        return [] if ours is None else sentences("protocols/label_loop/verdict.j2", ours=ours, result=self)

    def blocks(self, style: CellStyle) -> Iterator[layout.Block]:
        """Yield title, means over tables, paired tests, and each table's numbers in Markdown, notes."""
        yield layout.Line(self.title, 1)
        for heading, datasets in self.groups():
            yield layout.Line(heading, look="")
            yield self.overview(datasets, style)
        if tests := self.over_tables():
            yield layout.Line(f"Against {REFERENCE}", look="")
            yield self.tests(tests)
            yield layout.Sentences(self.verdict())
        for answers in () if style.is_terminal else CHECKPOINTS:
            yield layout.Line(f"Anomalies found after {answers} answers, of the most that could be")
            yield self.found(answers, style)
        yield layout.Sentences(self.notes(), "dim")

    def groups(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return headings with the complete tables that the means are over."""
        groups = [("All tables", self.complete)]
        untouched = tuple(name for name in self.complete if name in self.untouched)
        if untouched and untouched != self.complete:
            groups.append(("Tables that had no part in settling our loop", untouched))
        return [(f"{heading} ({len(names)})", names) for heading, names in groups if names]

    def overview(self, datasets: Sequence[str], style: CellStyle) -> layout.Grid:
        """Return the mean shares over tables by method."""
        names = {f"{answers} answers": f"share_{answers}" for answers in CHECKPOINTS} | {"mean": "average"}
        columns = [
            layout.Column(heading, partial(self._cell, measure, tuple(datasets), style))
            for heading, measure in names.items()
        ]
        return layout.grid(self.methods, [layout.Column("asked by", str), *columns])

    def _cell(self, measure: str, datasets: Collection[str], style: CellStyle, method: str) -> str:
        means = [self.mean(name, measure, datasets) for name in self.methods]
        best = max((mean for mean in means if mean is not None), default=0.0)
        return marked_spread(self.mean(method, measure, datasets), None, best, style)

    def tests(self, tests: Sequence[OverTables]) -> layout.Grid:
        """Return the paired tests over tables."""
        columns = [
            layout.Column("asked by", lambda one: one.first),
            layout.Column("difference", lambda one: points(one.test.difference, 1)),
            layout.Column("Wilcoxon", lambda one: p_text(one.test.wilcoxon_p)),
            layout.Column("t-test", lambda one: p_text(one.test.t_p)),
            layout.Column("better on", lambda one: f"{one.wins} of {one.n_tables}"),
            layout.Column("worse on", lambda one: f"{one.losses} of {one.n_tables}"),
        ]
        return layout.grid(tests, columns)

    def found(self, answers: int, style: CellStyle) -> layout.Grid:
        """Return the anomalies found after so many answers, a row per table."""

        def text(method: str, dataset: str) -> str:
            rows = [self.by_key[dataset, name] for name in self.methods]
            numbers = [getattr(row, f"found_{answers}") for row in rows]
            mine, row = (of[self.methods.index(method)] for of in (numbers, rows))
            if mine is None:
                return f"–{row.remark(style)}"
            best = mine == max(number for number in numbers if number is not None)
            return (style.best if best else "{}").format(f"{mine:.1f}") + row.remark(style)

        def name(dataset: str) -> str:
            counts = [row.n_anomalies for row in self.rows if row.dataset == dataset and row.n_anomalies]
            return f"{dataset} ({min(answers, round(counts[0]))})" if counts else dataset

        columns = [layout.Column(method, partial(text, method)) for method in self.methods]
        return layout.grid(self.datasets, [layout.Column("table", name), *columns])

    def meanings(self) -> list[tuple[str, str]]:
        """Return the methods of the plan with what they are."""
        return [(name, MEANING[name]) for name in self.methods]


def _is_whole(row: LoopRow) -> bool:
    return row.n_runs == row.n_planned and row.n_failed < row.n_runs


def _is_shown(test: Comparison) -> bool:
    return all(p is not None and p < LEVEL for p in (test.wilcoxon_holm, test.t_holm))


def _mean(by_seed: Mapping[int, float]) -> float:
    return sum(by_seed.values()) / len(by_seed)
