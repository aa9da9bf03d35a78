"""A row of an image protocol's table: one method at one point on one data set."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from askew.benchmarks.protocols.images.coordinates import line_name, variant_of
from askew.benchmarks.protocols.images.design import PAIRS
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables import row_fields
from askew.benchmarks.tables.cells import CellRuns, mean_of_all
from askew.benchmarks.tables.row_fields import CellRow


class ClassCell(NamedTuple):
    """One method on one normal class: our mean AUROC over its runs, and what the paper prints."""

    normal_class: str
    auroc_mean: float | None
    published_mean: float | None


class MeasuredNumbers(NamedTuple):
    """One measure of a cell: ours, the paper's, and whether the paper's is in doubt."""

    mean: float | None
    std: float | None
    published_mean: float | None
    published_std: float | None
    is_doubtful: bool


def _n_normal_classes(cell: CellRuns[Record]) -> int:
    if cell.run.dataset in PAIRS:
        return 0
    return len({record.run.normal_class for record in cell.records} - {None})


@dataclass(frozen=True)
class ImageRow(CellRow):
    """One method at one point on one data set; see :mod:`~askew.benchmarks.tables.row_fields` for the numbers.

    Parameters
    ----------
    variant : str
        The way the method was run; empty where the protocol has one.
    labelled_ratio, pollution_ratio, n_known_classes, eta : float, float, int, and float or None
        γ_l, γ_p, k (0 without labels), and η where it is varied.
    n_normal_classes : int
        Normal classes among the finished runs; 0 for a table and for a pair of image sets.
    fit_seconds : float or None
        Mean wall-clock time of a fit.
    published_runs, published_auprc, published_fpr80 : int, float and float, or None
        Over how many runs the paper's numbers are; its AUPRC fits one of normals alone.
    doubtful : str
        The published measures that contradict others, by name; empty for none.
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

    def numbers(self, measure: str) -> MeasuredNumbers:
        """Return ours and the paper's number of a measure, one of :data:`.design.MEASURES`."""
        theirs = {
            "auroc": self.published_mean,
            "auprc_normal": self.published_auprc,
            "fpr80": self.published_fpr80,
        }
        return MeasuredNumbers(
            getattr(self, f"{measure}_mean"),
            getattr(self, f"{measure}_std"),
            theirs.get(measure),
            self.published_std if measure == "auroc" else None,
            measure in self.doubtful.split(),
        )
