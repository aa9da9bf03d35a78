"""Progress of long work as events: a bar in a terminal, nothing in a library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One epoch is done."""

    stage: str
    epoch: int
    """Epochs of this stage done, from 1."""
    epochs: int
    members: int
    loss: float
    """Mean over members of the epoch's first loss."""
    done: int
    """Epochs done over all stages and groups of members."""
    total: int
    """Epochs in all."""


Reporter = Callable[[Event], None]
_reporter: ContextVar[Reporter | None] = ContextVar("askew_progress", default=None)


@contextmanager
def reporting(reporter: Reporter | None) -> Iterator[None]:
    """Send the events of everything trained inside to `reporter`."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


def emit(event: Event) -> None:
    """Send `event` to the reporter of this context, if there is one."""
    reporter = _reporter.get()
    if reporter is not None:
        reporter(event)


class Ticker:
    """Counts epochs over all stages and groups of members."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0

    def tell(self, stage: str, epoch: int, epochs: int, members: int, loss: float) -> None:
        """Send the event of an epoch that is counted already."""
        emit(Event(stage, epoch, epochs, members, loss, self.done, self.total))


@contextmanager
def terminal_bar(description: str) -> Iterator[None]:
    """Show training as a bar with the time left on stderr; silent where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    note = TextColumn("{task.fields[note]}", markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), note, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(description, total=None, note="")

        def show(event: Event) -> None:
            note = f"{event.stage}: epoch {event.epoch}/{event.epochs}, loss {event.loss:.4g}"
            bar.update(task, completed=event.done, total=event.total, note=note)

        with reporting(show):
            yield
