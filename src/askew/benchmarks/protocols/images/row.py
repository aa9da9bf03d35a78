"""Where a run of an image protocol stands in its table, what it is paired by, and the rows of the table."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from askew.benchmarks.protocols.images.design import PAIRS
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.result_tables import row_fields
from askew.benchmarks.result_tables.cell_text import CellStyle, marked_spread, spread
from askew.benchmarks.result_tables.cells import CellRuns, mean_of_all
from askew.benchmarks.result_tables.row_fields import CellRow
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record

Key: TypeAlias = tuple[str, str, float]
"""Data set, line (method with its variant), value on the axis."""

_PAIR = 100_000
"""Above every seed of a plan: the number of a pair tells normal class and seed."""


def cell_key(run: Run) -> Key:
    """Return the cell that a run belongs to."""
    return run.dataset, line_name(run.method, variant_of(run)), at(run)


def line_name(method: str, variant: str) -> str:
    """Return the name of a line: the method, with its variant where there are several.

    >>> line_name("dp_vae", "K = 5"), line_name("vae", "")
    ('dp_vae (K = 5)', 'vae')
    """
    return f"{method} ({variant})" if variant else method


def at(run: Run) -> float:
    """Return where a run is on its protocol's axis."""
    axis = DESIGNS[run.protocol].axis
    if axis == "k":
        return float(len(run.known_classes or ()))
    return float(run.params["eta"] if axis == "eta" else getattr(run, axis))


def variant_of(run: Run) -> str:
    """Return the name of the protocol's variant that a run is; empty where there is one."""
    for variant in DESIGNS[run.protocol].variants:
        if all(run.params.get(name) == value for name, value in variant.params):
            return variant.name
    return ""


def pair(run: Run) -> int:
    """Return a number that runs share whose results make a pair: same normal class and seed, so the same split."""
    of_class = run.normal_class is not None and run.dataset not in PAIRS
    return (int(run.normal_class or 0) + 1) * _PAIR + run.seed if of_class else run.seed


class ClassCell(NamedTuple):
    """One method on one normal class: our mean AUROC over its runs, and what the paper prints."""

    normal_class: str
    auroc_mean: float | None
    published_mean: float | None


def _n_normal_classes(cell: CellRuns[Record]) -> int:
    if cell.run.dataset in PAIRS:
        return 0
    return len({record.run.normal_class for record in cell.records} - {None})


@dataclass(frozen=True)
class ImageRow(CellRow):
    """One method at one point on one data set; see :mod:`~askew.benchmarks.result_tables.row_fields` for the numbers.

    ``variant`` is the way the method was run, empty where the protocol has one. ``labelled_ratio``,
    ``pollution_ratio``, ``n_known_classes`` and ``eta`` are γ_l, γ_p, k (0 without labels) and η where it is varied.
    ``n_normal_classes`` counts those of the finished runs, 0 for a table and a pair of image sets; ``fit_seconds`` is
    a mean. The paper's numbers are over ``published_runs`` runs, and its AUPRC fits one of normals alone; ``doubtful``
    names the published measures that contradict others.
    """

    dataset: str = row_fields.of("run.dataset")
    method: str = row_fields.of("run.method")
    variant: str = row_fields.column(lambda cell: variant_of(cell.run))
    labelled_ratio: float = row_fields.of("run.labelled_ratio")
    pollution_ratio: float = row_fields.of("run.pollution_ratio")
    n_known_classes: int = row_fields.column(lambda cell: len(cell.run.known_classes or ()))
    eta: float | None = row_fields.column(lambda cell: cell.run.params.get("eta"))
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    n_normal_classes: int = row_fields.column(_n_normal_classes)
    auroc_mean: float | None = row_fields.mean("auroc")
    auroc_std: float | None = row_fields.std("auroc")
    auprc_mean: float | None = row_fields.mean("auprc")
    auprc_std: float | None = row_fields.std("auprc")
    fpr80_mean: float | None = row_fields.mean("fpr80")
    fpr80_std: float | None = row_fields.std("fpr80")
    auprc_normal_mean: float | None = row_fields.mean("auprc_normal")
    auprc_normal_std: float | None = row_fields.std("auprc_normal")
    fit_seconds: float | None = row_fields.column(
        lambda cell: mean_of_all(cell.values(attrgetter("fit_seconds")))
    )
    published_mean: float | None = row_fields.published("mean")
    published_std: float | None = row_fields.published("std")
    published_runs: int | None = row_fields.published("n_runs")
    published_auprc: float | None = row_fields.published("auprc")
    published_fpr80: float | None = row_fields.published("fpr80")
    doubtful: str = row_fields.column(
        lambda cell: " ".join(cell.published.doubtful) if cell.published else ""
    )
    difference: float | None = row_fields.of("difference")

    @property
    def line(self) -> str:
        """The method, with its variant where there are several."""
        return line_name(self.method, self.variant)

    def text(self, measure: str, best: float, style: CellStyle) -> str:
        """Return a measure, one of :data:`.design.MEASURES`, beside the paper's number; ``?`` marks one in doubt."""
        mean, std = getattr(self, f"{measure}_mean"), getattr(self, f"{measure}_std")
        published = {
            "auroc": (self.published_mean, self.published_std),
            "auprc_normal": (self.published_auprc, None),
            "fpr80": (self.published_fpr80, None),
        }
        theirs, theirs_std = published.get(measure, (None, None))
        text = marked_spread(mean, std, best, style)
        if theirs is not None:
            doubt = "?" if measure in self.doubtful.split() else ""
            text += style.published.format(spread(theirs, theirs_std) + doubt)
        return text + self.remark(style)
