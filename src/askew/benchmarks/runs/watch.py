"""What every run is done under: warnings are kept, torch has one thread, and training tells how far it is."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata

from askew.distributed.tasks import Report

_SMALLEST_REPORT = 0.01


@contextmanager
def watched(report: Report, loads_torch: bool = False) -> Iterator[list[warnings.WarningMessage]]:
    """Keep warnings, use one torch thread (more slow small networks down), and pass on the progress of training.

    Where torch is not loaded yet there is neither, as loading it takes seconds, unless ``loads_torch``.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if not loads_torch and "torch" not in sys.modules:
            yield caught
            return
        from askew.training import one_thread
        from askew.training.epoch_events import reporting

        with one_thread(), reporting(lambda event: report(event.done / event.total)):
            yield caught


def throttled(report: Report) -> Report:
    """Return ``report``, called again only when a hundredth more is done."""
    last = 0.0

    def pass_on(fraction: float) -> None:
        nonlocal last
        if fraction - last >= _SMALLEST_REPORT:
            last = fraction
            report(fraction)

    return pass_on


def joined(caught: Sequence[warnings.WarningMessage]) -> str | None:
    """Return the different warnings in one line, None for none."""
    return " | ".join(dict.fromkeys(one_line(warning.message) for warning in caught)) or None


def one_line(error: BaseException | str) -> str:
    """Return an error in one line, with its class unless it is ours."""
    text = " ".join(str(error).split())
    is_ours = isinstance(error, str) or type(error).__module__.startswith("askew.")
    return text if is_ours and text else f"{type(error).__name__}: {text}".rstrip(": ")


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    from askew import __version__

    names = {"torch": "torch", "numpy": "numpy", "sklearn": "scikit-learn"}
    return {"askew": __version__} | {name: metadata.version(package) for name, package in names.items()}


def now() -> str:
    """Return the time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
