"""What a reviewer of a session can look at: rows, lists, progress, people, models. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, require_whole
from askew.labels import Labels
from askew.review import choice
from askew.review.advice import Advice, advise
from askew.review.agreement import agreements
from askew.review.choice import Turn
from askew.review.core import ReviewCore
from askew.review.given import checked_name
from askew.review.likeness import alike
from askew.review.lists import rows_of_list
from askew.review.people import conflicts, entry, progress_of, reviewers
from askew.review.pictures import as_picture, pixel_range
from askew.review.questions import Line, Page, Question, RowId
from askew.review.reasons import Why
from askew.review.reports import (
    Agreement,
    Change,
    Conflict,
    Estimates,
    LogEntry,
    ModelRecord,
    Progress,
    RefitStatus,
    ReviewerRecord,
)
from askew.review.scored_rows import ScoredRows
from askew.review.settings import ReviewSettings
from askew.review.showing import labels_for, line_of, question_of


class SessionView:
    """A session as one person sees it, see :class:`~askew.review.ReviewSession`, which adds what they can do."""

    def __init__(self, core: ReviewCore, reviewer: str, blind: bool) -> None:
        self._core, self.reviewer, self.blind = core, checked_name(reviewer), blind

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self._core.rows)

    @property
    def of_images(self) -> bool:
        """Whether the rows are images."""
        return self._core.rows.of_images

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the raw columns; none of images."""
        return self._core.rows.columns

    @property
    def id_name(self) -> str:
        """What names the rows: the id column, ``row`` or ``path``."""
        return self._core.rows.id_name

    @property
    def folder(self) -> Path | None:
        """Where the log and the models are; None in memory."""
        return self._core.folder

    def id_of(self, row: int) -> RowId:
        """Return what names the row at a place, from 0."""
        return self._core.rows.ids[row]

    def row_of(self, id: RowId) -> int:
        """Return the place of a row, from 0; an unknown id raises InvalidInputError."""
        return self._core.rows.row_of(id)

    def question(self, id: RowId, reasons: bool = True) -> Question:
        """Return the question about one row, answered or not (``why`` is "opened" unless it is asked now).

        Without `reasons`, which take most of the time, it has those that were worked out already.
        """
        core, row = self._core, self.row_of(id)
        with core.lock:
            core.sync()
            turns, scored = self._turns([row]), core.scored
        return self._questions(turns, scored, reasons)[0]

    def _questions(self, turns: list[Turn], scored: ScoredRows, reasons: bool) -> list[Question]:
        """Return questions about rows; the reasons are worked out while others may answer."""
        core = self._core
        if reasons:
            whys = core.reasons.of(scored, [turn.row for turn in turns])
        else:
            whys = [core.reasons.known(scored, turn.row) or Why(()) for turn in turns]
        with core.lock:
            return [
                question_of(core, turn, why, self.reviewer, self.blind)
                for turn, why in zip(turns, whys, strict=True)
            ]

    def _turns(self, rows: Sequence[int]) -> list[Turn]:
        """Return why rows are shown: as they were asked or are due now, or because they were opened."""
        core = self._core
        whys = dict(core.asked.get(self.reviewer, {}))
        if any(row not in whys for row in rows):
            due = choice.next_turns(core, self.reviewer, self.blind, 1)
            whys = dict(due) | whys
        mine = core.answers.answered_by(self.reviewer)
        return [Turn(row, "opened" if mine[row] else whys.get(row, "opened")) for row in rows]

    def previous(self, id: RowId | None = None) -> RowId | None:
        """Return the row that this reviewer answered before `id` (None: the last one), None if there is none."""
        with self._core.lock:
            self._core.sync()
            mine = [line for line in self._core.answers.active if line.kind == "answer"]
            ids = [id for line in mine if line.reviewer == self.reviewer for id in line.ids]
        ids = list(dict.fromkeys(reversed(ids)))  # the newest first, each once
        if id is None:
            return ids[0] if ids else None
        place = ids.index(id) + 1 if id in ids else 0
        return ids[place] if place < len(ids) else None

    def page(self, start: int = 0, count: int = 50, only: str = "all") -> Page:
        """Return lines of the list, the most anomalous first.

        `only` is "all", "open" (without an answer), "answered", "flagged", "conflicts", or one of the answers. To a
        blind reviewer only their own answers count.
        """
        core = self._core
        require_whole("start", "ReviewSession.page", start, 0, "0 is the first line.")
        require_whole("count", "ReviewSession.page", count, 1, "50 is the default.")
        with core.lock:
            core.sync()
            wanted = rows_of_list(core, only, self.reviewer, self.blind)
            rows = core.scored.order[wanted[core.scored.order]]
            shown = rows[start : start + count].tolist()
            lines = tuple(line_of(core, row, self.reviewer, self.blind) for row in shown)
        return Page(lines, int(start), len(rows))

    def line(self, id: RowId) -> Line:
        """Return a row as a line of the list."""
        core, row = self._core, self.row_of(id)
        with core.lock:
            core.sync()
            return line_of(core, row, self.reviewer, self.blind)

    def scores(self) -> NDArray[np.float64]:
        """Return the current model's scores of all rows, (n_rows,); higher = more normal."""
        with self._core.lock:
            self._core.sync()
            return self._core.scored.scores

    def alike(self, id: RowId, n: int = 20) -> list[Question]:
        """Return unanswered rows so like this one that one answer may do for all, nearest first; without reasons."""
        core, row = self._core, self.row_of(id)
        require_whole("n", "ReviewSession.alike", n, 1, "20 is the default.")
        with core.lock:
            core.sync()
            answers = core.answers
            labels = labels_for(answers, core.rows.y, self.reviewer, self.blind)
            answered = answers.answered_by(self.reviewer) if self.blind else answers.answered
            same_side = core.scored.flagged == core.scored.flagged[row]
            open_rows = ~answered & (core.rows.y == 0) & same_side
            mine = labels[row]
            differing = labels == -mine if mine else np.zeros(self.n_rows, dtype=bool)
            found = alike(core.positions, row, open_rows, differing, int(n), core.usual_distance).tolist()
            scored = core.scored
        return self._questions([Turn(place, "alike") for place in found], scored, False)

    def picture(self, id: RowId) -> NDArray[np.uint8]:
        """Return an image as the model sees it, (height, width) or (height, width, 3); 0 black, 255 white."""
        return self._picture(self._pixels(id))

    def expected_picture(self, id: RowId) -> NDArray[np.uint8] | None:
        """Return the image that was to be expected, like :meth:`picture`; None without one."""
        self._pixels(id)  # refuses what is no image
        with self._core.lock:
            self._core.sync()
            scored = self._core.scored
        expected = self._core.reasons.of(scored, [self.row_of(id)])[0].expected
        return None if expected is None else self._picture(expected)

    def picture_file(self, id: RowId) -> Path | None:
        """Return the file of an image, None of images in memory."""
        files = self._core.rows.files
        return None if files is None else files[self.row_of(id)]

    def _pixels(self, id: RowId) -> NDArray[Any]:
        row = self.row_of(id)
        if not self.of_images:
            raise InvalidInputError(
                "picture of ReviewSession must be of an image; the rows are those of a table."
            )
        return np.asarray(self._core.rows.X[row])

    def _picture(self, image: NDArray[Any]) -> NDArray[np.uint8]:
        core = self._core
        return as_picture(image, pixel_range(core.scored.model, core.rows.X[:1000]))

    def progress(self) -> Progress:
        """Return how far the answers are; to a blind reviewer only their own count."""
        core = self._core
        with core.lock:
            core.sync()
            return progress_of(core, self.reviewer, self.blind)

    def estimates(self) -> Estimates:
        """Return the estimated rate of anomalies and the precision at the threshold, by the rows drawn at random."""
        with self._core.lock:
            self._core.sync()
            return choice.estimates(self._core)

    def advice(self, n: int = 10) -> Advice:
        """Return what the next `n` answers are likely to add, see :func:`askew.review.advice.advise`."""
        with self._core.lock:
            self._core.sync()
            answers = self._core.answers
            n_left = int((~answers.answered & (self._core.rows.y == 0)).sum())
            return advise(choice.questions_in_order(answers), n, n_left)

    def history(self, start: int = 0, count: int = 50) -> list[LogEntry]:
        """Return lines of the log, the newest first; answers of others are left out for a blind reviewer."""
        with self._core.lock:
            self._core.sync()
            answers = self._core.answers
            lines = [
                line
                for line in reversed(answers.lines)
                if not self.blind or line.reviewer in ("", self.reviewer) or not line.ids
            ]
            return [entry(line, answers) for line in lines[start : start + count]]

    def reviewers(self) -> list[ReviewerRecord]:
        """Return who has answered, the first first."""
        with self._core.lock:
            self._core.sync()
            return reviewers(self._core.answers)

    def conflicts(self) -> list[Conflict]:
        """Return the rows on which people differ, those that nobody has settled first; none for a blind reviewer."""
        with self._core.lock:
            self._core.sync()
            return [] if self.blind else conflicts(self._core.answers, self._core.rows)

    def agreement(self) -> list[Agreement]:
        """Return for each pair of reviewers with rows in common how far they agree."""
        with self._core.lock:
            self._core.sync()
            return agreements(self._core.answers)

    def labels(self) -> Labels:
        """Return the labels of all rows, int8 (n_rows,): the given ones and the answers; 0 where people differ."""
        with self._core.lock:
            self._core.sync()
            return self._core.answers.labels

    @property
    def settings(self) -> ReviewSettings:
        """How it asks."""
        with self._core.lock:
            self._core.sync()
            return self._core.settings

    def refit_status(self) -> RefitStatus:
        """Return whether a refit runs, and when the next is due."""
        with self._core.lock:
            self._core.sync()
            return self._core.status()

    def models(self) -> list[ModelRecord]:
        """Return the models of the session, the first first."""
        with self._core.lock:
            self._core.sync()
            return self._core.models()

    def change(self, number: int | None = None) -> Change | None:
        """Return what the refit that made a model changed (None: the current one); None for the first."""
        with self._core.lock:
            self._core.sync()
            return self._core.change(number)

    @property
    def model(self) -> Any:
        """The current model."""
        with self._core.lock:
            self._core.sync()
            return self._core.scored.model
