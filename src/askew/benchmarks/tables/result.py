"""A protocol's table: ours beside the published numbers, with coverage, failures and paired tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Plan
from askew.benchmarks.runs.store import Record, Store
from askew.benchmarks.tables.published import Cell, published
from askew.benchmarks.tables.rows import as_csv, cell_numbers, mean_of_all, write_tables
from askew.benchmarks.tables.statistics import Comparison, against, best_against_second

if TYPE_CHECKING:
    from rich.console import RenderableType

SEMI_SUPERVISED = ("dp_vae", "mml_vae", "mml_dp_vae")
"""The methods that are a plain VAE plus labels, each compared with ``vae``."""


@dataclass(frozen=True)
class Row:
    """One method on one data set; AUROC, AUPRC and FPR80 are fractions in [0, 1].

    Parameters
    ----------
    dataset, method, split : str
        What was run.
    labelled_ratio, pollution_ratio : float
        γ_l and γ_p.
    n_runs : int
        Finished runs, failed ones included.
    n_failed : int
        Failed runs among them. The means are over the others.
    n_planned : int
        Runs of this cell in the plan.
    auroc_mean, auroc_std : float or None
        Mean and standard deviation (divisor n − 1) over the seeds; None without enough runs.
    auprc_mean, fpr80_mean : float or None
        See :func:`askew.benchmarks.runs.metrics.metrics`.
    published_mean, published_std : float or None
        What the paper prints; None where it prints nothing.
    difference : float or None
        ``auroc_mean − published_mean``.
    """

    dataset: str
    method: str
    split: str
    labelled_ratio: float
    pollution_ratio: float
    n_runs: int
    n_failed: int
    n_planned: int
    auroc_mean: float | None
    auroc_std: float | None
    auprc_mean: float | None
    fpr80_mean: float | None
    published_mean: float | None
    published_std: float | None
    difference: float | None


@dataclass(frozen=True)
class Result:
    """What a plan found so far.

    Parameters
    ----------
    protocol, preset, split : str
        What was run.
    done, planned, grid : int
        Finished runs (failed ones included), runs of the plan, runs of the protocol's full grid.
    rows : tuple of Row
        One per data set and method of the plan.
    comparisons : tuple of Comparison
        Paired tests: best against second, and each semi-supervised VAE against the plain one.
    """

    protocol: str
    preset: str
    split: str
    done: int
    planned: int
    grid: int
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets in the order of the plan."""
        return tuple(dict.fromkeys(row.dataset for row in self.rows))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in the order of the plan."""
        return tuple(dict.fromkeys(row.method for row in self.rows))

    def row(self, dataset: str, method: str) -> Row:
        """Return the row of one cell of the table."""
        return next(row for row in self.rows if (row.dataset, row.method) == (dataset, method))

    def overall(self, method: str) -> tuple[float | None, float | None]:
        """Return a method's mean AUROC over all data sets, ours and published; None if a cell is missing."""
        rows = [row for row in self.rows if row.method == method]
        ours = mean_of_all([row.auroc_mean for row in rows])
        return ours, mean_of_all([row.published_mean for row in rows])

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows": [...]}``, JSON-able.

        Each of ``rows`` has the fields of :class:`Row`, None where there is no number.
        """
        coverage = [self.done, self.planned]
        rows = [asdict(row) for row in self.rows]
        return {"protocol": self.protocol, "preset": self.preset, "coverage": coverage, "rows": rows}

    def csv(self) -> str:
        """Return the rows as CSV text, with a header."""
        return as_csv(Row, self.rows)

    def markdown(self) -> str:
        """Return title, table, paired tests and notes as Markdown."""
        from askew.benchmarks.tables.printing import markdown

        return markdown(self)

    def table(self) -> RenderableType:
        """Return title, table, paired tests and notes for a terminal of 100 columns, to print with rich."""
        from askew.benchmarks.tables.printing import terminal

        return terminal(self)


def summarise(
    plan: Plan,
    records: Mapping[str, Record],
    cells: Mapping[tuple[str, str], Cell],
) -> Result:
    """Return the table of ``plan`` from its finished runs.

    Parameters
    ----------
    plan : Plan
        What was to be run.
    records : mapping of run key to Record
        Finished runs; those of other plans are left out.
    cells : mapping of (data set, method) to Cell
        The papers' numbers; see :func:`askew.benchmarks.tables.published.published`.
    """
    by_cell: dict[tuple[str, str], list[Record]] = {}
    planned: dict[tuple[str, str], int] = {}
    for run in plan.runs:
        cell = (run.dataset, run.method)
        planned[cell] = planned.get(cell, 0) + 1
        by_cell.setdefault(cell, [])
        if run.key in records:
            by_cell[cell].append(records[run.key])
    settings = {(run.dataset, run.method): run for run in plan.runs}
    rows = tuple(
        make_row(
            {
                "dataset": cell[0],
                "method": cell[1],
                "split": settings[cell].split,
                "labelled_ratio": settings[cell].labelled_ratio,
                "pollution_ratio": settings[cell].pollution_ratio,
                "n_planned": planned[cell],
            },
            found,
            cells.get((cell[0], Method.of(cell[1]).untuned)),
        )
        for cell, found in by_cell.items()
    )
    scores = {
        cell: {record.run.seed: record.auroc for record in found if record.auroc is not None}
        for cell, found in by_cell.items()
        if not Method.of(cell[1]).is_test_tuned  # what has seen test rows competes with nothing
    }
    semi_supervised = [method for method in SEMI_SUPERVISED if method in plan.methods]
    tests = best_against_second(scores) + against("vae", semi_supervised, scores)
    done = sum(row.n_runs for row in rows)
    split = ", ".join(plan.splits)
    return Result(plan.protocol, plan.preset, split, done, len(plan.runs), plan.grid, rows, tuple(tests))


def tabulate(plan: Plan, store: Store) -> Result:
    """Write ``runs.parquet``, ``table.csv`` and ``table.md`` from the finished runs of ``store``.

    ``runs.parquet`` has every run of the folder, the tables and the result those of ``plan``.
    """
    result = summarise(plan, store.export(), published(plan.protocol))
    write_tables(store, result)
    return result


def make_row(cell: dict[str, Any], records: Sequence[Record], paper: Cell | None) -> Row:
    """Return the row of one cell, whose first fields are ``cell``, from its finished runs."""
    numbers = cell_numbers(records)
    mean = numbers["auroc_mean"]
    return Row(
        **cell,
        **numbers,
        published_mean=paper.mean if paper else None,
        published_std=paper.std if paper else None,
        difference=mean - paper.mean if paper and mean is not None else None,
    )
