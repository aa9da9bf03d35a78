"""What all commands print with: messages to stderr, data to stdout, a bar in a terminal only.

The module is the command line's :class:`~askew.scoring.Listener`.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDTH = 160  # columns of a table that goes to a file or a pipe


def paragraphs(docstring: str | None) -> str:
    """Return a docstring with each paragraph in one line, for a terminal of any width to wrap."""
    parts = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def note(text: str) -> None:
    """Print one line for the person, on stderr."""
    print(text, file=sys.stderr)


def print_json(data: object) -> None:
    """Print data as JSON on stdout; NaN and infinities, which JSON lacks, become null."""
    print(json.dumps(_plain(data), indent=2, ensure_ascii=False, allow_nan=False, default=str))


def print_table(table: RenderableType) -> None:
    """Print a table on stdout, as wide as the terminal or wide enough for a pipe."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False) -> None:
    """Print rows of texts under headings on stdout; `numbers` stand at the right of all columns but the first."""
    from rich.table import Table

    table = Table(headings[0], box=None)
    for heading in headings[1:]:
        table.add_column(heading, justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*row)
    print_table(table)


@contextmanager
def bar(title: str) -> Iterator[Callable[[float], None]]:
    """Give a function that shows how much is done (0 to 1) and the time left; silent without a terminal."""
    if not sys.stderr.isatty():
        yield lambda fraction: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)


def training(title: str) -> AbstractContextManager[object]:
    """Return a context in which networks that train draw a bar; silent without a terminal."""
    from askew.training.epoch_events import terminal_bar

    return terminal_bar(title)


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
