"""A fit that is stopped says what is kept of it, and one that goes on says from where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from askew.cli.console import note


@contextmanager
def stoppable(model: Any, checkpoint: Path | None) -> Iterator[None]:
    """Say in a line where the fit of `model` inside goes on and, if it is stopped, what is kept of it."""
    if checkpoint is not None and checkpoint.exists():
        from askew.base.checkpoints import progress_of
        from askew.errors import ModelFileError

        with suppress(ModelFileError):  # fit refuses what is no checkpoint
            note(f"Going on from {checkpoint} ({progress_of(checkpoint)}).")
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        note(_what_is_kept(model, checkpoint))
        raise


def _what_is_kept(model: Any, checkpoint: Path | None) -> str:
    if checkpoint is None:
        could = hasattr(model, "training")
        more = " With --checkpoint FILE a fit can be stopped and go on later." if could else ""
        return f"Stopped; nothing is kept.{more}"
    if not checkpoint.exists():
        return f"Stopped; there is no {checkpoint} yet, so nothing is kept."
    from askew.base.checkpoints import progress_of

    return f"Stopped; {checkpoint} is kept ({progress_of(checkpoint)}). The same command goes on from there."
