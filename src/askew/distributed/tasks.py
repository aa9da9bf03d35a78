"""What a task is to whoever hands it out: how it is done, and what is to happen when it moves on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Report = Callable[[float], None]
"""Told the fraction of a task that is done, in [0, 1]."""


Work = Callable[[Any, Report], Any]
"""Does a task and returns its outcome."""


def _as_it_is(task: Any) -> Any:
    return task


class Handlers(NamedTuple):
    """What the caller does when a task moves on.

    ``part(task, fraction)`` and ``finished(task, outcome)`` are told. ``died(task, how)`` returns the tasks to do
    instead of one whose worker ended without an outcome; ``how`` says it in words that follow "the worker process".
    ``begin(task)`` is asked just before a task is handed out, and returns what is to be done of it, None for nothing.
    """

    part: Callable[[Any, float], None]
    finished: Callable[[Any, Any], None]
    died: Callable[[Any, str], Iterable[Any]]
    begin: Callable[[Any], Any] = _as_it_is
