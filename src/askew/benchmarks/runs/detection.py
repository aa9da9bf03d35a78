"""Protocols whose runs fit a detector on one split and score its test rows."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from askew import index
from askew.benchmarks.runs.fitting import Fitted, fit_group
from askew.benchmarks.runs.group import Group
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.metrics import Metrics, metrics
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.pool import Report
from askew.benchmarks.runs.protocol import Job, Protocol, Table
from askew.benchmarks.runs.store import Record, RunStore, Store
from askew.benchmarks.runs.watch import joined, now, one_line, versions, watched

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.datasets.splits import Split


class DetectionProtocol(Protocol[Record, Table]):
    """A protocol whose run is one detector on one split; runs that differ in their seed alone train together."""

    results: ClassVar[type[RunStore[Any]]] = Store

    @abstractmethod
    def split(self, run: Run) -> Split:
        """Return the training and test rows of a run, decided by its seed."""

    def group_key(self, run: Run) -> str:
        """Return a name that runs share which may be trained together: those that differ in their seed alone."""
        return run.group_key

    def work(self, group: Group, report: Report, job: Job) -> list[Record]:
        """Split once per seed, train the seeds together, and score each.

        A training of more than five minutes that is stopped goes on from where it was, with the same result; then how
        long the fit took is not known.
        """
        started = now()
        parts = [self.split(run) for run in group.runs]
        index.detector_class(
            Method.of(group.runs[0].method).detector
        )  # so that torch is loaded where it is needed
        with watched(report) as caught:
            trained = fit_group(group.runs, parts, job)
            scores = [_score(fitted, part) for fitted, part in zip(trained, parts, strict=True)]
        notes = joined(caught)
        return [
            Record(
                run=run,
                preset=job.preset,
                status="ok" if error is None else "failed",
                error=error,
                auroc=found.auroc if found else None,
                auprc=found.auprc if found else None,
                fpr80=found.fpr80 if found else None,
                auprc_normal=found.auprc_normal if found else None,
                fit_seconds=fitted.seconds,
                score_seconds=seconds,
                group_size=fitted.group_size,
                n_train=len(part.y_train),
                n_labelled=int((part.y_train == -1).sum()),
                n_test=len(part.anomaly_test),
                warnings=notes,
                versions=versions() | _place(fitted.detector, job.device),
                started=started,
            )
            for run, part, fitted, (found, error, seconds) in zip(
                group.runs, parts, trained, scores, strict=True
            )
        ]


def _score(fitted: Fitted, part: Split) -> tuple[Metrics | None, str | None, float | None]:
    """Return the metrics on the test rows, or why there are none, and the seconds of scoring."""
    if fitted.error is not None or fitted.detector is None:
        return None, fitted.error, None
    try:
        start = time.perf_counter()
        score = fitted.detector.score_samples(part.X_test)
        seconds = time.perf_counter() - start
        return metrics(score, part.anomaly_test), None, seconds
    except Exception as error:
        return None, one_line(error), None


def _place(detector: Detector | None, device: str) -> dict[str, str]:
    """Return where and in what numbers a detector was trained, where that is not a processor's float32."""
    trained = getattr(detector, "encoder_", detector)  # a hybrid's networks are its encoder's
    precision = getattr(trained, "training_precision", "float32")
    place = {} if device == "cpu" else {"device": device}
    return place if precision == "float32" else place | {"precision": precision}
