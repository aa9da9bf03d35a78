"""What all reviewers of a session share: its rows, the log and what it comes to, the current model, and refits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.base import DeepDetector
from askew.base.wrapper import unwrap
from askew.errors import AskewError, DataFileError, InvalidInputError
from askew.fitting import refit
from askew.inputs.atomic import make_folder
from askew.labels import ours
from askew.own_warnings import kept_back
from askew.review.answer_log import AnswerLog, LogLine
from askew.review.answers import Answers
from askew.review.change import Learned, change_as_dict, change_between, change_of_dict
from askew.review.feedback import Feedback
from askew.review.likeness import scaled, usual_distance
from askew.review.model_shelf import ModelShelf, labels_digest, scores_digest
from askew.review.reasons import Reasons
from askew.review.reports import Change, ModelRecord, RefitStatus
from askew.review.rows import ReviewRows
from askew.review.scored_rows import ScoredRows
from askew.review.settings import ReviewSettings
from askew.scoring.row_source import join_rows

LOG = "answers.db"
"""Name of the log in a session's folder."""

_MANY = 10_000  # rows


@dataclass(frozen=True)
class Training:
    """Rows to learn from beside those of a session, and their labels."""

    X: Any
    y: NDArray[np.int8]


class ReviewCore:
    """The shared state of a session; see :class:`askew.review.ReviewSession`, whose reviewers look at one of these.

    :meth:`sync` brings it up to what is in the log, whoever wrote it; all else reads what is there then.
    """

    def __init__(
        self,
        model: Any,
        rows: ReviewRows,
        folder: Path | None,
        settings: ReviewSettings | None,
        training: Training | None = None,
    ) -> None:
        self.rows, self.training, self.folder = rows, training, folder
        self._given = model
        if folder is not None:
            _make(folder)
        self.log = AnswerLog(None if folder is None else folder / LOG)
        self._shelf = ModelShelf(folder)
        self.lock, self._slow = threading.RLock(), threading.RLock()
        self.on_refit: list[Callable[[Change], object]] = []
        self.asked: dict[str, dict[int, str]] = {}
        """By reviewer, the rows that they were asked last, and why."""
        self._ready: dict[str, ScoredRows] = {}  # models that need not be read, by their names
        self._refitting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._started, self._error, self._tried_at = 0.0, "", 0
        self.answers = Answers([], rows.place_of, rows.y)
        self.settings = ReviewSettings()
        self.scored: ScoredRows | Any = None
        self._open(model, settings)
        self.reasons = Reasons(rows, self.settings.seed)
        self._positions: NDArray[np.float64] | None = None
        self._feedback: Feedback | None = None
        self._usual_distance: float | None = None

    # the log

    def sync(self) -> None:
        """Read what was added to the log since, by this session or another."""
        with self.lock:
            lines = self.answers.lines
            new = self.log.after(lines[-1].number if lines else 0)
            if not new:
                return
            self.answers = Answers([*lines, *new], self.rows.place_of, self.rows.y)
            for line in new:
                if line.kind == "settings":
                    self.settings = self.settings.changed(line.more)
            self._take_current_model()

    def append(self, line: LogLine) -> LogLine:
        """Add a line to the log, and take it into account."""
        written = self.log.append(line)
        self.sync()
        return written

    def _open(self, model: Any, settings: ReviewSettings | None) -> None:
        """Begin a session, or go on with the one in the folder; a model that is new to it becomes the current one."""
        try:
            self._open_log(model, settings)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise DataFileError(
                f"log of {self.folder} must be as askew wrote it; a line of it lacks what its kind has "
                f"({type(error).__name__}). Use a copy of the folder from before, or name another one."
            ) from error

    def _open_log(self, model: Any, settings: ReviewSettings | None) -> None:
        scored = ScoredRows.of(1, model, self.rows.X)
        digest = scores_digest(scored.scores)
        lines = self.log.after(0)
        self._refuse_other_rows(lines)
        if digest not in [line.more.get("scores") for line in lines]:
            name = self._shelf.put(model, sum("model" in line.more for line in lines) + 1)
            self._ready[name] = scored
            more = {"model": name, "scores": digest, "n_answers": 0, "upto": 0}
            more["n_flagged"] = int(scored.flagged.sum())
            self.log.append(LogLine("open", "", more=more))
        self.sync()
        if settings is not None and (different := self.settings.differences(settings)):
            self.append(LogLine("settings", "", more=different, model=self.scored.number))

    def _refuse_other_rows(self, lines: list[LogLine]) -> None:
        """Raise DataFileError if a row that was answered is not there, or has become another one."""
        for line in lines:
            for id, seen in zip(line.ids, line.seen, strict=False):
                row = self.rows.place_of(id)
                if row is not None and self.rows.digest(row) == seen.get("digest"):
                    continue
                what = "is not there" if row is None else "has other values than when it was answered"
                raise DataFileError(
                    f"data must have the rows that were answered in {self.folder}; {self.rows.id_name} {id!r} {what}. "
                    "Give the data of that session, or begin a new one in another folder."
                )

    # models

    def _model_lines(self) -> list[LogLine]:
        """Return the lines that brought a model, in the order of the models' numbers."""
        found, scores = [], set()
        for line in self.answers.lines:
            if line.kind == "refit" or (line.kind == "open" and line.more["scores"] not in scores):
                found.append(line)
                scores.add(line.more["scores"])
        return found

    @property
    def current(self) -> int:
        """Number of the current model."""
        brought = {line.number: place for place, line in enumerate(self._model_lines(), start=1)}
        number = 1
        for line in self.answers.lines:
            number = int(line.more["to"]) if line.kind == "model" else brought.get(line.number, number)
        return number

    def _take_current_model(self) -> None:
        number = self.current
        if self.scored is None or self.scored.number != number:
            self.scored = self.scored_by(number)

    def scored_by(self, number: int) -> ScoredRows:
        """Return the rows as a model of the session sees them; a number that is none raises InvalidInputError."""
        lines = self._model_lines()
        if not 1 <= number <= len(lines):
            raise InvalidInputError(
                f"number of a model must be between 1 and {len(lines)}; got {number!r}. See models()."
            )
        name = lines[number - 1].more["model"]
        if name not in self._ready:
            self._ready = {name: ScoredRows.of(number, self._shelf.get(name), self.rows.X)}
        self._ready[name] = replace(self._ready[name], number=number)
        return self._ready[name]

    def models(self) -> list[ModelRecord]:
        """Return the models, the first first."""
        current = self.current
        return [
            ModelRecord(
                number,
                line.at,
                line.reviewer,
                line.more["n_answers"],
                line.more["n_flagged"],
                number == current,
            )
            for number, line in enumerate(self._model_lines(), start=1)
        ]

    def change(self, number: int | None) -> Change | None:
        """Return what the refit that made a model changed; None for one that no refit made."""
        lines, number = self._model_lines(), self.scored.number if number is None else number
        if not 1 <= number <= len(lines):
            self.scored_by(number)  # refuses it
        values = lines[number - 1].more.get("change")
        return None if values is None else replace(change_of_dict(values), after=number)

    # refits

    def refit(self, reviewer: str) -> Change:
        """Fit a copy of the current model with all answers, and make it the current one, unless it has learned them."""
        with self._refitting:
            self._started, self._error = time.monotonic(), ""
            try:
                new = self._refit(reviewer)
            except Exception as error:
                self._tried_at = self.answers.lines[-1].number
                self._error = (
                    str(error) if isinstance(error, AskewError) else f"{type(error).__name__}: {error}"
                )
                raise
            finally:
                self._started = 0.0
        if new is None:
            return self.change(None)  # type: ignore[return-value]  # the current model is one that a refit made
        for tell in self.on_refit:
            tell(new)
        return new

    def _refit(self, reviewer: str) -> Change | None:
        """Return what changed; None if the current model has learned all answers, maybe in the background."""
        with self.lock:
            self.sync()
            before, answers, upto = self.scored, self.answers, self.answers.lines[-1].number
            digest, self._tried_at = labels_digest(answers.labels), upto
            if self._model_lines()[before.number - 1].more.get("labels") == digest:
                return None
            new = answers.given_after(self._model_lines()[before.number - 1].more["upto"])
        X, y = self.rows.X, answers.labels
        if self.training is not None:
            X, y = join_rows([X, self.training.X]), ours(np.concatenate([y, self.training.y]))
        start = time.monotonic()
        warm = isinstance(unwrap(before.model), DeepDetector)
        after = ScoredRows.of(before.number + 1, refit(before.model, X, y, warm_start=warm), self.rows.X)
        learned = Learned(answers.answers, new, time.monotonic() - start)
        change = change_between(before, after, learned, self.rows.ids)
        name = self._shelf.put(after.model, len(self._model_lines()) + 1)
        more: dict[str, Any] = {"model": name, "scores": scores_digest(after.scores), "labels": digest}
        more |= {"upto": upto, "n_answers": change.n_answers, "n_flagged": change.n_flagged_after}
        with self.lock:
            self._ready[name] = after
            line = LogLine(
                "refit", reviewer, model=before.number, more=more | {"change": change_as_dict(change)}
            )
            self.append(line)
            return replace(change, after=self.scored.number)

    def refit_in_background(self, reviewer: str) -> None:
        """Start a refit in a thread of its own, unless one runs."""
        with self.lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._quiet_refit, args=(reviewer,), daemon=True)
            self._thread.start()

    def _quiet_refit(self, reviewer: str) -> None:
        """Refit until no answers are due; the status tells of an error."""
        while True:
            try:
                with kept_back(Warning):  # nobody reads them
                    self.refit(reviewer)
            except Exception:
                if self._error:
                    return
                raise  # of who listens
            if self.status().n_until != 0:
                return

    def refit_if_due(self, reviewer: str) -> None:
        """Start a refit in the background if so many answers are new as the settings say."""
        if self.status().n_until == 0:
            self.refit_in_background(reviewer)

    def status(self) -> RefitStatus:
        """Return whether a refit runs, and when the next is due."""
        with self.lock:
            upto = self._model_lines()[self.scored.number - 1].more["upto"]
            back = max((line.number for line in self.answers.lines if line.kind == "model"), default=0)
            every, since = self.settings.refit_every, max(upto, back, self._tried_at)
            until = max(every - self._n_after(since), 0) if every else None
            running = self._thread is not None and self._thread.is_alive()
            state = "running" if self._started or running else "failed" if self._error else "idle"
            seconds = time.monotonic() - self._started if self._started else 0.0
            return RefitStatus(state, self._n_after(upto), until, seconds, self._error)

    def _n_after(self, number: int) -> int:
        """Return how many rows have an answer, anomaly or normal, that was given after a line."""
        return int((self.answers.given_after(number) & (self.answers.answers != 0)).sum())

    def wait(self, seconds: float | None) -> None:
        """Wait until no refit runs in the background, at most some seconds."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    # the rows

    def warm_up(self) -> None:
        """Work out in the background what the second question of many rows would wait for."""
        if len(self.rows) > _MANY:
            threading.Thread(target=lambda: (self.feedback, self.usual_distance), daemon=True).start()

    @property
    def positions(self) -> NDArray[np.float64]:
        """Rows as points whose distances say how alike they are, (n_rows, numbers)."""
        with self._slow:
            if self._positions is None:
                self._positions = _positions(self._given, self.rows)
            return self._positions

    @property
    def usual_distance(self) -> float:
        """The distance of a row to its nearest neighbour, as a rule."""
        with self._slow:
            if self._usual_distance is None:
                self._usual_distance = usual_distance(self.positions)
            return self._usual_distance

    @property
    def feedback(self) -> Feedback:
        """What an answer says of the rows like it."""
        with self._slow:
            if self._feedback is None:
                self._feedback = Feedback.of(self.positions, self.settings.seed)
            return self._feedback


def _positions(model: Any, rows: ReviewRows) -> NDArray[np.float64]:
    from askew.explain.model_view import ModelView

    detector: Any = unwrap(model)
    if rows.of_images and isinstance(detector, DeepDetector):
        return scaled(detector.encode(rows.X))
    return scaled(ModelView(model).numbers(rows.X))


def _make(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise InvalidInputError(
            f"folder {str(folder)!r} of a session must be a folder, or one that can be made; got {error.strerror!r}. "
            "Choose another place."
        ) from error
