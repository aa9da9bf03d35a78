"""A model file and a table file, or a folder of images -> a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from askew.inputs import Data
from askew.review.session import ReviewSession
from askew.scoring import SILENCE, Labelling, Listener, ReadOptions


def open_review(
    model: Path,
    data: Data,
    folder: Path | None = None,
    options: ReadOptions | None = None,
    labelling: Labelling | None = None,
    listener: Listener = SILENCE,
    **session: Any,
) -> ReviewSession:
    """Return a session about the rows of a table file, or the images of a folder, that a model file scores.

    The log and the models are kept in `folder` (default: beside the model file, its name with ``.review``). What is
    known already stands in a column, or in folders of images, see :class:`~askew.scoring.Labelling`. Further arguments
    are those of :class:`ReviewSession`. Errors are those of :func:`askew.scoring.score_file`.
    """
    raise NotImplementedError
