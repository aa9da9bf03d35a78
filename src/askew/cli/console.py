"""What all commands print with: messages to stderr, data to stdout, a bar in a terminal only.

Nothing else in the command line prints. Here no text is taken for markup, and none controls the terminal. The module
is the command line's :class:`~askew.scoring.Listener`.
"""

from __future__ import annotations

import inspect
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from askew.plain_text import visible, visible_json

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDTH = 160  # columns of a table that goes to a file or a pipe


def paragraphs(docstring: str | None) -> str:
    """Return a docstring with each paragraph in one line, for a terminal of any width to wrap."""
    parts = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def note(text: str) -> None:
    """Print one line for the person, on stderr."""
    _write(sys.stderr, visible(text) + "\n")


def say(text: str = "") -> None:
    """Print one line of results on stdout."""
    _write(sys.stdout, visible(text) + "\n")


def print_json(data: object, rows: Path | None = None) -> None:
    """Print data as JSON on stdout, with the JSON of a file as its last member, ``rows``.

    NaN and infinities, which JSON lacks, become null.
    """
    text = json.dumps(_plain(data), indent=2, ensure_ascii=False, allow_nan=False, default=str)
    if rows is None:
        _write_json(text + "\n")
        return
    _write_json(f'{text[:-2]},\n  "rows": ')
    with rows.open(encoding="utf-8") as file:
        for line in file:
            _write_json(line)
    _write_json("}\n")


def print_file(path: Path) -> None:
    """Print a text file on stdout: as it is into a file or a pipe, with nothing to obey in a terminal."""
    if not sys.stdout.isatty():
        sys.stdout.flush()
        with path.open("rb") as data:  # UTF-8 whatever the locale is
            if hasattr(sys.stdout, "buffer"):
                shutil.copyfileobj(data, sys.stdout.buffer)
            else:
                sys.stdout.write(data.read().decode())
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            say(line.removesuffix("\n"))


def print_table(table: RenderableType) -> None:
    """Print a table on stdout, as wide as the terminal or wide enough for a pipe; its texts are no markup."""
    from rich.console import Console

    class Plain(Console):
        """A console on which strings are what they say."""

        def render_str(self, text: str, **options: Any) -> Any:
            lines = text.split("\n")
            return super().render_str("\n".join(map(visible, lines)), **options)

    console = Plain(width=None if sys.stdout.isatty() else _WIDTH, markup=False, emoji=False)
    with console.capture() as printed:
        console.print(table)
    _write(sys.stdout, printed.get())


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False) -> None:
    """Print rows of texts under headings on stdout; `numbers` stand at the right of all columns but the first."""
    from rich.table import Table

    table = Table(visible(headings[0]), box=None)
    for heading in headings[1:]:
        table.add_column(visible(heading), justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*map(visible, row))
    print_table(table)


@contextmanager
def bar(title: str) -> Iterator[Callable[[float], None]]:
    """Give a function that shows how much is done (0 to 1) and the time left; silent without a terminal."""
    if not sys.stderr.isatty():
        yield lambda fraction: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, markup=False, emoji=False), transient=True) as progress:
        task = progress.add_task(visible(title), total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)


def training(title: str) -> AbstractContextManager[object]:
    """Return a context in which networks that train draw a bar; silent without a terminal."""
    from askew.training.epoch_events import terminal_bar

    return terminal_bar(title)


def _write(stream: TextIO, text: str) -> None:
    """Write to a stream, whatever its encoding; what it lacks is written out."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _write_json(text: str) -> None:
    """Write JSON text to stdout that means the same, whatever the encoding."""
    text = visible_json(text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = "".join(each if each.isascii() else json.dumps(each)[1:-1] for each in text)
    _write(sys.stdout, text)


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
