"""A row of an image protocol's table: one method at one point on one data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class ClassCell(NamedTuple):
    """One method on one normal class: our mean AUROC over its runs, and what the paper prints."""

    normal_class: str
    auroc_mean: float | None
    published_mean: float | None


class Measured(NamedTuple):
    """One measure of a cell: ours, the paper's, and whether the paper's is in doubt."""

    mean: float | None
    std: float | None
    published_mean: float | None
    published_std: float | None
    is_doubtful: bool


@dataclass(frozen=True)
class ImageRow:
    """One method at one point on one data set; AUROC, AUPRC and FPR80 are fractions in [0, 1].

    Parameters
    ----------
    dataset, method, variant : str
        What was run; the variant is empty where the protocol has one way to run a method.
    labelled_ratio, pollution_ratio : float
        γ_l and γ_p.
    n_known_classes : int
        Known anomaly classes of a run, k; 0 without labels.
    eta : float or None
        η of Deep SAD where it is varied.
    n_runs, n_failed, n_planned : int
        Finished runs, the failed ones among them, and runs of the plan. The means are over the others.
    n_normal_classes : int
        Normal classes among the finished runs; 0 for a table and for a pair of image sets.
    auroc_mean, auroc_std : float or None
        Mean and standard deviation (divisor n − 1) over runs; None without enough of them.
    auprc_mean, auprc_std, fpr80_mean, fpr80_std, auprc_normal_mean, auprc_normal_std : float or None
        See :func:`askew.benchmarks.runs.metrics.metrics`; AUPRC has anomalies positive, that of normals them.
    fit_seconds : float or None
        Mean wall-clock time of a fit.
    published_mean, published_std, published_runs : float, float and int, or None
        What the paper prints, over how many runs; None where it prints nothing.
    published_auprc, published_fpr80 : float or None
        What the paper prints of these; its AUPRC fits one of normals alone.
    doubtful : str
        The published measures that contradict others, by name; empty for none.
    difference : float or None
        ``auroc_mean − published_mean``.
    """

    dataset: str
    method: str
    variant: str
    labelled_ratio: float
    pollution_ratio: float
    n_known_classes: int
    eta: float | None
    n_runs: int
    n_failed: int
    n_planned: int
    n_normal_classes: int
    auroc_mean: float | None
    auroc_std: float | None
    auprc_mean: float | None
    auprc_std: float | None
    fpr80_mean: float | None
    fpr80_std: float | None
    auprc_normal_mean: float | None
    auprc_normal_std: float | None
    fit_seconds: float | None
    published_mean: float | None
    published_std: float | None
    published_runs: int | None
    published_auprc: float | None
    published_fpr80: float | None
    doubtful: str
    difference: float | None

    @property
    def line(self) -> str:
        """The method, with its variant where there are several."""
        return f"{self.method} ({self.variant})" if self.variant else self.method

    def measured(self, measure: str) -> Measured:
        """Return ours and the paper's number of a measure, one of :data:`.grid.MEASURES`."""
        theirs = {
            "auroc": self.published_mean,
            "auprc_normal": self.published_auprc,
            "fpr80": self.published_fpr80,
        }
        return Measured(
            getattr(self, f"{measure}_mean"),
            getattr(self, f"{measure}_std"),
            theirs.get(measure),
            self.published_std if measure == "auroc" else None,
            measure in self.doubtful.split(),
        )
