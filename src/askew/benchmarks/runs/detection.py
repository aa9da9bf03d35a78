"""Protocols whose runs fit a detector on one split and score its test rows."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from askew import index
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.metrics import Metrics, metrics
from askew.benchmarks.runs.plan import Group, Run
from askew.benchmarks.runs.protocol import Job, Protocol, Table
from askew.benchmarks.runs.store import Record, RunStore, Store
from askew.benchmarks.runs.watch import joined, now, one_line, versions, watched
from askew.distributed.tasks import Report
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.datasets.splits import Split

CHECKPOINT_EVERY = 300.0
"""Seconds between two writings of a training's state, at least: with an adversary it takes hundreds of megabytes."""


@dataclass
class Fitted:
    """A detector after training; ``error`` says why there is nothing to score."""

    detector: Detector | None
    error: str | None
    seconds: float | None = None
    group_size: int = 1


def detector_for(run: Run, device: str = "cpu") -> Detector:
    """Return the run's unfitted detector, seeded if there is anything to seed, on ``device`` if it can be there.

    What the run does not say is as in the papers, where the detector's own default is not.
    """
    # imports torch where the method needs it
    detector: Detector = index.detector_class(Method.of(run.method).detector)()
    seed = {"random_state": run.seed} if hasattr(detector, "random_state") else {}
    place = {"device": device} if device != "cpu" and hasattr(detector, "device") else {}
    method = detector.set_params(**run.params) if "detector" in run.params else detector  # of a hybrid
    published: dict[str, Any] = getattr(method, "published_parameters", dict)()
    detector.set_params(**published | dict(run.params) | seed | place)
    return detector


def fit_group(runs: Sequence[Run], parts: Sequence[Split], job: Job) -> list[Fitted]:
    """Train together; if that fails as a whole, one by one, so that a bad seed takes no other down."""
    if Method.of(runs[0].method).is_test_tuned:
        return [_fit_on_test(run, part) for run, part in zip(runs, parts, strict=True)]
    checkpoint = job.folder / f"unfinished-{len(runs)}-{runs[0].short_key}.ckpt"
    try:
        detectors: list[Any] = [detector_for(run, job.device) for run in runs]
        start, is_resumed = time.perf_counter(), bool(_files(checkpoint))
        _fit_together(detectors, parts, checkpoint)
        seconds = None if is_resumed else (time.perf_counter() - start) / len(runs)
    except Exception as error:
        _remove(checkpoint)
        if len(runs) == 1:
            return [Fitted(None, one_line(error))]
        singles = zip(runs, parts, strict=True)
        return [fitted for run, part in singles for fitted in fit_group([run], [part], job)]
    return [Fitted(one, getattr(one, "fit_error_", None), seconds, len(runs)) for one in detectors]


def _fit_together(detectors: Sequence[Any], parts: Sequence[Split], checkpoint: Path) -> None:
    """Fit the detectors; those that train networks keep their state in `checkpoint` until they have ended."""
    base = import_module("askew.base")
    data = [(part.X_train, part.y_train) for part in parts]
    if hasattr(detectors[0], "training"):
        for one in detectors:
            one.set_params(training__checkpoint=checkpoint, training__checkpoint_every=CHECKPOINT_EVERY)
    try:
        base.fit_together(detectors, data)
    except InvalidInputError:
        if not _files(checkpoint):
            raise
        _remove(checkpoint)  # of other versions, or torn: begin anew
        base.fit_together(detectors, data)


def _files(checkpoint: Path) -> list[Path]:
    """Return what there is of the file: tables of other shapes train apart, each with a file that has its number."""
    return sorted(checkpoint.parent.glob(f"{checkpoint.stem}*{checkpoint.suffix}"))


def _remove(checkpoint: Path) -> None:
    for path in _files(checkpoint):
        path.unlink(missing_ok=True)


def _fit_on_test(run: Run, part: Split) -> Fitted:
    try:
        detector: Any = detector_for(run)
        start = time.perf_counter()
        detector.fit_with_test_tuning(part.X_train, part.y_train, part.X_test, part.anomaly_test)
        return Fitted(detector, getattr(detector, "fit_error_", None), time.perf_counter() - start)
    except Exception as error:
        return Fitted(None, one_line(error))


class DetectionProtocol(Protocol[Record, Table]):
    """A protocol whose run is one detector on one split; runs that differ in their seed alone train together."""

    results: ClassVar[type[RunStore[Any]]] = Store
    takes_device: ClassVar[bool] = True

    @abstractmethod
    def split(self, run: Run) -> Split:
        """Return the training and test rows of a run, decided by its seed."""

    def group_key(self, run: Run) -> str:
        """Return a name that runs share which differ in their seed alone."""
        return run.group_key

    def work(self, group: Group, report: Report, job: Job) -> list[Record]:
        """Split once per seed, train the seeds together, and score each; a training that was stopped goes on."""
        started = now()
        parts = [self.split(run) for run in group.runs]
        # so that torch is loaded where it is needed
        index.detector_class(Method.of(group.runs[0].method).detector)
        with watched(report) as caught:
            trained = fit_group(group.runs, parts, job)
            outcomes = [_score(fitted, part) for fitted, part in zip(trained, parts, strict=True)]
        notes = joined(caught)
        return [
            Record(
                run=run,
                preset=job.preset,
                status="ok" if outcome["error"] is None else "failed",
                fit_seconds=fitted.seconds,
                group_size=fitted.group_size,
                n_train=len(part.y_train),
                n_labelled=int((part.y_train == -1).sum()),
                n_test=len(part.anomaly_test),
                warnings=notes,
                versions=versions() | _place(fitted.detector, job.device),
                started=started,
                **outcome,
            )
            for run, part, fitted, outcome in zip(group.runs, parts, trained, outcomes, strict=True)
        ]


def _score(fitted: Fitted, part: Split) -> dict[str, Any]:
    """Return fields of the record: metrics on the test rows and seconds of scoring, or why there are none."""
    nothing = dict.fromkeys(("score_seconds", *Metrics._fields))
    if fitted.error is not None or fitted.detector is None:
        return nothing | {"error": fitted.error}
    try:
        start = time.perf_counter()
        score = fitted.detector.score_samples(part.X_test)
        seconds = time.perf_counter() - start
        return metrics(score, part.anomaly_test)._asdict() | {"error": None, "score_seconds": seconds}
    except Exception as error:
        return nothing | {"error": one_line(error)}


def _place(detector: Detector | None, device: str) -> dict[str, str]:
    """Return where and in what numbers a detector was trained, where that is not a processor's float32."""
    trained = getattr(detector, "encoder_", detector)  # a hybrid's networks are its encoder's
    precision = getattr(trained, "training_precision", "float32")
    place = {} if device == "cpu" else {"device": device}
    return place if precision == "float32" else place | {"precision": precision}
