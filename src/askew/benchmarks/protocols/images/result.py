"""The table of an image protocol: a row per data set, method and column, beside the published number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from typing import Any, ClassVar

from askew.benchmarks.protocols.images.comparisons import ColumnScores, column_name, comparisons
from askew.benchmarks.protocols.images.design import MEASURES, Design
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.published_numbers import DOUBTS, PublishedNumbers, published_numbers
from askew.benchmarks.protocols.images.row import ClassCell, ImageRow, Key, cell_key, pair
from askew.benchmarks.result_tables import layout
from askew.benchmarks.result_tables.cell_text import CellStyle, percent, points
from askew.benchmarks.result_tables.cells import CellRuns, mean_of_all, without_gaps
from askew.benchmarks.result_tables.paired_tests import Comparison
from askew.benchmarks.result_tables.table import Table
from askew.benchmarks.runs.label_use import WITHOUT_LABELS
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record


@dataclass(frozen=True)
class ImageResult(Table[Key, Record, ImageRow]):
    """The table of an image protocol: a row per data set, method, variant and column."""

    row_type: ClassVar[type[ImageRow]] = ImageRow
    notes_template: ClassVar[str] = "protocols/images/notes.j2"

    @staticmethod
    def key(run: Run) -> Key:
        """Return data set, line and value on the axis."""
        return cell_key(run)

    @staticmethod
    def published(runs: Sequence[Run], records: Sequence[Record]) -> PublishedNumbers | None:
        """Return the papers' numbers, for the normal classes that are done; before any is, for all."""
        return published_numbers([record.run for record in records] or runs)

    @property
    def design(self) -> Design:
        """The protocol's grid: axis, methods, measures."""
        return DESIGNS[self.protocol]

    @cached_property
    def aurocs(self) -> Mapping[Key, Mapping[int, float]]:
        """AUROC by pair of the runs that did not fail, by cell; a pair shares normal class and seed, so the split."""
        return {key: cell.by_pair(pair=pair) for key, cell in self.cells.items()}

    @cached_property
    def by_class(self) -> Mapping[Key, tuple[ClassCell, ...]]:
        """Every normal class alone, by cell; empty where the protocol does not ask."""
        if not self.design.by_class:
            return {}
        return {key: tuple(_class_cells(cell)) for key, cell in self.cells.items()}

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The paired tests."""
        return comparisons(self.design, self.aurocs, self.column_scores)

    @cached_property
    def column_scores(self) -> ColumnScores:
        """AUROC by pair of each column (by name) and line; a cell stands in all of its line's columns."""
        scores = {}
        for dataset in self.datasets:
            for at in self.columns(dataset):
                for line in self.lines(dataset):
                    key = self.cell_for(dataset, line, at)
                    # its own cell: a semi-supervised method is not its own rival
                    if key is not None and key[1] == line and self.aurocs[key]:
                        scores[column_name(self.design, dataset, at), line] = self.aurocs[key]
        return scores

    def lines(self, dataset: str) -> tuple[str, ...]:
        """Return the lines of a data set's table, in the order of the protocol."""
        order = (*self.design.methods, *(row.method for row in self.rows))
        rows = [row for row in self.rows if row.dataset == dataset]
        rows.sort(key=lambda row: order.index(row.method))  # stable, so variants keep their order
        return tuple(dict.fromkeys(row.line for row in rows))

    def columns(self, dataset: str) -> tuple[float, ...]:
        """Return the values on the axis that a data set has."""
        return tuple(sorted({at for of, _, at in self.cells if of == dataset}))

    def cell_for(self, dataset: str, line: str, at: float) -> Key | None:
        """Return the cell that stands for a line in a column: its own, or the one without labels.

        A method without labels has one cell along γ_l and k, which stands in every column; a semi-supervised one
        begins where nothing is labelled, as what :data:`WITHOUT_LABELS` says.
        """
        if (dataset, line, at) in self.cells:
            return dataset, line, at
        if self.design.axis not in ("labelled_ratio", "k"):
            return None
        method, _, variant = line.partition(" ")
        label_free = f"{WITHOUT_LABELS.get(method, method)} {variant}".rstrip()
        stand_in = line if self.design.is_free(method) else label_free if at == 0 else ""
        key = dataset, stand_in, 0.0
        return key if key in self.cells else None

    def best(self, dataset: str, at: float, measure: str = "auroc") -> float:
        """Return the best mean of a column among methods that have not seen test images."""
        rows = [row for (of, _, value), row in self.by_key.items() if of == dataset and value == at]
        means = without_gaps(
            getattr(row, f"{measure}_mean") for row in rows if not Method.of(row.method).is_test_tuned
        )
        return (min if measure == "fpr80" else max)(means, default=0.0)

    @property
    def measures(self) -> list[str]:
        """What the tables' numbers are called."""
        return [MEASURES[name] for name in self.design.measures]

    @property
    def doubts(self) -> list[tuple[str, str, str]]:
        """Method, data set and reason of published numbers of the table that are in doubt."""
        present = {(row.dataset, row.method) for row in self.rows}
        return [
            (method, dataset, why)
            for (protocol, dataset, method), (_, why) in DOUBTS.items()
            if protocol == self.protocol and (dataset, method) in present
        ]

    def to_json(self) -> dict[str, Any]:
        """Return what a table has, ``grid`` (runs of the full grid), ``notes``, ``comparisons`` and ``by_class``.

        ``comparisons`` are :class:`~askew.benchmarks.result_tables.paired_tests.Comparison`, ``by_class`` are
        :class:`ClassCell` with data set, line and place on the axis.
        """
        found = super().to_json()
        rows = found.pop("rows")
        by_class = [
            {"dataset": dataset, "line": line, "at": at} | cell._asdict()
            for (dataset, line, at), cells in self.by_class.items()
            for cell in cells
        ]
        tests = [asdict(row) for row in self.comparisons]
        notes = {"grid": self.grid, "notes": list(self.plan.notes)}
        return found | notes | {"rows": rows, "comparisons": tests, "by_class": by_class}

    def introduction(self) -> list[str]:
        """Return what stands above the tables: what the protocol asks, and what its runs were cut to."""
        asked = self.design.title
        return [f"{asked[0].upper()}{asked[1:]}.", *self.plan.notes]

    def blocks(self, style: CellStyle) -> Iterator[layout.Block]:
        """Yield title, introduction, the grids of each data set, paired tests, notes."""
        yield layout.Line(self.title, 1)
        yield layout.Sentences(self.introduction())
        for dataset in self.datasets:
            yield layout.Line(f"{dataset}: {self.coverage(dataset)}")
            yield self.dataset_grid(dataset, style)
            if (classes := self.class_grid(dataset)) is not None:
                yield layout.Line(f"{dataset} by normal class", 3)
                yield classes
        if self.comparisons:
            yield from (layout.Line("Paired tests"), self.comparison_grid())
        yield layout.Sentences(self.notes(), "dim")

    def shown(self, line: str) -> str:
        """Return what a line is called: AMA with another loss than its paper's says so."""
        games = {
            cell.run.params.get("variant", "contrast")
            for (_, name, _), cell in self.cells.items()
            if name == line and cell.run.method == "ama"
        }
        unsaid = games == {"contrast"} and "contrast" not in line
        return line.replace("ama", "ama (contrast)", 1) if unsaid else line

    def coverage(self, dataset: str) -> str:
        """Return how many runs a data set's table has, and on how many normal classes."""
        rows = [row for row in self.rows if row.dataset == dataset]
        done, planned = sum(row.n_runs for row in rows), sum(row.n_planned for row in rows)
        classes = max(row.n_normal_classes for row in rows)
        return f"{done:,} of {planned:,} runs" + (f", {classes} normal classes" if classes else "")

    def dataset_grid(self, dataset: str, style: CellStyle) -> layout.Grid:
        """Return a data set's grid of lines, and of columns and measures."""
        symbol = self.design.symbol
        columns = [
            layout.Column(
                f"{symbol} = {at:g}" if symbol else MEASURES[measure],
                partial(self._cell, dataset, at, measure, style),
            )
            for at in self.columns(dataset)
            for measure in self.design.measures
        ]
        return layout.grid(self.lines(dataset), [layout.Column("method", self.shown), *columns], wraps=True)

    def _cell(self, dataset: str, at: float, measure: str, style: CellStyle, line: str) -> str:
        row = self.by_key.get((dataset, line, at))
        return "–" if row is None else row.text(measure, self.best(dataset, at, measure), style)

    def class_grid(self, dataset: str) -> layout.Grid | None:
        """Return a data set's grid by normal class, ours (theirs); None where there is none."""
        keys = [key for line in self.lines(dataset) for key in self.by_class if key[:2] == (dataset, line)]
        cells = {(key, cell.normal_class): cell for key in keys for cell in self.by_class[key]}
        classes = sorted({name for _, name in cells}, key=int)
        several = len(self.columns(dataset)) > 1

        def line_text(key: Key) -> str:
            line = self.shown(key[1])
            return f"{line}, {self.design.symbol} = {key[2]:g}" if several else line

        columns = [
            layout.Column("method", line_text),
            *(layout.Column(c, partial(_class_text, cells, c)) for c in classes),
        ]
        return layout.grid(keys, columns, wraps=True) if keys else None

    def comparison_grid(self) -> layout.Grid:
        """Return the paired tests."""
        columns = layout.comparison_columns("where", lambda row: points(row.difference), with_pairs=True)
        named = [
            replace(row, first=self.shown(row.first), second=self.shown(row.second))
            for row in self.comparisons
        ]
        return layout.grid(named, columns, n_words=3, wraps=True)


def _class_cells(cell: CellRuns[Record]) -> Iterator[ClassCell]:
    for name in dict.fromkeys(str(run.normal_class) for run in cell.runs):
        runs = [run for run in cell.runs if str(run.normal_class) == name]
        aurocs = without_gaps(record.auroc for record in cell.records if str(record.run.normal_class) == name)
        paper = published_numbers(runs)
        yield ClassCell(name, mean_of_all(aurocs), paper and paper.mean)


def _class_text(cells: Mapping[tuple[Key, str], ClassCell], normal_class: str, key: Key) -> str:
    cell = cells.get((key, normal_class))
    if cell is None:
        return "–"
    return percent(cell.auroc_mean) + (
        "" if cell.published_mean is None else f" ({percent(cell.published_mean)})"
    )
