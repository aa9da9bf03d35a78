"""What an image protocol found: a row per data set, method and column, beside the published number; paired tests."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from askew.benchmarks.protocols.images.grid import PAIRS, WITHOUT_LABELS, Protocol
from askew.benchmarks.protocols.images.grids import PROTOCOLS
from askew.benchmarks.protocols.images.published import printed
from askew.benchmarks.protocols.images.row import ClassCell, ImageRow
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record, Store
from askew.benchmarks.tables.rows import as_csv, cell_numbers, mean_of_all, write_tables
from askew.benchmarks.tables.statistics import Comparison

if TYPE_CHECKING:
    from rich.console import RenderableType

Key: TypeAlias = tuple[str, str, float]
"""Data set, line (method with its variant), value on the axis."""

_PAIR = 100_000
"""Above every seed of a plan: the number of a pair tells normal class and seed."""


@dataclass(frozen=True)
class ImageResult:
    """What a plan of an image protocol found so far.

    Parameters
    ----------
    protocol : Protocol
        What was run.
    preset : str
        ``"quick"`` or ``"paper"``.
    done, planned, grid : int
        Finished runs (failed ones included), runs of the plan, runs of the protocol's full grid.
    notes : tuple of str
        What a reader must know of the plan.
    cells : mapping
        The row of each data set, line and value on the axis.
    aurocs : mapping
        AUROC by pair of the runs that did not fail, for each of ``cells``; runs of two methods make a pair
        when they share normal class and seed, and so the split.
    comparisons : tuple of Comparison
        Paired tests, see :func:`askew.benchmarks.protocols.images.comparisons.comparisons`.
    by_class : mapping
        What was found on each normal class alone, for each of ``cells``; empty where the protocol does not ask.
    """

    protocol: Protocol
    preset: str
    done: int
    planned: int
    grid: int
    notes: tuple[str, ...]
    cells: Mapping[Key, ImageRow]
    aurocs: Mapping[Key, Mapping[int, float]]
    comparisons: tuple[Comparison, ...] = ()
    by_class: Mapping[Key, tuple[ClassCell, ...]] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[ImageRow, ...]:
        """One per data set, method, variant and column, in the order of the plan."""
        return tuple(self.cells.values())

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets in the order of the plan."""
        return tuple(dict.fromkeys(row.dataset for row in self.rows))

    def lines(self, dataset: str) -> tuple[str, ...]:
        """Return the lines of a data set's table, in the order of the protocol."""
        order = (*self.protocol.methods, *(row.method for row in self.rows))
        rows = [row for row in self.rows if row.dataset == dataset]
        rows.sort(key=lambda row: order.index(row.method))  # stable, so variants keep their order
        return tuple(dict.fromkeys(row.line for row in rows))

    def columns(self, dataset: str) -> tuple[float, ...]:
        """Return the values on the axis that a data set has."""
        return tuple(sorted({at for of, _, at in self.cells if of == dataset}))

    def standing(self, dataset: str, line: str, at: float) -> Key | None:
        """Return the cell that stands for a line in a column: its own, or the one without labels.

        A method without labels has one cell along γ_l and k, which stands in every column; a semi-supervised one
        begins where nothing is labelled, as what :data:`WITHOUT_LABELS` says.
        """
        if (dataset, line, at) in self.cells:
            return dataset, line, at
        if self.protocol.axis not in ("labelled_ratio", "k"):
            return None
        method, _, variant = line.partition(" ")
        named = f"{WITHOUT_LABELS.get(method, method)} {variant}".rstrip()
        free = dataset, line if self.protocol.is_free(method) else named if at == 0 else "", 0.0
        return free if free in self.cells else None

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows": [...], ...}``, JSON-able.

        Each of ``rows`` has the fields of :class:`ImageRow`, each of ``by_class`` those of :class:`ClassCell` with
        data set, line and place on the axis, each of ``comparisons`` those of
        :class:`~askew.benchmarks.tables.statistics.Comparison`; ``grid`` is the number of runs of the full grid.
        """
        return {
            "protocol": self.protocol.name,
            "preset": self.preset,
            "coverage": [self.done, self.planned],
            "grid": self.grid,
            "notes": list(self.notes),
            "rows": [asdict(row) for row in self.rows],
            "comparisons": [asdict(row) for row in self.comparisons],
            "by_class": [
                {"dataset": dataset, "line": line, "at": at} | cell._asdict()
                for (dataset, line, at), cells in self.by_class.items()
                for cell in cells
            ],
        }

    def csv(self) -> str:
        """Return the rows as CSV text, with a header."""
        return as_csv(ImageRow, self.rows)

    def markdown(self) -> str:
        """Return title, tables, paired tests and notes as Markdown."""
        from askew.benchmarks.protocols.images.printing import markdown

        return markdown(self)

    def table(self) -> RenderableType:
        """Return title, tables, paired tests and notes, to print with rich."""
        from askew.benchmarks.protocols.images.printing import terminal

        return terminal(self)


def summarise(plan: Plan, records: Mapping[str, Record]) -> ImageResult:
    """Return what ``plan``'s finished runs say; ``records`` are by run key, those of other plans are left out."""
    from dataclasses import replace

    from askew.benchmarks.protocols.images.comparisons import comparisons

    protocol = PROTOCOLS[plan.protocol]
    runs: dict[Key, list[Run]] = {}
    for run in plan.runs:
        variant = variant_of(run)
        line = f"{run.method} ({variant})" if variant else run.method
        runs.setdefault((run.dataset, line, at(run)), []).append(run)
    cells, aurocs = {}, {}
    for key, same in runs.items():
        found = [records[run.key] for run in same if run.key in records]
        cells[key] = _row(same, found)
        aurocs[key] = {pair(one.run): one.auroc for one in found if one.auroc is not None}
    done = sum(row.n_runs for row in cells.values())
    classes = {key: _by_class(same, records) for key, same in runs.items()} if protocol.by_class else {}
    result = ImageResult(
        protocol, plan.preset, done, len(plan.runs), plan.grid, plan.notes, cells, aurocs, by_class=classes
    )
    return replace(result, comparisons=comparisons(result))


def tabulate(plan: Plan, store: Store) -> ImageResult:
    """Write ``runs.parquet``, ``table.csv`` and ``table.md`` from the finished runs of ``store``.

    ``runs.parquet`` has every run of the folder, the tables and the result those of ``plan``.
    """
    result = summarise(plan, store.export())
    write_tables(store, result)
    return result


def at(run: Run) -> float:
    """Return where a run is on its protocol's axis."""
    axis = PROTOCOLS[run.protocol].axis
    if axis == "k":
        return float(len(run.known_classes or ()))
    return float(run.params["eta"] if axis == "eta" else getattr(run, axis))


def variant_of(run: Run) -> str:
    """Return the name of the protocol's variant that a run is; empty where there is one."""
    for variant in PROTOCOLS[run.protocol].variants:
        if all(run.params.get(name) == value for name, value in variant.params):
            return variant.name
    return ""


def pair(run: Run) -> int:
    """Return a number that runs share whose results make a pair: same normal class and seed."""
    of_class = run.normal_class is not None and run.dataset not in PAIRS
    return (int(run.normal_class or 0) + 1) * _PAIR + run.seed if of_class else run.seed


def _row(runs: Sequence[Run], records: Sequence[Record]) -> ImageRow:
    """Return the row of the planned ``runs``; published classes are those that are done, before any is all."""
    run, numbers = runs[0], cell_numbers(records)
    mean = numbers["auroc_mean"]
    paper = printed([record.run for record in records] or runs)
    fine = [record for record in records if record.status == "ok"]
    return ImageRow(
        dataset=run.dataset,
        method=run.method,
        variant=variant_of(run),
        labelled_ratio=run.labelled_ratio,
        pollution_ratio=run.pollution_ratio,
        n_known_classes=len(run.known_classes or ()),
        eta=run.params.get("eta"),
        n_planned=len(runs),
        n_normal_classes=0
        if run.dataset in PAIRS
        else len({record.run.normal_class for record in records} - {None}),
        auprc_std=_std([record.auprc for record in fine]),
        fpr80_std=_std([record.fpr80 for record in fine]),
        auprc_normal_mean=mean_of_all([record.auprc_normal for record in fine]),
        auprc_normal_std=_std([record.auprc_normal for record in fine]),
        fit_seconds=mean_of_all([record.fit_seconds for record in fine if record.fit_seconds is not None]),
        published_mean=paper.mean if paper else None,
        published_std=paper.std if paper else None,
        published_runs=paper.n_runs if paper else None,
        published_auprc=paper.auprc if paper else None,
        published_fpr80=paper.fpr80 if paper else None,
        doubtful=" ".join(paper.doubtful) if paper else "",
        difference=mean - paper.mean if paper and mean is not None else None,
        **numbers,
    )


def _by_class(runs: Sequence[Run], records: Mapping[str, Record]) -> tuple[ClassCell, ...]:
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(str(run.normal_class), []).append(run)
    cells = []
    for name, same in found.items():
        aurocs = [records[run.key].auroc for run in same if run.key in records]
        paper = printed(same)
        cells.append(
            ClassCell(name, mean_of_all([one for one in aurocs if one is not None]), paper and paper.mean)
        )
    return tuple(cells)


def _std(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.stdev(known) if len(known) > 1 else None
