"""From the runs of a plan to the cells of a table, and the statistics of a cell."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import StoredRun

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=StoredRun)
Measure = Callable[[Any], float | None]
"""Reads a number off a record; None where there is none."""
AUROC: Measure = attrgetter("auroc")


@dataclass(frozen=True)
class CellRuns(Generic[R]):
    """The planned runs of a cell, the records of the finished ones, and what a paper prints (or None)."""

    runs: tuple[Run, ...]
    records: tuple[R, ...]
    published: Any = None

    @property
    def succeeded(self) -> list[R]:
        """The records of the runs that did not fail."""
        return [record for record in self.records if record.status == "ok"]

    @property
    def run(self) -> Run:
        """One of the runs, for what they share."""
        return self.runs[0]

    @property
    def n_runs(self) -> int:
        """Finished runs, failed ones included."""
        return len(self.records)

    @property
    def n_failed(self) -> int:
        """Failed runs; the means are over the others."""
        return len(self.records) - len(self.succeeded)

    @property
    def n_planned(self) -> int:
        """Runs of the plan."""
        return len(self.runs)

    @property
    def difference(self) -> float | None:
        """The mean AUROC minus the published one."""
        ours = mean_of_all(self.values(AUROC))
        return None if ours is None or self.published is None else float(ours - self.published.mean)

    def values(self, measure: Measure) -> list[float]:
        """Return a measure of the runs that did not fail, without those that lack it."""
        return without_gaps(map(measure, self.succeeded))

    def by_pair(
        self, measure: Measure = AUROC, pair: Callable[[Run], int] = attrgetter("seed")
    ) -> dict[int, float]:
        """Return a measure by ``pair``, a number that the runs of several methods share; without gaps."""
        values = {pair(record.run): measure(record) for record in self.succeeded}
        return {number: value for number, value in values.items() if value is not None}


def group_runs(
    plan: Plan,
    records: Mapping[str, R],
    key: Callable[[Run], K],
    published: Callable[[Sequence[Run], Sequence[R]], Any],
) -> dict[K, CellRuns[R]]:
    """Return the runs of a plan by cell, in the order of the plan; ``records`` of other plans are left out.

    ``key`` says what the runs of a cell share, ``published`` what a paper prints for its planned runs and records.
    """
    groups: dict[K, list[Run]] = {}
    for run in plan.runs:
        groups.setdefault(key(run), []).append(run)
    cells = {}
    for name, runs in groups.items():
        done = [records[run.key] for run in runs if run.key in records]
        cells[name] = CellRuns(tuple(runs), tuple(done), published(runs, done))
    return cells


def without_gaps(values: Iterable[float | None]) -> list[float]:
    """Return the values that are not None."""
    return [value for value in values if value is not None]


def mean_of_all(values: Sequence[float | None]) -> float | None:
    """Return the mean, or None if there is no value or one is missing.

    >>> mean_of_all([1.0, 2.0]), mean_of_all([1.0, None]), mean_of_all([])
    (1.5, None, None)
    """
    numbers = without_gaps(values)
    return math.fsum(numbers) / len(numbers) if numbers and len(numbers) == len(values) else None


def deviation(values: Sequence[float]) -> float | None:
    """Return the standard deviation with divisor n − 1, or None for fewer than two values."""
    return statistics.stdev(values) if len(values) > 1 else None


def split_ratios(cells: Mapping[tuple[str, str], CellRuns[Any]]) -> dict[str, float]:
    """Return, for cells by (data set, method), each data set's test rows per training row, of random splits."""
    found: dict[str, float] = {}
    for (dataset, _), cell in cells.items():
        for record in cell.succeeded[:1]:
            if record.n_train and record.n_test:
                found[dataset] = record.n_test / record.n_train
    return found
