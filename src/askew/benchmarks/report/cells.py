"""From finished runs to cells: one method on one data set, with what is published and how sure the mean is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from askew.benchmarks.protocols.classic.result import Row
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables.cells import CellRuns
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
    records: tuple[Record, ...]
    interval: Interval | None

    @property
    def aurocs(self) -> dict[int, float]:
        """AUROC by seed of the runs that did not fail."""
        return {record.run.seed: record.auroc for record in self.records if record.auroc is not None}

    @property
    def fit_seconds(self) -> float | None:
        """Mean seconds of a fit; None if no run tells."""
        return _mean([record.fit_seconds for record in self.records if record.status == "ok"])

    @property
    def score_seconds(self) -> float | None:
        """Mean seconds of scoring the test rows; None if no run tells."""
        return _mean([record.score_seconds for record in self.records if record.status == "ok"])

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
    return {cell: _cell(cell, found, n_seeds, papers) for cell, found in grouped.items()}


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


def _cell(
    cell: tuple[str, str], records: list[Record], n_seeds: int, papers: Mapping[tuple[str, str], Published]
) -> Cell:
    dataset, method = cell
    run = records[0].run
    runs = tuple(record.run for record in records)
    found = CellRuns(runs, tuple(records), papers.get((run.dataset, run.method)))
    row = replace(make_row(Row, found), dataset=dataset, method=method, n_planned=n_seeds)
    aurocs = [record.auroc for record in records if record.auroc is not None]
    return Cell(row, tuple(records), mean_interval(aurocs))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None
