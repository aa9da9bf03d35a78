"""From the finished runs of a folder to what a report says: sections, cells, ranks and paired tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from askew.benchmarks.protocols.classic import protocol as classic
from askew.benchmarks.protocols.classic.result import Row
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables.cells import CellRuns, mean_of_all
from askew.benchmarks.tables.intervals import Interval, mean_interval
from askew.benchmarks.tables.paired_tests import Comparison, against, best_against_second
from askew.benchmarks.tables.published import Cell as Printed
from askew.benchmarks.tables.published import published
from askew.benchmarks.tables.ranks import Ranks, average_ranks
from askew.benchmarks.tables.row_fields import make_row
from askew.errors import InvalidInputError, must

USUAL_REFERENCE = "vae"
"""What the others are compared with by default: the method of the papers that uses no labels."""

_ROUNDING = 0.0005  # the papers print tenths of a percent

_GRIDS: dict[str, Callable[[str], Plan]] = {"classic": lambda split: classic.plan("paper", split=split)}
"""The full grid of each protocol, by the kind of split."""


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


class Coverage(NamedTuple):
    """How much of a protocol's full grid is there."""

    done: int
    grid: int
    other: int
    """Runs that are not in the grid: other methods, seeds or settings."""


@dataclass(frozen=True)
class Section:
    """All runs that share protocol, split and ratios.

    ``methods`` come best first; a name is a method, with the settings that tell it from others where one
    method was run with several. ``datasets`` are data sets, with their classes where a protocol has any.
    """

    protocol: str
    split: str
    labelled_ratio: float
    pollution_ratio: float
    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    cells: Mapping[tuple[str, str], Cell]
    ranks: Ranks
    coverage: Coverage | None
    reference: str | None
    against_reference: tuple[Comparison, ...]
    best_two: tuple[Comparison, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """All runs, by data set, method and seed."""
        order = [(of, name) for of in self.datasets for name in self.methods if (of, name) in self.cells]
        return tuple(record for cell in order for record in self.cells[cell].records)

    @property
    def failures(self) -> tuple[Record, ...]:
        """The runs that failed."""
        return tuple(record for record in self.records if record.status != "ok")

    def best(self, dataset: str) -> float | None:
        """Return the highest mean AUROC on ``dataset``."""
        means = [cell.row.auroc_mean for (of, _), cell in self.cells.items() if of == dataset]
        return max((mean for mean in means if mean is not None), default=None)

    def overall(self, method: str) -> tuple[float | None, float | None]:
        """Return the mean AUROC over all data sets, ours and published; None where a cell has no number."""
        rows = [self.cells[of, method].row for of in self.datasets if (of, method) in self.cells]
        if len(rows) < len(self.datasets):
            return None, None
        return mean_of_all([r.auroc_mean for r in rows]), mean_of_all([r.published_mean for r in rows])

    def cost(self, method: str) -> tuple[float, float] | None:
        """Return seconds per fit and AUROC, both means over the ranked data sets; None with a gap."""
        cells = [self.cells.get((of, method)) for of in self.ranks.datasets]
        seconds = mean_of_all([cell.fit_seconds if cell else None for cell in cells])
        quality = mean_of_all([cell.row.auroc_mean if cell else None for cell in cells])
        return None if seconds is None or quality is None else (seconds, quality)


def collect(records: Iterable[Record], reference: str | None = None) -> tuple[Section, ...]:
    """Return the sections of a report.

    Parameters
    ----------
    records : iterable of Record
        Finished runs of any number of protocols.
    reference : str, optional
        The method that the others are compared with; by default ``vae``, or the best where it was not run.

    Raises
    ------
    InvalidInputError
        If no run is of ``reference``.
    """
    by_setting: dict[tuple[str, str, float, float], list[Record]] = {}
    for record in records:
        run = record.run
        setting = (run.protocol, run.split, run.labelled_ratio, run.pollution_ratio)
        by_setting.setdefault(setting, []).append(record)
    sections = tuple(_section(found, reference) for _, found in sorted(by_setting.items()))
    if reference is not None and not any(reference in section.methods for section in sections):
        names = sorted({name for section in sections for name in section.methods})
        remedy = f"Choose from: {', '.join(names)}."
        raise InvalidInputError(must("reference", "report", "a method of the folder", reference, remedy))
    return sections


def _section(records: Sequence[Record], reference: str | None) -> Section:
    run = records[0].run
    names = _names([record.run for record in records])
    grouped: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda record: (record.run.seed, record.run.key)):
        grouped.setdefault((_problem(record.run), names[record.run.key]), []).append(record)
    seeds = tuple(sorted({record.run.seed for record in records}))
    papers = _published(run)
    cells = {cell: _cell(*cell, found, len(seeds), papers) for cell, found in grouped.items()}
    datasets = tuple(sorted({of for of, _ in cells}))
    methods = sorted({name for _, name in cells})
    means = {cell: _rankable(found) for cell, found in cells.items()}
    ranks = average_ranks(means, datasets, methods)
    ordered = (*ranks.methods, *(name for name in methods if name not in ranks.methods))
    scores = {
        cell: cells[cell].aurocs for of in datasets for cell in ((of, m) for m in ordered) if cell in cells
    }
    used = reference or (USUAL_REFERENCE if USUAL_REFERENCE in methods else ordered[0])
    used_or_none = used if used in methods else None
    others = [name for name in ordered if name != used]
    return Section(
        protocol=run.protocol,
        split=run.split,
        labelled_ratio=run.labelled_ratio,
        pollution_ratio=run.pollution_ratio,
        datasets=datasets,
        methods=ordered,
        seeds=seeds,
        cells=cells,
        ranks=ranks,
        coverage=_coverage(records),
        reference=used_or_none,
        against_reference=tuple(against(used, others, scores)) if used_or_none else (),
        best_two=tuple(best_against_second(scores)),
    )


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


def _published(run: Run) -> Mapping[tuple[str, str], Printed]:
    """Return what the papers print under the ratios of ``run``; nothing for protocols that are not theirs."""
    try:
        cells = published(run.protocol)
    except InvalidInputError:
        return {}
    same = {
        cell: found
        for cell, found in cells.items()
        if found.ratio_labelled in (None, run.labelled_ratio)
        and found.ratio_pollution in (None, run.pollution_ratio)
    }
    return same if run.normal_class is None else {}


def _cell(
    dataset: str,
    method: str,
    records: list[Record],
    n_planned: int,
    papers: Mapping[tuple[str, str], Printed],
) -> Cell:
    run = records[0].run
    found = CellRuns(
        tuple(record.run for record in records), tuple(records), papers.get((run.dataset, run.method))
    )
    row = replace(make_row(Row, found), dataset=dataset, method=method, n_planned=n_planned)
    aurocs = [record.auroc for record in records if record.auroc is not None]
    return Cell(row, tuple(records), mean_interval(aurocs))


def _rankable(cell: Cell) -> float:
    """Return the mean, and for a cell in which every run failed the last place."""
    return -math.inf if cell.row.auroc_mean is None else cell.row.auroc_mean


def _coverage(records: Sequence[Record]) -> Coverage | None:
    run = records[0].run
    if run.protocol not in _GRIDS:
        return None
    keys = {planned.key for planned in _GRIDS[run.protocol](run.split).runs}
    done = sum(record.run.key in keys for record in records)
    return Coverage(done, len(keys), len(records) - done)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None
