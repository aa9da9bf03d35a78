"""The planning protocol's table: samples in collision, coverage, the planner's success, and paired tests."""

from __future__ import annotations

import csv
import io
import math
import statistics as plain
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from askew.benchmarks.protocols.motion_planning.store import PlanningRecord
from askew.benchmarks.runs.plan import Plan
from askew.benchmarks.tables.printing import p_text
from askew.benchmarks.tables.statistics import Comparison, against

if TYPE_CHECKING:
    from rich.console import RenderableType

TARGET = 0.8
"""Share of the problems to be solved, for which the number of samples needed is given."""

REFERENCE = "cvae"
"""The method that all others are compared with."""


SAMPLES = ("collision", "unscreened", "coverage")
"""What is measured of the samples by themselves."""


def measure(name: str, record: PlanningRecord, sizes: Sequence[int]) -> float | None:
    """Return one of :func:`measures` of a run; None where there is nothing to measure.

    ``"samples needed"`` is for :data:`TARGET`; twice the largest number if that does not do.
    """
    if name in SAMPLES:
        return {"collision": record.collision, "unscreened": record.unscreened, "coverage": record.coverage}[
            name
        ]
    if name == "samples needed":
        from askew.applications.motion_planning import samples_needed

        success = {int(n): share for n, share in record.success.items()}
        return min(samples_needed(success, TARGET), 2.0 * max(sizes))
    kind, n = name.split()
    return record.success.get(n) if kind == "success" else record.cost.get(n)


def measures(sizes: Sequence[int]) -> list[str]:
    """Return the names of what is measured of each run."""
    per_size = [f"{kind} {n}" for kind in ("success", "cost") for n in sizes]
    return [*SAMPLES, "samples needed", *per_size]


@dataclass(frozen=True)
class PlanningRow:
    """One method: its runs, and mean and standard deviation (divisor n − 1) of each measure over the seeds."""

    method: str
    n_runs: int
    n_failed: int
    n_planned: int
    mean: Mapping[str, float | None]
    std: Mapping[str, float | None]
    cpu_seconds: float | None
    """Of all runs of the method together"""


@dataclass(frozen=True)
class PlanningResult:
    """What a plan found so far.

    Parameters
    ----------
    preset : str
    done, planned, grid : int
        Finished runs (failed ones included), runs of the plan, runs of the full grid.
    sizes : tuple of int
        Numbers of samples that the planner got.
    rows : tuple of PlanningRow
    comparisons : tuple of Comparison
        Each method against the plain CVAE; ``dataset`` is the measure.
    """

    preset: str
    done: int
    planned: int
    grid: int
    sizes: tuple[int, ...]
    rows: tuple[PlanningRow, ...]
    comparisons: tuple[Comparison, ...]

    def row(self, method: str) -> PlanningRow:
        """Return one method's row."""
        return next(row for row in self.rows if row.method == method)

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows", "tests"}``, JSON-able."""
        return {
            "protocol": "planning",
            "preset": self.preset,
            "coverage": [self.done, self.planned],
            "rows": [asdict(row) for row in self.rows],
            "tests": [asdict(test) for test in self.comparisons],
        }

    def csv(self) -> str:
        """Return one line per method and measure."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("method", "measure", "mean", "std", "n_runs", "n_failed", "n_planned"))
        for row in self.rows:
            counts = (row.n_runs, row.n_failed, row.n_planned)
            writer.writerows((row.method, name, row.mean[name], row.std[name], *counts) for name in row.mean)
        return text.getvalue()

    @property
    def title(self) -> str:
        """One line: protocol, preset, coverage."""
        whole = "" if self.planned == self.grid else f" (the full grid has {self.grid})"
        return f"planning, preset {self.preset}: {self.done} of {self.planned} runs{whole}"

    def tables(self) -> list[list[tuple[str, ...]]]:
        """Return the tables as text: samples by themselves, success, cost, paired tests; headings first."""
        samples: list[tuple[str, ...]] = [
            (
                "method",
                "in collision",
                "before screening",
                "passages covered",
                f"samples for {TARGET:.0%}",
                "runs",
            )
        ]
        success: list[tuple[str, ...]] = [("planner's success", *(f"n = {n}" for n in self.sizes))]
        cost: list[tuple[str, ...]] = [("path cost / reference", *(f"n = {n}" for n in self.sizes))]
        for row in self.rows:
            shares = [_share(row, name) for name in SAMPLES]
            needed = _number(row, "samples needed", self._needed)
            samples.append((row.method, *shares, needed, f"{row.n_runs}/{row.n_planned}"))
            success.append((row.method, *(_share(row, f"success {n}") for n in self.sizes)))
            cost.append((row.method, *(_number(row, f"cost {n}", "{:.2f}".format) for n in self.sizes)))
        heading = ("measure", "first", "second", "difference", "Wilcoxon", "Holm", "t-test", "Holm")
        tests = [heading, *(_test(one) for one in self.comparisons)]
        return [samples, success, cost, tests]

    def _needed(self, value: float) -> str:
        return f"{value:.0f}" if value < 2 * max(self.sizes) else f"> {max(self.sizes)}"

    def notes(self) -> list[str]:
        """Return what a reader must know."""
        lines = [
            "Mean ± standard deviation over seeds; every seed has its own unseen worlds, the same for all methods.",
            "In collision: share of the samples that the planner got; before screening: of all that were drawn. "
            "Passages covered: share of the passages' cells on the reference path with one of "
            f"{max(self.sizes)} samples in them. Samples for {TARGET:.0%}: interpolated in log n; "
            f"{2 * max(self.sizes)} stands in where {max(self.sizes)} do not do. Cost: mean over solved problems.",
            "Tests: paired over seeds, two-sided, Holm's correction over the measures.",
        ]
        failed = sum(row.n_failed for row in self.rows)
        if failed:
            lines.append(f"Failed runs: {failed}. They count as runs; the means are over the others.")
        if self.done < self.planned:
            lines.append(f"Runs not done yet: {self.planned - self.done}. The same command continues.")
        return lines

    def markdown(self) -> str:
        """Return title, tables and notes as Markdown."""
        parts = [f"# {self.title}"]
        for table in self.tables():
            head, *body = [f"| {' | '.join(line)} |" for line in table]
            parts.append("\n".join([head, "|---" * len(table[0]) + "|", *body]))
        return "\n\n".join([*parts, *self.notes()]) + "\n"

    def table(self) -> RenderableType:
        """Return title, tables and notes for a terminal, to print with rich."""
        from rich.console import Group
        from rich.table import Table

        shown: list[RenderableType] = [self.title]
        for head, *body in self.tables():
            table = Table(*head, box=None, pad_edge=False)
            for line in body:
                table.add_row(*line)
            shown += ["", table]
        return Group(*shown, "", *self.notes())


def summarise(plan: Plan, records: Mapping[str, PlanningRecord], sizes: tuple[int, ...]) -> PlanningResult:
    """Return the table of `plan` from its finished runs; those of other plans are left out."""
    rows, scores = [], {}
    for method in plan.methods:
        runs = [run for run in plan.runs if run.method == method]
        found = [records[run.key] for run in runs if run.key in records]
        fine = [record for record in found if record.status == "ok"]
        values = {name: [measure(name, record, sizes) for record in fine] for name in measures(sizes)}
        rows.append(_row(method, len(runs), found, values))
        for name in (*SAMPLES, "samples needed", *(f"success {n}" for n in sizes)):
            pairs = zip(fine, values[name], strict=True)
            scores[name, method] = {record.run.seed: value for record, value in pairs if value is not None}
    others = [method for method in plan.methods if method != REFERENCE]
    tests = against(REFERENCE, others, scores) if REFERENCE in plan.methods else []
    done = sum(row.n_runs for row in rows)
    return PlanningResult(plan.preset, done, len(plan.runs), plan.grid, sizes, tuple(rows), tuple(tests))


def _row(
    method: str, planned: int, found: list[PlanningRecord], values: Mapping[str, list[float | None]]
) -> PlanningRow:
    known = {name: [v for v in each if v is not None] for name, each in values.items()}
    seconds = [record.cpu_seconds for record in found if record.cpu_seconds is not None]
    return PlanningRow(
        method=method,
        n_runs=len(found),
        n_failed=sum(record.status != "ok" for record in found),
        n_planned=planned,
        mean={name: math.fsum(each) / len(each) if each else None for name, each in known.items()},
        std={name: plain.stdev(each) if len(each) > 1 else None for name, each in known.items()},
        cpu_seconds=math.fsum(seconds) if seconds else None,
    )


def _number(row: PlanningRow, name: str, text: Callable[[float], str]) -> str:
    mean, std = row.mean[name], row.std[name]
    if mean is None:
        return "–"
    return text(mean) if std is None else f"{text(mean)} ±{std:.{2 if std < 1 else 0}f}"


def _share(row: PlanningRow, name: str) -> str:
    mean, std = row.mean[name], row.std[name]
    if mean is None:
        return "–"
    return f"{100 * mean:.1f}" if std is None else f"{100 * mean:.1f} ±{100 * std:.1f}"


def _test(one: Comparison) -> tuple[str, ...]:
    scale = 1.0 if one.dataset == "samples needed" else 100.0
    difference = "–" if one.difference is None else f"{scale * one.difference:+.1f}"
    p_values = (one.wilcoxon_p, one.wilcoxon_holm, one.t_p, one.t_holm)
    return (one.dataset, one.first, one.second, difference, *(p_text(p) for p in p_values))
