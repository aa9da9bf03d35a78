"""ReviewSession: a model asks a person about rows, keeps every answer, learns from them and asks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from askew.labels import Labels
from askew.review.questions import (
    Agreement,
    Change,
    Conflict,
    LogEntry,
    ModelRecord,
    Page,
    Progress,
    Question,
    RefitStatus,
    ReviewerRecord,
    RowId,
)
from askew.review.settings import ReviewSettings


class ReviewSession:
    """A model asks about rows; a person answers; the model learns from the answers and asks again.

    Every answer is stored before the call returns, in a log to which lines are only added. With a `folder` the log is a
    file that survives whatever ends the process; a session that is opened with the same folder goes on where the last
    one stopped, also beside others that are open. Without one everything is in memory.

    All methods may be called from any thread.

    Parameters
    ----------
    model : detector or wrapper
        One that is not fitted is fitted on X and y first.
    X : array or DataFrame (n_rows, n_columns), Arrow table, or images (n_rows, channels, height, width)
        The rows to ask about, as the model takes them.
    y : vector of n_rows labels, optional
        What is known already: +1, 0 or -1. Labelled rows are not asked.
    ids : sequence of n_rows int or str, optional
        What names the rows, all different. Default: the index of a pandas DataFrame, else 0 to n_rows - 1.
    folder : path, optional
        Where the log and the models are kept; made if it is not there.
    reviewer : str
        Who answers.
    blind : bool
        Whether this reviewer is asked what others have answered, without being shown it, so that agreement is measured.
    settings : ReviewSettings, optional
        How it asks. Default: as in the folder, or else the defaults.
    on_answer : callable, optional
        Called with the :class:`LogEntry` of every answer, undo and other line that this session adds.
    on_refit : callable, optional
        Called with the :class:`Change` after every refit, from the thread that did it.
    """

    def __init__(
        self,
        model: Any,
        X: Any,
        y: Any = None,
        *,
        ids: Sequence[RowId] | None = None,
        folder: str | Path | None = None,
        reviewer: str = "me",
        blind: bool = False,
        settings: ReviewSettings | None = None,
        on_answer: Callable[[LogEntry], object] | None = None,
        on_refit: Callable[[Change], object] | None = None,
    ) -> None:
        raise NotImplementedError

    # who, what

    reviewer: str
    blind: bool
    n_rows: int
    of_images: bool
    """Whether the rows are images."""
    columns: tuple[str, ...]
    """Names of the raw columns; none of images."""
    id_name: str
    """What names the rows: the id column, ``row`` or ``path``."""

    def as_reviewer(self, reviewer: str, blind: bool = False) -> ReviewSession:
        """Return this session for another person; rows, log and models are shared."""
        raise NotImplementedError

    def id_of(self, row: int) -> RowId:
        """Return what names the row at a place, from 0."""
        raise NotImplementedError

    def row_of(self, id: RowId) -> int:
        """Return the place of a row, from 0; an unknown id raises InvalidInputError."""
        raise NotImplementedError

    # asking

    def ask(self, n: int = 1) -> list[Question]:
        """Return the next `n` questions, fewer at the end; asking twice without an answer gives the same ones."""
        raise NotImplementedError

    def question(self, id: RowId) -> Question:
        """Return the question about one row, answered or not (``why`` is "asked" unless it is due)."""
        raise NotImplementedError

    def previous(self, id: RowId | None = None) -> RowId | None:
        """Return the row that this reviewer answered before `id` (None: the last one), None if there is none."""
        raise NotImplementedError

    def page(self, start: int = 0, count: int = 50, only: str = "all") -> Page:
        """Return lines of the list, the most anomalous first.

        `only` is "all", "open" (without an answer), "answered", "flagged", "conflicts", or one of the answers.
        """
        raise NotImplementedError

    def alike(self, id: RowId, n: int = 20) -> list[Question]:
        """Return unanswered rows so like this one that one answer may do for all, nearest first; without reasons."""
        raise NotImplementedError

    def picture(self, id: RowId) -> NDArray[np.uint8]:
        """Return an image as the model sees it, (height, width) or (height, width, 3); 0 black, 255 white."""
        raise NotImplementedError

    def expected_picture(self, id: RowId) -> NDArray[np.uint8] | None:
        """Return the image that was to be expected, like :meth:`picture`."""
        raise NotImplementedError

    def picture_file(self, id: RowId) -> Path | None:
        """Return the file of an image, None of images in memory."""
        raise NotImplementedError

    # answering

    def answer(
        self, ids: RowId | Sequence[RowId], labels: Any, reason: str = "", seen: Sequence[Question] = ()
    ) -> int:
        """Store answers, at once and for good, and return the number of the line in the log.

        `ids` is a row or several; `labels` one answer for all or one for each: "anomaly", "normal", "unsure", "skip",
        or labels -1, +1, 0 (unsure). Several ids with one answer are one deed: one undo takes all back. An earlier
        answer of this reviewer for the row no longer counts.
        """
        raise NotImplementedError

    def undo(self, number: int | None = None) -> LogEntry | None:
        """Take back a line of the log (None: this reviewer's last that still counts) and return it.

        None if there is nothing to take back. Answers, settlements, imports and undoes can be taken back.
        """
        raise NotImplementedError

    def settle(self, id: RowId, label: Any, reason: str = "") -> int:
        """Say which answer holds for a row on which people differ; return the number of the line in the log."""
        raise NotImplementedError

    # what is known

    def progress(self) -> Progress:
        """Return how far the answers are."""
        raise NotImplementedError

    def estimates(self) -> Any:
        """Return the estimated rate of anomalies and the precision at the threshold; see :mod:`.estimates`."""
        raise NotImplementedError

    def advice(self) -> Any:
        """Return what the next ten answers are likely to add; see :mod:`.advice`."""
        raise NotImplementedError

    def history(self, start: int = 0, count: int = 50) -> list[LogEntry]:
        """Return lines of the log, the newest first; answers of others are left out for a blind reviewer."""
        raise NotImplementedError

    def reviewers(self) -> list[ReviewerRecord]:
        """Return who has answered."""
        raise NotImplementedError

    def conflicts(self) -> list[Conflict]:
        """Return the rows on which people differ, those that nobody has settled first; none for a blind reviewer."""
        raise NotImplementedError

    def agreement(self) -> list[Agreement]:
        """Return for each pair of reviewers with rows in common how far they agree."""
        raise NotImplementedError

    def labels(self) -> Labels:
        """Return the labels of all rows, int8 (n_rows,): the given ones and the answers; 0 where people differ."""
        raise NotImplementedError

    # settings

    @property
    def settings(self) -> ReviewSettings:
        """How it asks."""
        raise NotImplementedError

    def choose(self, **settings: Any) -> ReviewSettings:
        """Change some settings by their names, for all who use the session, and return all of them."""
        raise NotImplementedError

    # models

    def refit(self, background: bool = False) -> Change | None:
        """Fit the model again with all answers; scores, order and threshold are then the new model's.

        In the background it returns None at once, and does nothing if one runs; see :meth:`refit_status`. The old model
        is kept. A refit that fails leaves the session as it is.
        """
        raise NotImplementedError

    def refit_status(self) -> RefitStatus:
        """Return whether a refit runs, and when the next is due."""
        raise NotImplementedError

    def wait(self, seconds: float | None = None) -> RefitStatus:
        """Wait until no refit runs, at most some seconds."""
        raise NotImplementedError

    def models(self) -> list[ModelRecord]:
        """Return the models of the session, the first first."""
        raise NotImplementedError

    def go_back(self, number: int) -> None:
        """Use an earlier (or later) model of the session again; answers stay."""
        raise NotImplementedError

    def change(self, number: int | None = None) -> Change | None:
        """Return what the refit that made a model changed (None: the current one); None for the first."""
        raise NotImplementedError

    @property
    def model(self) -> Any:
        """The current model."""
        raise NotImplementedError

    def save_model(self, path: str | Path) -> None:
        """Write the current model to a file."""
        raise NotImplementedError

    # files

    def export(self, path: str | Path, data: bool = False) -> int:
        """Write the answers to a CSV or parquet file and return how many rows it has.

        The columns are the id, ``label`` (+1, -1; 0 for unsure and where people differ), ``answer``, ``reason``,
        ``reviewer``, ``at`` and ``model``. With `data` it has all rows with their raw columns and ``label``: what
        ``askew fit --label-column label`` takes. Without, only answered rows: what ``askew refit --labels`` takes.
        """
        raise NotImplementedError

    def export_label_studio(self, path: str | Path) -> int:
        """Write the answered rows as Label Studio's JSON (tasks with annotations) and return their number."""
        raise NotImplementedError

    def import_label_studio(self, path: str | Path) -> int:
        """Add the annotations of a JSON export of Label Studio as answers, and return how many were new."""
        raise NotImplementedError

    # end

    def close(self) -> None:
        """Wait for a refit that runs, and close the log; nothing needs to be saved."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
