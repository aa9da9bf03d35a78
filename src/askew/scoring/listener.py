"""Who is told how long work goes: the terminal, a page, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol


class Listener(Protocol):
    """What a long function reports to; the command line's is the module ``askew.cli.console``."""

    def note(self, text: str, /) -> None:
        """Take one line for the person."""

    def bar(self, title: str, /) -> AbstractContextManager[Callable[[float], None]]:
        """Give a function that takes how much of the work called `title` is done, 0 to 1."""

    def training(self, title: str, /) -> AbstractContextManager[object]:
        """Return a context in which networks that train say themselves how far they are."""


class Silence:
    """A listener that nobody reads."""

    def note(self, text: str, /) -> None:
        """Do nothing."""

    @contextmanager
    def bar(self, title: str, /) -> Iterator[Callable[[float], None]]:
        """Give a function that does nothing."""
        yield lambda fraction: None

    def training(self, title: str, /) -> AbstractContextManager[object]:
        """Return a context that does nothing."""
        return nullcontext()


SILENCE = Silence()
