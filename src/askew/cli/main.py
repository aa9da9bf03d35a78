"""The command ``askew``: its commands, and how everything that goes wrong becomes one line and an exit code.

Exit codes: 0 done; 1 failed while working; 2 input or usage that cannot be used; 3 data that
have drifted; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer

from askew.allocator import keep_freed_memory
from askew.cli import (
    bench,
    console,
    datasets,
    demo,
    drift,
    explain,
    export,
    fit,
    methods,
    refit,
    report,
    review,
    score,
    serve,
    threshold,
)
from askew.errors import AskewError, TrainingError

_NO_MEMORY = (
    "allocate memory",
    "out of memory",
    "bad_alloc",
    "failed to map segment",
    "can't start new thread",
)
"""What torch, SQLite, the linker and Python's threads say, each in an error of its own kind."""

app = typer.Typer(
    name="askew",
    help="Find what is off in data that is mostly normal, with a handful of labelled anomalies.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _function in (
    fit.fit,
    refit.refit,
    score.score,
    threshold.threshold,
    explain.explain,
    drift.drift,
    export.export,
    demo.demo,
    report.report,
    serve.serve,
    review.review,
    methods.methods,
):
    # paragraphs in one line each, as typer keeps the line breaks of the source
    app.command(_function.__name__, help=console.paragraphs(_function.__doc__))(_function)
app.add_typer(datasets.app, name="datasets")
app.add_typer(bench.app, name="bench")


def _print_version(wanted: bool) -> None:
    if wanted:
        import askew

        console.say(f"askew {askew.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on the words after ``askew``, by default this process's, and return its exit code."""
    keep_freed_memory()
    words = list(sys.argv[1:] if arguments is None else arguments)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            code = app(words or ["--help"], prog_name="askew", standalone_mode=False)
            sys.stdout.flush()
            return int(code or 0)
        except BrokenPipeError:  # the reader, for example `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 1
        except (KeyboardInterrupt, typer.Abort):
            return 130
        except Exception as error:
            return _refuse(error)
        finally:
            signal.signal(signal.SIGTERM, before)
            _leave_nothing()


def _leave_nothing() -> None:
    """Remove what is half written, if a signal came just as it was about to be."""
    atomic = sys.modules.get("askew.inputs.atomic")
    if atomic is not None:
        atomic.remove_mine()


def _refuse(error: Exception) -> int:
    """Print an error as one line and return its exit code."""
    if os.environ.get("ASKEW_DEBUG"):
        raise error
    if isinstance(error, AskewError):
        console.note(f"error: {_one_line(error)}")
        return 1 if isinstance(error, TrainingError) else 2
    if hasattr(error, "format_message"):  # a usage error; its base class differs between typer's versions
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "askew"
        console.note(f"error: {error.format_message().rstrip('.')}. See: {path} --help")
        return 2
    if isinstance(error, MemoryError) or any(each in str(error) for each in _NO_MEMORY):
        what = _one_line(error) or type(error).__name__
        remedy = "Give fewer rows or columns at a time, or close other programs."
        console.note(f"error: there is not enough memory ({what}). {remedy}")
        return 1
    if isinstance(error, OSError):
        console.note(f"error: {_one_line(error)}")
        return 1
    kind = type(error).__name__
    console.note(
        f"error: {kind}: {_one_line(error)} (unexpected: set ASKEW_DEBUG=1 to see where, and report it)"
    )
    return 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).splitlines())


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    console.note(f"warning: {' '.join(str(message).splitlines())}")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)  # so that half-written files are removed on the way out
