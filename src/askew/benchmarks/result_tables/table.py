"""A protocol's table: rows of cells, what they come to, and the same as JSON, CSV, Markdown and for a terminal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from askew.benchmarks.result_tables.cell_text import MARKDOWN, TERMINAL, CellStyle, percent
from askew.benchmarks.result_tables.cells import CellRuns, group_runs
from askew.benchmarks.result_tables.layout import Block, as_markdown, as_terminal
from askew.benchmarks.result_tables.paired_tests import Comparison
from askew.benchmarks.result_tables.row_fields import CellRow, as_csv, make_row
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import StoredRun

if TYPE_CHECKING:
    import jinja2
    from rich.console import RenderableType

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=StoredRun)
Row = TypeVar("Row", bound=CellRow)


@dataclass(frozen=True)
class Table(ABC, Generic[K, R, Row]):
    """What a plan found so far. A protocol's own class declares what a cell is, its columns, and its document.

    ``cells`` are the runs of each cell, in the order of the ``plan``.
    """

    plan: Plan
    cells: Mapping[K, CellRuns[R]]

    row_type: ClassVar[type[Any]]
    """A row: a dataclass whose fields are declared with :mod:`askew.benchmarks.result_tables.row_fields`."""
    notes_template: ClassVar[str]
    """The sentences of :meth:`notes`, one a line; a template of jinja2, under ``askew/benchmarks``."""
    number_format: ClassVar[str] = ","
    """Of numbers of runs."""
    terminal_style: ClassVar[CellStyle] = TERMINAL

    @classmethod
    def of(cls, plan: Plan, records: Mapping[str, R]) -> Self:
        """Return the table of ``plan``; ``records`` are by run key, those of other plans are left out."""
        return cls(plan, group_runs(plan, records, cls.key, cls.published))

    @classmethod
    def tabulate(cls, plan: Plan, store: Any) -> Self:
        """Write ``runs.parquet``, ``table.csv`` and ``table.md`` from the finished runs of ``store``.

        ``runs.parquet`` has every run of the folder, the tables and the result those of ``plan``.
        """
        table = cls.of(plan, store.export())
        store.write_text("table.csv", table.csv())
        store.write_text("table.md", table.markdown())
        return table

    @staticmethod
    @abstractmethod
    def key(run: Run) -> Any:
        """Return the cell that a run belongs to."""

    @staticmethod
    def published(runs: Sequence[Run], records: Sequence[Any]) -> Any:
        """Return what a paper prints for a cell with these planned runs and records; None for nothing."""
        return None

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """One per cell."""
        return tuple(make_row(self.row_type, cell) for cell in self.cells.values())

    @cached_property
    def by_key(self) -> Mapping[K, Row]:
        """The row of each cell."""
        return dict(zip(self.cells, self.rows, strict=True))

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The paired tests."""
        return ()

    @property
    def protocol(self) -> str:
        """The name of the protocol."""
        return self.plan.protocol

    @property
    def preset(self) -> str:
        """The name of the preset."""
        return self.plan.preset

    @property
    def done(self) -> int:
        """Finished runs of the plan, failed ones included."""
        return sum(row.n_runs for row in self.rows)

    @property
    def planned(self) -> int:
        """Runs of the plan."""
        return len(self.plan.runs)

    @property
    def grid(self) -> int:
        """Runs of the protocol's full grid."""
        return self.plan.grid

    @property
    def n_failed(self) -> int:
        """Failed runs."""
        return sum(row.n_failed for row in self.rows)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in the order of the plan."""
        return self.plan.methods

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets in the order of the plan."""
        return self.plan.datasets

    @property
    def has_test_tuned(self) -> bool:
        """Whether a method was tuned on test rows."""
        return any(Method.of(row.method).is_test_tuned for row in self.rows)

    @property
    def setting(self) -> str:
        """What the title says beside protocol and preset; begins with a comma if there is anything."""
        return ""

    @property
    def title(self) -> str:
        """One line: protocol, preset, coverage."""
        done, planned, grid = map(self.number, (self.done, self.planned, self.grid))
        whole = "" if planned == grid else f" (the full grid has {grid})"
        return f"{self.protocol}, preset {self.preset}{self.setting}: {done} of {planned} runs{whole}"

    def number(self, n_runs: int) -> str:
        """Return a number of runs as text."""
        return format(n_runs, self.number_format)

    def notes(self) -> list[str]:
        """Return what a reader must know: how to read the numbers, failed and missing runs, the tests."""
        return sentences(self.notes_template, result=self)

    @abstractmethod
    def blocks(self, style: CellStyle) -> Iterator[Block]:
        """Yield the document: title, grids, paired tests, notes."""

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows": [...]}``, JSON-able.

        Each of ``rows`` has the fields of a row, None where there is no number.
        """
        return {
            "protocol": self.protocol,
            "preset": self.preset,
            "coverage": [self.done, self.planned],
            "rows": [asdict(row) for row in self.rows],  # type: ignore[call-overload]
        }

    def csv(self) -> str:
        """Return the rows as CSV text, with a header."""
        return as_csv([one.name for one in fields(self.row_type)], map(vars, self.rows))

    def markdown(self) -> str:
        """Return title, tables, paired tests and notes as Markdown."""
        return as_markdown(self.blocks(MARKDOWN))

    def table(self) -> RenderableType:
        """Return title, tables, paired tests and notes for a terminal, to print with rich."""
        return as_terminal(self.blocks(self.terminal_style))


def sentences(template: str, **names: Any) -> list[str]:
    """Return the lines of a template that say something."""
    lines = _templates().get_template(template).render(**names).splitlines()
    return [line for line in lines if line]


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("askew.benchmarks", ""),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # plain text, so nothing is escaped
    environment.filters |= {"percent": percent, "thousands": "{:,}".format}
    return environment
