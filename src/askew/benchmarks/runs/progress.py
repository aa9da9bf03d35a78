"""Progress of a plan: events with the time left, and a bar for terminals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from askew.plain_text import visible

Reporter = Callable[["Progress"], None]


@dataclass(frozen=True)
class Progress:
    """What a runner tells while it works through a plan.

    Parameters
    ----------
    kind : str
        ``"begin"``, ``"part"`` (a group of runs moved on), ``"done"`` (a group is stored), ``"message"`` or ``"end"``.
    done, planned, failed : int
        Finished runs (failed ones and those of earlier sessions included), runs of the plan, failures.
    fraction : float
        Share of the estimated work of this session that is done, in [0, 1].
    seconds, seconds_left : float
        Since the runner began, and an estimate; None until there is something to measure.
    text : str
        The group in words, or the message.
    """

    kind: str
    done: int
    planned: int
    failed: int
    fraction: float
    seconds: float
    seconds_left: float | None
    text: str = ""


class Clock:
    """Estimates the time left from the work done so far: ``work`` is expected of each task, in any unit."""

    def __init__(self, work: dict[str, float], now: Callable[[], float] = time.monotonic) -> None:
        self._work = work
        self._now = now
        self._start = now()
        self._fractions = dict.fromkeys(work, 0.0)

    def moved(self, task: str, fraction: float) -> None:
        """Note that ``fraction`` of a task is done."""
        self._fractions[task] = min(max(fraction, 0.0), 1.0)

    def work_of(self, task: str) -> float:
        """Return the estimated work of a task."""
        return self._work[task]

    def replaced(self, task: str, tasks: dict[str, float]) -> None:
        """Note that ``task`` will be done as other tasks."""
        del self._work[task], self._fractions[task]
        self._work |= tasks
        self._fractions |= dict.fromkeys(tasks, 0.0)

    @property
    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return self._now() - self._start

    @property
    def fraction(self) -> float:
        """Share of the work that is done; 1 when there is none."""
        total = sum(self._work.values())
        done = sum(self._work[task] * part for task, part in self._fractions.items())
        return done / total if total else 1.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds so far × work left / work done; None before 1 % is done."""
        done = self.fraction
        return self.seconds * (1 - done) / done if done >= 0.01 else None


@contextmanager
def rich_reporter() -> Iterator[Reporter]:
    """Give a reporter that draws a bar on stderr, and prints messages only where stderr is no terminal.

    Examples
    --------
    ``with rich_reporter() as progress: run_classic("quick", progress=progress)``
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    note = TextColumn("{task.fields[note]}", markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), note)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("runs", total=None, note="")

        def report(event: Progress) -> None:
            if event.kind == "message":
                console.print(visible(event.text), markup=False, highlight=False, soft_wrap=True)
            failures = f", {event.failed} failed" if event.failed else ""
            left = "" if event.seconds_left is None else f", {in_words(event.seconds_left)} left"
            text = "" if event.kind == "message" else visible(event.text)
            bar.update(task, completed=event.done, total=event.planned, note=f"{text}{failures}{left}")

        yield report


def in_words(seconds: float) -> str:
    """Return a duration for people.

    >>> in_words(8.4), in_words(75), in_words(7320)
    ('8 s', '1 min 15 s', '2 h 02 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
