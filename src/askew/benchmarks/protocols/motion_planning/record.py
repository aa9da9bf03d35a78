"""A finished run of the planning protocol, and the results folder of such runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import RunStore
from askew.benchmarks.runs.watch import versions


@dataclass(frozen=True)
class PlanningRecord:
    """One finished run: ``collision`` and ``coverage`` as in :class:`.evaluation.Outcome`.

    ``unscreened`` is the share in collision before the model screens them. ``success`` and ``cost`` are by number of
    samples, as text (JSON's keys); a cost is None where nothing was solved. ``shown`` has the sampled positions,
    ``[[x, y], ...]``, of the first few test problems, for the picture. ``raw_coverage``, ``raw_success`` and
    ``raw_cost`` are those of the samples before the model screens them.
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
    raw_coverage: float | None = None
    raw_success: Mapping[str, float] = field(default_factory=dict)
    raw_cost: Mapping[str, float | None] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, **outcome: Any) -> PlanningRecord:
        """Return the record of a run; what is not given is not known."""
        numbers = ("collision", "unscreened", "coverage", "seconds", "cpu_seconds", "warnings", "error")
        empty: dict[str, Any] = {"success": {}, "cost": {}, "shown": [], "versions": versions()}
        empty |= dict.fromkeys(numbers)
        return cls(run=run, **empty | outcome)

    @classmethod
    def failed(cls, run: Run, preset: str, error: str) -> PlanningRecord:
        """Return the record of a run that ended without telling anything but ``error``."""
        return cls.of(run, status="failed", error=error)


class PlanningStore(RunStore[PlanningRecord]):
    """A results folder of the planning protocol; runs of other protocols are passed over."""

    record = PlanningRecord
    form = "askew-planning-run-2"
    skips_other_forms = True
