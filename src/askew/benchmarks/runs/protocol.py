"""What the engine asks of a protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar, cast

from askew.benchmarks.runs.choices import Choice
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.store import RunStore, StoredRun
from askew.distributed.tasks import Report

Stored = TypeVar("Stored", bound=StoredRun)
Table = TypeVar("Table")


@dataclass(frozen=True)
class Job:
    """What the runs of a plan share in a worker process; picklable.

    ``device`` is where networks are trained, ``data`` what :meth:`Protocol.prepare` made.
    """

    folder: Path
    preset: str
    device: str = "cpu"
    data: Path | None = None


class Protocol(ABC, Generic[Stored, Table]):
    """A protocol: how runs are chosen, done, named and tabulated. Its objects hold settings only and can be pickled.

    The engine, :func:`askew.benchmarks.runs.runner.run`, knows runs by their key; all else it asks here.
    """

    owner: ClassVar[str]
    """The function that a user calls, for messages."""
    options: ClassVar[tuple[str, ...]]
    """The fields of :class:`Choice` that it takes beside ``preset``."""
    results: ClassVar[type[RunStore[Any]]]
    """What keeps its finished runs."""
    table: ClassVar[Any]
    """What its finished runs are put together to: a class with a method ``tabulate(plan, store)``."""
    largest_first: ClassVar[bool] = True
    """Whether the runs with most work are begun first; else they are done in the plan's order."""
    takes_device: ClassVar[bool] = False
    """Whether its networks can be trained on a chosen device."""
    preparation: ClassVar[str] = ""
    """What :meth:`prepare` does, in words; empty for nothing."""

    def choice(self, preset: str, options: Mapping[str, Any]) -> Choice:
        """Return a choice from keywords; one that the protocol does not take is a TypeError."""
        for name in options:
            if name not in self.options:
                raise TypeError(f"{self.owner}() got an unexpected keyword argument '{name}'")
        return Choice(preset, **options)

    def check_device(self, device: str | None) -> None:
        """Refuse a device, as any keyword that the protocol does not take, where it trains on none."""
        if device is not None and not self.takes_device:
            raise TypeError(f"{self.owner}() got an unexpected keyword argument 'device'")

    @abstractmethod
    def plan(self, choice: Choice) -> Plan:
        """Return the runs of a choice, which is checked here."""

    @abstractmethod
    def words(self, run: Run) -> str:
        """Return what a run is, but for its seed, for people."""

    @abstractmethod
    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return the expected work of each group by its key, in units that only order them and share out the time."""

    @abstractmethod
    def work(self, group: Group, report: Report, job: Job) -> list[Stored]:
        """Do the runs of a group and return the record of each; ``report`` is told the fraction that is done."""

    def tabulate(self, plan: Plan, store: Any) -> Table:
        """Write the tables of a plan from the finished runs of its results folder, and return them."""
        return cast(Table, self.table.tabulate(plan, store))

    def finish(self, plan: Plan, store: Any) -> None:
        """Make what else was asked for, when the tables are written."""

    def group_key(self, run: Run) -> str:
        """Return a name that runs share which may be done together; by default a run is done alone."""
        return run.key

    def why_not(self, method: str) -> str | None:
        """Return why a method cannot be run on this machine, with the remedy; None if it can."""
        return Method.of(method).why_not()

    def prepare(self, plan: Plan, job: Job, workers: int, report: Report) -> Path | None:
        """Make what all runs need, before the first one, and return where it is."""
        return None
