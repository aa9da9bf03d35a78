"""Runs one group: splits the table once per seed, trains the seeds together, scores and stores each run."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from askew import datasets, index
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.metrics import Metrics, metrics
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record, Store
from askew.datasets import splits
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.base import Detector
    from askew.benchmarks.runs.pool import Report
    from askew.datasets.splits import Split

_SMALLEST_REPORT = 0.01

CHECKPOINT_EVERY = 300.0
"""Seconds between two writings of a training's state, at least: with an adversary it takes hundreds of megabytes."""


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed alone, trained together."""

    runs: tuple[Run, ...]

    @property
    def key(self) -> str:
        """A name that no other group of a plan has."""
        return self.runs[0].key

    @property
    def name(self) -> str:
        """The group in words, for example ``dp_vae on cardio, seeds 0-9``."""
        run = self.runs[0]
        what = f"{run.method} on {run.dataset}"
        what += "" if run.regime is None else f", {run.regime}, m = {run.m}"
        what += "" if run.normal_class is None else _classes(run)
        seeds = [run.seed for run in self.runs]
        if len(seeds) == 1:
            return f"{what}, seed {seeds[0]}"
        gapless = seeds == list(range(seeds[0], seeds[0] + len(seeds)))
        listed = f"{seeds[0]}-{seeds[-1]}" if gapless else ", ".join(map(str, seeds))
        return f"{what}, seeds {listed}"


@dataclass
class _Fitted:
    """A detector after training; ``error`` says why there is nothing to score."""

    detector: Detector | None
    error: str | None
    seconds: float | None
    group_size: int


def run_group(group: Group, report: Report, store: Store, preset: str, device: str = "cpu") -> list[Record]:
    """Do the runs of ``group`` and store each; ``report`` is told the fraction of the training done.

    A training of more than five minutes that is stopped goes on from where it was, with the same result; then how long
    the fit took is not known.
    """
    started = _now()
    parts = [split_of(run) for run in group.runs]
    made = index.detector_class(
        Method.of(group.runs[0].method).detector
    )  # imports torch where the method needs it
    with warnings.catch_warnings(record=True) as caught, _training(_throttled(report)):
        warnings.simplefilter("always")
        fitted = _fit(made, group.runs, parts, store.folder, device)
        tried = [_score(one, part) for one, part in zip(fitted, parts, strict=True)]
    seen = " | ".join(dict.fromkeys(_one_line(warning.message) for warning in caught)) or None
    records = []
    for run, one, (found, error, seconds), part in zip(group.runs, fitted, tried, parts, strict=True):
        record = Record(
            run=run,
            preset=preset,
            status="ok" if error is None else "failed",
            error=error,
            auroc=found.auroc if found else None,
            auprc=found.auprc if found else None,
            fpr80=found.fpr80 if found else None,
            auprc_normal=found.auprc_normal if found else None,
            fit_seconds=one.seconds,
            score_seconds=seconds,
            group_size=one.group_size,
            n_train=len(part.y_train),
            n_labelled=int((part.y_train == -1).sum()),
            n_test=len(part.anomaly_test),
            warnings=seen,
            versions=versions() | _place(one.detector, device),
            started=started,
        )
        store.write(record)
        records.append(record)
    return records


def failed_record(run: Run, preset: str, error: str) -> Record:
    """Return the record of a run that ended without telling anything but ``error``."""
    unknown = (
        *Metrics._fields,
        "fit_seconds",
        "score_seconds",
        "n_train",
        "n_labelled",
        "n_test",
        "warnings",
    )
    fields: dict[str, Any] = dict.fromkeys(unknown)
    fields |= {"status": "failed", "error": error, "group_size": 1, "started": _now()}
    return Record(run=run, preset=preset, versions=versions(), **fields)


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    from askew import __version__

    names = {"torch": "torch", "numpy": "numpy", "sklearn": "scikit-learn"}
    return {"askew": __version__} | {name: metadata.version(package) for name, package in names.items()}


def _place(detector: Detector | None, device: str) -> dict[str, str]:
    """Return where and in what numbers a detector was trained, where that is not a processor's float32."""
    trained = getattr(detector, "encoder_", detector)  # a hybrid's networks are its encoder's
    precision = getattr(trained, "training_precision", "float32")
    place = {} if device == "cpu" else {"device": device}
    return place if precision == "float32" else place | {"precision": precision}


def _classes(run: Run) -> str:
    known = f", known {'+'.join(run.known_classes)}" if run.known_classes else ""
    polluted = f", γ_p = {run.pollution_ratio:g}" if run.pollution_ratio else ""
    return f", normal {run.normal_class}{known}, γ_l = {run.labelled_ratio:g}{polluted}"


def split_of(run: Run) -> Split:
    """Return the training and test rows of a run, decided by its seed."""
    if run.normal_class is not None:
        from askew.benchmarks.protocols.images.splits import image_split

        return image_split(run)
    if run.regime is not None and run.m is not None:
        return splits.few_labels_split(
            datasets.load(run.dataset),
            seed=run.seed,
            m=run.m,
            regime=cast(Any, run.regime),  # checked there
            pollution_ratio=run.pollution_ratio,
            max_normals=run.max_normals,
        )
    return splits.classic_split(
        datasets.load(run.dataset),
        seed=run.seed,
        labelled_ratio=run.labelled_ratio,
        pollution_ratio=run.pollution_ratio,
        mode=cast(Any, run.split),  # checked there
    )


def _fit(
    made: type[Detector], runs: Sequence[Run], parts: Sequence[Split], folder: Path, device: str = "cpu"
) -> list[_Fitted]:
    """Train together; if that fails as a whole, one by one, so that a bad seed takes no other down."""
    if Method.of(runs[0].method).is_test_tuned:
        return [_fit_on_test(made, run, part) for run, part in zip(runs, parts, strict=True)]
    kept = folder / f"unfinished-{len(runs)}-{runs[0].short_key}.ckpt"
    try:
        detectors: list[Any] = [detector_for(made, run, device) for run in runs]
        start, resumed = time.perf_counter(), bool(_files(kept))
        _fit_together(detectors, parts, kept)
        seconds = None if resumed else (time.perf_counter() - start) / len(runs)
    except Exception as error:
        _remove(kept)
        if len(runs) == 1:
            return [_Fitted(None, _one_line(error), None, 1)]
        singles = zip(runs, parts, strict=True)
        return [fitted for run, part in singles for fitted in _fit(made, [run], [part], folder, device)]
    return [_Fitted(one, getattr(one, "fit_error_", None), seconds, len(runs)) for one in detectors]


def _fit_together(detectors: Sequence[Any], parts: Sequence[Split], kept: Path) -> None:
    """Fit the detectors; those that train networks keep their state in the file `kept` until they have ended."""
    base = import_module("askew.base")
    data = [(part.X_train, part.y_train) for part in parts]
    if hasattr(detectors[0], "training"):
        for one in detectors:
            one.set_params(training__checkpoint=kept, training__checkpoint_every=CHECKPOINT_EVERY)
    try:
        base.fit_together(detectors, data)
    except InvalidInputError:
        if not _files(kept):
            raise
        _remove(kept)  # of other versions, or torn: begin anew
        base.fit_together(detectors, data)


def _files(kept: Path) -> list[Path]:
    """Return what there is of the file: tables of other shapes train apart, each with a file that has its number."""
    return sorted(kept.parent.glob(f"{kept.stem}*{kept.suffix}"))


def _remove(kept: Path) -> None:
    for path in _files(kept):
        path.unlink(missing_ok=True)


def _fit_on_test(made: type[Detector], run: Run, part: Split) -> _Fitted:
    """Fit one run of a method that is tuned on test rows, by name."""
    try:
        detector: Any = detector_for(made, run)
        start = time.perf_counter()
        detector.fit_with_test_tuning(part.X_train, part.y_train, part.X_test, part.anomaly_test)
        return _Fitted(detector, getattr(detector, "fit_error_", None), time.perf_counter() - start, 1)
    except Exception as error:
        return _Fitted(None, _one_line(error), None, 1)


def detector_for(made: type[Detector], run: Run, device: str = "cpu") -> Detector:
    """Return the run's unfitted detector, seeded if there is anything to seed, on ``device`` if it can be there."""
    detector = made()
    seed = {"random_state": run.seed} if hasattr(detector, "random_state") else {}
    place = {"device": device} if device != "cpu" and hasattr(detector, "device") else {}
    detector.set_params(**run.params, **seed, **place)
    return detector


def _score(fitted: _Fitted, part: Split) -> tuple[Metrics | None, str | None, float | None]:
    if fitted.error is not None or fitted.detector is None:
        return None, fitted.error, None
    try:
        start = time.perf_counter()
        score = fitted.detector.score_samples(part.X_test)
        seconds = time.perf_counter() - start
        return metrics(score, part.anomaly_test), None, seconds
    except Exception as error:
        return None, _one_line(error), None


def _one_line(error: BaseException | str) -> str:
    text = " ".join(str(error).split())
    is_ours = isinstance(error, str) or type(error).__module__.startswith("askew.")
    return text if is_ours and text else f"{type(error).__name__}: {text}".rstrip(": ")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _throttled(report: Report) -> Report:
    told = 0.0

    def pass_on(fraction: float) -> None:
        nonlocal told
        if fraction - told >= _SMALLEST_REPORT:
            told = fraction
            report(fraction)

    return pass_on


@contextmanager
def _training(report: Report) -> Iterator[None]:
    """Use one torch thread (more slow small networks down) and tell ``report`` what training tells.

    Where torch is not loaded there is neither, and loading it would take seconds.
    """
    if "torch" not in sys.modules:
        yield
        return
    from askew.training import one_thread
    from askew.training.epoch_events import reporting

    with one_thread(), reporting(lambda event: report(event.done / event.total)):
        yield
