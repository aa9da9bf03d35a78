"""From finished runs to cells: one method on one data set, with what is published and how sure the mean is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from askew.benchmarks.protocols.classic.result import Row
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables.cells import CellRuns, mean_of_all
from askew.benchmarks.tables.intervals import Interval, mean_interval
from askew.benchmarks.tables.published import Cell as Published
from askew.benchmarks.tables.published import published
from askew.benchmarks.tables.row_fields import make_row
from askew.errors import InvalidInputError

_ROUNDING = 0.0005  # the papers print tenths of a percent


@dataclass(frozen=True)
class Cell:
    """One method on one data set, with its runs in the order of their seeds."""

    row: Row
    runs: CellRuns[Record]

    @property
    def records(self) -> tuple[Record, ...]:
        """The finished runs."""
        return self.runs.records

    @property
    def aurocs(self) -> dict[int, float]:
        """AUROC by seed of the runs that did not fail."""
        return self.runs.by_pair()

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the mean AUROC; None for fewer than two runs."""
        return mean_interval(list(self.aurocs.values()))

    def mean(self, field: str) -> float | None:
        """Return the mean of a field, such as ``fit_seconds``, of the runs that did not fail and have it."""
        return mean_of_all(self.runs.values(attrgetter(field)))

    @property
    def verdict(self) -> str | None:
        """``above``, ``within`` or ``below`` one published standard deviation; None if nothing is published.

        A cell in which every run failed is ``below``.
        """
        if self.row.published_mean is None:
            return None
        if self.row.difference is None:
            return "below"
        slack = (self.row.published_std or 0.0) + _ROUNDING
        if abs(self.row.difference) <= slack:
            return "within"
        return "above" if self.row.difference > 0 else "below"

    @property
    def remark(self) -> str:
        """What is not whole: failed and missing runs."""
        return ", ".join(self.row.remarks())


class Setting(NamedTuple):
    """What the runs of one section of a report share."""

    protocol: str
    split: str
    labelled_ratio: float
    pollution_ratio: float

    @classmethod
    def of(cls, run: Run) -> Setting:
        """Return the setting of a run."""
        return cls(run.protocol, run.split, run.labelled_ratio, run.pollution_ratio)


def cells_of(records: Sequence[Record]) -> dict[tuple[str, str], Cell]:
    """Return by (data set, method) the cells of runs that share a setting.

    A method's name has the settings that tell it from others, a data set's its classes where a protocol has any.
    """
    names = _names([record.run for record in records])
    grouped: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda record: (record.run.seed, record.run.key)):
        grouped.setdefault((_problem(record.run), names[record.run.key]), []).append(record)
    n_seeds = len({record.run.seed for record in records})
    papers = _published(records[0].run)
    cells = {}
    for (dataset, method), found in grouped.items():
        run = found[0].run
        paper = papers.get((run.dataset, run.method))
        runs = CellRuns(tuple(record.run for record in found), tuple(found), paper)
        row = replace(make_row(Row, runs), dataset=dataset, method=method, n_planned=n_seeds)
        cells[dataset, method] = Cell(row, runs)
    return cells


def _problem(run: Run) -> str:
    """Return the data set, with its classes where the protocol has any."""
    name = run.dataset
    if run.normal_class is not None:
        name += f", normal {run.normal_class}"
    if run.known_classes:
        name += f", known {'+'.join(run.known_classes)}"
    return name


def _names(runs: Sequence[Run]) -> dict[str, str]:
    """Return by run key the method's name, with the settings in which it differs on one and the same data set."""
    variants: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for run in runs:
        known = variants.setdefault((run.method, _problem(run)), [])
        if run.params not in known:
            known.append(run.params)
    telling: dict[str, set[str]] = {}
    for (method, _), params in variants.items():
        keys = {key for one in params for key in one}
        varying = {key for key in keys if any(one.get(key) != params[0].get(key) for one in params)}
        telling.setdefault(method, set()).update(varying)
    found = {}
    for run in runs:
        parts = [f"{key}={run.params.get(key, 'default')}" for key in sorted(telling[run.method])]
        found[run.key] = f"{run.method} ({', '.join(parts)})" if parts else run.method
    return found


def _published(run: Run) -> Mapping[tuple[str, str], Published]:
    """Return what the papers print under the ratios of ``run``; nothing for protocols that are not theirs."""
    try:
        papers = published(run.protocol)
    except InvalidInputError:
        return {}
    if run.normal_class is not None:
        return {}
    return {
        cell: found
        for cell, found in papers.items()
        if found.ratio_labelled in (None, run.labelled_ratio)
        and found.ratio_pollution in (None, run.pollution_ratio)
    }
