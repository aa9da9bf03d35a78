"""Methods against each other on data sets: cells beside published numbers, ranks, cost and paired tests.

The section of every protocol that no other kind of section names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

from askew.benchmarks.protocols.classic import protocol as classic
from askew.benchmarks.report.cells import Cell, Setting, cells_of, row_counts, run_settings, same_messages
from askew.benchmarks.report.figures.methods import cost_picture, dots
from askew.benchmarks.report.figures.ranks import rank_plot
from askew.benchmarks.report.phrases import ranges
from askew.benchmarks.report.section import Section
from askew.benchmarks.report.svg import both_widths
from askew.benchmarks.report.templating import REPORT
from askew.benchmarks.result_tables.cells import mean_of_all, split_ratios
from askew.benchmarks.result_tables.paired_tests import Comparison, against, best_against_second
from askew.benchmarks.result_tables.ranks import Ranks, average_ranks
from askew.benchmarks.runs.plan import Plan
from askew.benchmarks.runs.store import Record
from askew.errors import InvalidInputError, must

USUAL_REFERENCE = "vae"
"""What the others are compared with by default: the method of the papers that uses no labels."""

_GRIDS: dict[str, Callable[[str], Plan]] = {"classic": lambda split: classic.plan("paper", split=split)}
"""The full grid of each protocol, by the kind of split."""


class Coverage(NamedTuple):
    """How much of a protocol's full grid is there."""

    done: int
    grid: int
    other: int
    """Runs that are not in the grid: other methods, seeds or settings."""


@dataclass(frozen=True, kw_only=True)
class MethodSection(Section):
    """All runs that share protocol, split and ratios; ``methods`` come best first, ``cells`` in that order."""

    template = "methods.html.j2"
    letter = "s"

    setting: Setting
    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    cells: Mapping[tuple[str, str], Cell]
    ranks: Ranks
    coverage: Coverage | None
    reference: str | None
    against_reference: tuple[Comparison, ...]
    best_two: tuple[Comparison, ...]

    @classmethod
    def collect(
        cls, records: Sequence[Record], reference: str | None = None, folder: Path | None = None
    ) -> tuple[Self, ...]:
        """Return a section per setting; a ``reference`` that no run is of is refused."""
        by_setting: dict[Setting, list[Record]] = {}
        for record in records:
            by_setting.setdefault(Setting.of(record.run), []).append(record)
        sections = tuple(cls._made(found, reference) for _, found in sorted(by_setting.items()))
        if reference is not None and not any(reference in section.methods for section in sections):
            names = sorted({name for section in sections for name in section.methods})
            remedy = f"Choose from: {', '.join(names)}."
            raise InvalidInputError(must("reference", "report", "a method of the folder", reference, remedy))
        return sections

    @classmethod
    def _made(cls, records: Sequence[Record], reference: str | None) -> Self:
        cells = cells_of(records)
        datasets = tuple(sorted({of for of, _ in cells}))
        names = sorted({name for _, name in cells})
        ranks = average_ranks({cell: _rankable(found) for cell, found in cells.items()}, datasets, names)
        methods = (*ranks.methods, *(name for name in names if name not in ranks.methods))
        cells = {(of, m): cells[of, m] for of in datasets for m in methods if (of, m) in cells}
        scores = {key: cell.aurocs for key, cell in cells.items()}
        ratios = split_ratios({key: cell.runs for key, cell in cells.items()})
        used = reference or (USUAL_REFERENCE if USUAL_REFERENCE in methods else methods[0])
        others = [name for name in methods if name != used]
        return cls(
            records=tuple(record for cell in cells.values() for record in cell.records),
            setting=Setting.of(records[0].run),
            datasets=datasets,
            methods=methods,
            seeds=tuple(sorted({record.run.seed for record in records})),
            cells=cells,
            ranks=ranks,
            coverage=_coverage(records),
            reference=used if used in methods else None,
            against_reference=tuple(against(used, others, scores, ratios)) if used in methods else (),
            best_two=tuple(best_against_second(scores, ratios)),
        )

    def of_method(self, method: str) -> list[Cell]:
        """Return a method's cells, by data set."""
        return [cell for (_, name), cell in self.cells.items() if name == method]

    def is_best(self, cell: Cell) -> bool:
        """Return whether a cell's mean AUROC is the highest on its data set."""
        mean, rivals = cell.row.auroc_mean, [one.row for one in self.cells.values()]
        means = [row.auroc_mean for row in rivals if row.dataset == cell.row.dataset]
        return mean is not None and mean >= max(other for other in means if other is not None)

    def overall(self, method: str) -> tuple[float | None, float | None]:
        """Return the mean AUROC over all data sets, ours and published; None where a cell has no number."""
        rows = [cell.row for cell in self.of_method(method)]
        if len(rows) < len(self.datasets):
            return None, None
        return mean_of_all([r.auroc_mean for r in rows]), mean_of_all([r.published_mean for r in rows])

    @property
    def leader(self) -> tuple[str, float] | None:
        """The method with the highest mean AUROC over all data sets, and that mean; None if none has one."""
        means = [(name, mean) for name in self.methods if (mean := self.overall(name)[0]) is not None]
        return max(means, key=lambda pair: pair[1], default=None)

    def cost(self, method: str) -> tuple[float, float] | None:
        """Return seconds per fit and AUROC, both means over the ranked data sets; None with a gap."""
        cells = [self.cells.get((of, method)) for of in self.ranks.datasets]
        seconds = mean_of_all([cell.mean("fit_seconds") if cell else None for cell in cells])
        quality = mean_of_all([cell.row.auroc_mean if cell else None for cell in cells])
        return None if seconds is None or quality is None else (seconds, quality)

    def scoring(self, method: str) -> tuple[float | None, str]:
        """Return mean seconds of scoring the test rows of a data set, and how many runs were trained together."""
        cells = self.of_method(method)
        seconds = [mean for cell in cells if (mean := cell.mean("score_seconds")) is not None]
        sizes = {record.group_size for cell in cells for record in cell.records}
        return sum(seconds) / len(seconds) if seconds else None, ranges(sizes)

    @property
    def title(self) -> str:
        """What the runs share: protocol, split and ratios."""
        return REPORT.say("setting", self.setting)[0]

    @cached_property
    def summary(self) -> list[str]:
        """What there is, and what it comes to: three or four sentences."""
        return REPORT.say("summary", self)

    @property
    def paragraph(self) -> str:
        """The summary after what it is about."""
        return f"{self.title}: {super().paragraph}"

    def parts(self) -> dict[str, Any]:
        """Return the pictures, the tests by cell, and what the appendix lists."""
        columns: dict[str, dict[str, Cell]] = {}
        for (dataset, method), cell in self.cells.items():
            columns.setdefault(dataset, {})[method] = cell
        prices = {name: at for name in self.methods if (at := self.cost(name)) is not None}
        return {
            "dots": [(of, dots(of, cells)) for of, cells in columns.items()],
            "ranks": both_widths(lambda width: rank_plot(self.ranks, width)),
            "cost": both_widths(lambda width: cost_picture(prices, width)) if self.ranks.methods else [],
            "against": {(row.dataset, row.first): row for row in self.against_reference},
            **self._appendix(),
        }

    def markdown(self) -> str:
        """Return the tables, the tests, failures and settings."""
        return REPORT.text("methods.md.j2", s=self, parts=self._appendix())

    def _appendix(self) -> dict[str, Any]:
        return {
            "failures": same_messages(self.cells, "error"),
            "warnings": same_messages(self.cells, "warnings"),
            "settings": run_settings(self.cells, self.methods, self.datasets),
            "row_counts": row_counts(self.cells, self.datasets),
        }

    def csv_rows(self) -> list[dict[str, Any]]:
        """Return the cells' rows with interval, times and rank."""
        rows = []
        for (_, method), cell in self.cells.items():
            low, high = cell.interval or (None, None)
            times = {name: cell.mean(name) for name in ("fit_seconds", "score_seconds")}
            added = {"average_rank": self.ranks.rank(method), "protocol": self.setting.protocol}
            rows.append(asdict(cell.row) | {"auroc_low": low, "auroc_high": high} | times | added)
        return rows


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
