"""The table of the motion planning protocol: samples in collision, coverage, the planner's success, paired tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

from askew.benchmarks.protocols.motion_planning.record import PlanningRecord
from askew.benchmarks.result_tables import layout, row_fields
from askew.benchmarks.result_tables.cell_text import CellStyle, points
from askew.benchmarks.result_tables.cells import CellRuns, deviation, mean_of_all, without_gaps
from askew.benchmarks.result_tables.paired_tests import Comparison, against
from askew.benchmarks.result_tables.row_fields import CellRow, as_csv
from askew.benchmarks.result_tables.table import Table
from askew.benchmarks.runs.plan import Run

TARGET = 0.8
"""Share of the problems to be solved, for which the number of samples needed is given."""

REFERENCE = "cvae"
"""The method that all others are compared with."""

_LOOK: dict[str, Any] = {"box": None, "pad_edge": False}


class Measure(NamedTuple):
    """What is measured of each run: a value of a record, and how its mean is written.

    A share is written in percent, other means by ``text``.
    """

    name: str
    heading: str
    value: Callable[[PlanningRecord], float | None]
    text: Callable[[float], str] | None = None

    def cell(self, row: PlanningRow) -> str:
        """Return mean ± standard deviation."""
        mean, std = row.mean[self.name], row.std[self.name]
        if mean is None:
            return "–"
        if self.text is None:
            return f"{100 * mean:.1f}" if std is None else f"{100 * mean:.1f} ±{100 * std:.1f}"
        return self.text(mean) if std is None else f"{self.text(mean)} ±{std:.{2 if std < 1 else 0}f}"

    def difference(self, value: float | None) -> str:
        """Return a mean difference with its sign, of a share in percentage points."""
        return points(value, 1) if self.text is None or value is None else f"{value:+.1f}"


class Measures(NamedTuple):
    """What is measured with some numbers of samples: of the samples themselves, the planner's success, its paths.

    ``raw`` is of the samples before the model screens them.
    """

    samples: list[Measure]
    success: list[Measure]
    cost: list[Measure]
    raw: list[Measure]

    @classmethod
    def of(cls, sizes: Sequence[int]) -> Measures:
        """Return the measures for the numbers of samples that the planner got."""
        largest = max(sizes)

        def needed(kind: str) -> Callable[[PlanningRecord], float | None]:
            def of(record: PlanningRecord) -> float | None:
                from askew.applications.motion_planning import samples_needed

                success = {int(n): share for n, share in getattr(record, kind).items()}
                return min(samples_needed(success, TARGET), 2.0 * largest) if success else None

            return of

        def needed_text(value: float) -> str:
            return f"{value:.0f}" if value < 2 * largest else f"> {largest}"

        def at(kind: str, n: int) -> Callable[[PlanningRecord], float | None]:
            return lambda record: getattr(record, kind).get(str(n))

        samples = [
            Measure("collision", "in collision", attrgetter("collision")),
            Measure("unscreened", "before screening", attrgetter("unscreened")),
            Measure("coverage", "passages covered", attrgetter("coverage")),
            Measure("samples needed", f"samples for {TARGET:.0%}", needed("success"), needed_text),
        ]
        success = [Measure(f"success {n}", f"n = {n}", at("success", n)) for n in sizes]
        cost = [Measure(f"cost {n}", f"n = {n}", at("cost", n), "{:.2f}".format) for n in sizes]
        raw = [
            Measure("raw coverage", "passages covered", attrgetter("raw_coverage")),
            Measure("raw samples needed", f"samples for {TARGET:.0%}", needed("raw_success"), needed_text),
            *(Measure(f"raw success {n}", f"n = {n}", at("raw_success", n)) for n in sizes),
            *(Measure(f"raw cost {n}", f"cost, n = {n}", at("raw_cost", n), "{:.2f}".format) for n in sizes),
        ]
        return cls(samples, success, cost, raw)

    @property
    def all(self) -> list[Measure]:
        """All of them."""
        return [*self.samples, *self.success, *self.cost, *self.raw]


def _of_measures(statistic: Callable[[list[float]], float | None]) -> Any:

    def compute(cell: CellRuns[PlanningRecord]) -> dict[str, float | None]:
        measures = Measures.of(cell.run.params["samples"]).all
        return {one.name: statistic(cell.values(one.value)) for one in measures}

    return row_fields.column(compute)


def _cpu_seconds(cell: CellRuns[PlanningRecord]) -> float | None:
    seconds = without_gaps(record.cpu_seconds for record in cell.records)
    return math.fsum(seconds) if seconds else None


@dataclass(frozen=True)
class PlanningRow(CellRow):
    """One method: its runs, and mean and standard deviation (divisor n − 1) of each measure over the seeds."""

    method: str = row_fields.of("run.method")
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    mean: Mapping[str, float | None] = _of_measures(mean_of_all)
    std: Mapping[str, float | None] = _of_measures(deviation)
    cpu_seconds: float | None = row_fields.column(_cpu_seconds)
    """Of all runs of the method together"""


@dataclass(frozen=True)
class PlanningResult(Table[str, PlanningRecord, PlanningRow]):
    """The table of the motion planning protocol: a row per method.

    ``comparisons`` are each method against the plain CVAE; ``dataset`` is the measure.
    """

    row_type: ClassVar[type[PlanningRow]] = PlanningRow
    notes_template: ClassVar[str] = "protocols/motion_planning/notes.j2"
    target: ClassVar[str] = f"{TARGET:.0%}"

    @staticmethod
    def key(run: Run) -> str:
        """Return the method."""
        return run.method

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of samples that the planner got."""
        return tuple(self.plan.runs[0].params["samples"])

    @cached_property
    def measures(self) -> Measures:
        """What is measured."""
        return Measures.of(self.sizes)

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The paired tests, Holm-corrected over the measures."""
        tested = [*self.measures.samples, *self.measures.success]
        scores = {
            (one.name, method): cell.by_pair(one.value)
            for method, cell in self.cells.items()
            for one in tested
        }
        return tuple(against(REFERENCE, [name for name in self.cells if name != REFERENCE], scores))

    def row(self, method: str) -> PlanningRow:
        """Return one method's row."""
        return self.by_key[method]

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows", "tests"}``, JSON-able."""
        return super().to_json() | {"tests": [asdict(test) for test in self.comparisons]}

    def csv(self) -> str:
        """Return one line per method and measure."""
        counts = ("n_runs", "n_failed", "n_planned")
        lines = [
            {"method": row.method, "measure": name, "mean": row.mean[name], "std": row.std[name]}
            | {count: getattr(row, count) for count in counts}
            for row in self.rows
            for name in row.mean
        ]
        return as_csv(("method", "measure", "mean", "std", *counts), lines)

    def blocks(self, style: CellStyle) -> Iterator[layout.Block]:
        """Yield title, samples by themselves, success, cost, paired tests, notes."""
        yield layout.Line(self.title, 1, look=None)
        space = layout.Line(level=0, look=None)
        for one in self._grids():
            yield from (space, one)
        yield from (space, *(layout.Line(note, 0, look=None) for note in self.notes()))

    def _grids(self) -> list[layout.Grid]:
        runs = layout.Column("runs", lambda row: f"{row.n_runs}/{row.n_planned}")
        by_name = {one.name: one for one in self.measures.all}
        tests = layout.comparison_columns(
            "measure", lambda row: by_name[row.dataset].difference(row.difference)
        )
        return [
            _grid(self.rows, [*_columns("method", self.measures.samples), runs]),
            _grid(self.rows, _columns("planner's success", self.measures.success)),
            _grid(self.rows, _columns("path cost / reference", self.measures.cost)),
            _grid(self.rows, _columns("before screening", self.measures.raw)),
            _grid(self.comparisons, tests),
        ]


def _columns(heading: str, shown: Sequence[Measure]) -> list[layout.Column]:
    return [
        layout.Column(heading, attrgetter("method")),
        *(layout.Column(one.heading, one.cell) for one in shown),
    ]


def _grid(lines: Sequence[Any], columns: Sequence[layout.Column]) -> layout.Grid:
    return layout.grid(lines, columns, n_words=None, wraps=True, look=_LOOK, rule="---")
