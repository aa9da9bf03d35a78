"""A finished run of the planning protocol, and the results folder of such runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import RunStore
from askew.benchmarks.runs.watch import versions


@dataclass(frozen=True)
class PlanningRecord:
    """One finished run of the planning protocol.

    Parameters
    ----------
    run : Run
        What was run.
    status : str
        ``"ok"`` or ``"failed"``.
    error : str or None
        One line that says why it failed.
    collision, coverage : float or None
        See :class:`askew.applications.motion_planning.evaluation.Outcome`.
    unscreened : float or None
        Share in collision of the samples as they are drawn, before the model screens them.
    success, cost : mapping of str to float or None
        By number of samples, as text (JSON's keys); a cost is None where nothing was solved.
    shown : list
        For the picture: the sampled positions, ``[[x, y], ...]``, of the first few test problems.
    seconds, cpu_seconds : float or None
        Of training and evaluation: wall clock and processor.
    warnings : str or None
        The different warnings, joined by `` | ``.
    versions : mapping of str to str
        Of askew, torch, numpy and scikit-learn.
    """

    run: Run
    status: str
    error: str | None
    collision: float | None
    unscreened: float | None
    coverage: float | None
    success: Mapping[str, float]
    cost: Mapping[str, float | None]
    shown: list[list[list[float]]]
    seconds: float | None
    cpu_seconds: float | None
    warnings: str | None
    versions: Mapping[str, str]

    @classmethod
    def of(cls, run: Run, **outcome: Any) -> PlanningRecord:
        """Return the record of a run; what is not given is not known."""
        numbers = ("collision", "unscreened", "coverage", "seconds", "cpu_seconds", "warnings", "error")
        empty: dict[str, Any] = {
            "success": {},
            "cost": {},
            "shown": [],
            "versions": versions(),
            **dict.fromkeys(numbers),
        }
        return cls(run=run, **empty | outcome)

    @classmethod
    def failed(cls, run: Run, preset: str, error: str) -> PlanningRecord:
        """Return the record of a run that ended without telling anything but ``error``."""
        return cls.of(run, status="failed", error=error)


class PlanningStore(RunStore[PlanningRecord]):
    """A results folder of the planning protocol; runs of other protocols are passed over.

    Parameters
    ----------
    folder : path
        Made when it is not there.

    Raises
    ------
    InvalidInputError
        If ``folder`` is a file or cannot be made.
    """

    record = PlanningRecord
    form = "askew-planning-run-2"
    skips_other_forms = True
