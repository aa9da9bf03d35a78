"""From finished runs to cells, one method on one data set, and to what runs say: messages, settings, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from askew.benchmarks.protocols.classic.result import Row
from askew.benchmarks.report.phrases import counted, ranges, seconds, span
from askew.benchmarks.result_tables.cells import CellRuns, mean_of_all
from askew.benchmarks.result_tables.intervals import Interval, mean_interval
from askew.benchmarks.result_tables.published import Cell as Published
from askew.benchmarks.result_tables.published import published
from askew.benchmarks.result_tables.row_fields import make_row
from askew.benchmarks.runs.plan import Run, canonical
from askew.benchmarks.runs.store import Record
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

    @cached_property
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


class Message(NamedTuple):
    """What several runs of a method on a data set said alike."""

    method: str
    dataset: str
    seeds: str
    text: str


def same_messages(cells: Mapping[tuple[str, str], Cell], field: str) -> list[Message]:
    """Return the failures (``field="error"``) or warnings (``"warnings"``), equal ones of a cell together."""
    seeds: dict[tuple[str, str, str], list[int]] = {}
    for (dataset, method), cell in cells.items():
        for record in cell.records:
            said = getattr(record, field)
            if field == "error" and record.status != "ok":
                said = said or "no reason was recorded"
            if said:
                seeds.setdefault((method, dataset, said), []).append(record.run.seed)
    return [Message(m, of, ranges(found), said) for (m, of, said), found in sorted(seeds.items())]


class Parameter(NamedTuple):
    """One parameter of a method: ``texts`` has one value, or one per data set where they differ."""

    name: str
    texts: tuple[str, ...]


def run_settings(
    cells: Mapping[tuple[str, str], Cell], methods: Sequence[str], datasets: Sequence[str]
) -> list[tuple[str, list[Parameter]]]:
    """Return by method the parameters that its runs were given; one without any has its defaults."""
    settings = []
    for method in methods:
        of = [cells.get((dataset, method)) for dataset in datasets]
        params = [cell.records[0].run.params if cell else None for cell in of]
        names = sorted({name for one in params if one is not None for name in one})
        rows = [Parameter(name, _texts(params, name)) for name in names]
        settings.append((method, rows or [Parameter("all", ("defaults",))]))
    return settings


def _texts(params: Sequence[Mapping[str, Any] | None], name: str) -> tuple[str, ...]:
    texts = ["–" if one is None else _text(one, name) for one in params]
    same = {text for text, one in zip(texts, params, strict=True) if one is not None}
    return (same.pop(),) if len(same) == 1 else tuple(texts)


def _text(params: Mapping[str, Any], name: str) -> str:
    if name not in params:
        return "default"
    value = params[name]
    return f"{value:g}" if isinstance(value, float) else canonical(value).strip('"')


def row_counts(
    cells: Mapping[tuple[str, str], Cell], datasets: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """Return by data set the training rows, the labelled anomalies among them, and the test rows."""
    rows = []
    for dataset in datasets:
        runs = [record for (of, _), cell in cells.items() if of == dataset for record in cell.records]
        train, labelled = span(run.n_train for run in runs), span(run.n_labelled for run in runs)
        rows.append((dataset, train, labelled, span(run.n_test for run in runs)))
    return rows


def versions(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Return the versions by name, with numbers of runs where there are several; then days and hours."""
    rows = []
    for name in sorted({name for record in records for name in record.versions}):
        runs: dict[str, int] = {}
        for record in records:
            version = record.versions.get(name, "not recorded")
            runs[version] = runs.get(version, 0) + 1
        only = len(runs) == 1
        parts = [
            version if only else f"{version} ({counted(n, 'run')})" for version, n in sorted(runs.items())
        ]
        rows.append((name, ", ".join(parts)))
    days = sorted({record.started.partition("T")[0] for record in records})
    rows.append(("run on", days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"))
    rows.append(("time spent fitting", seconds(sum(record.fit_seconds or 0.0 for record in records))))
    return rows
