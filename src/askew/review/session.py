"""ReviewSession: a model asks a person about rows, keeps every answer, learns from them and asks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from askew.base.fitted_parameters import require_fitted
from askew.base.wrapper import require_table
from askew.errors import InvalidInputError, must, require_whole
from askew.inputs import Meaning
from askew.labels import ours
from askew.review import choice
from askew.review.answer_log import LogLine
from askew.review.choice import Turn
from askew.review.core import ReviewCore, Training
from askew.review.given import answers_of
from askew.review.label_file import write_answers, write_data
from askew.review.label_studio import import_lines, read_annotations, write_tasks
from askew.review.people import entry
from askew.review.questions import Question, RowId
from askew.review.reasons import Why
from askew.review.reports import (
    Change,
    LogEntry,
    RefitStatus,
)
from askew.review.rows import ReviewRows, rows_in_memory
from askew.review.session_view import SessionView
from askew.review.settings import ReviewSettings
from askew.review.showing import seen_of


class ReviewSession(SessionView):
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
    training : (X, y), optional
        Rows to learn from beside X when the model is refitted, and their labels (or None): those of its first fit, if
        they are others than X. Without them a refit learns from X alone.
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
        training: tuple[Any, Any] | None = None,
    ) -> None:
        require_table(model, "model of ReviewSession", or_images=True)
        rows = X if isinstance(X, ReviewRows) else rows_in_memory(X, y, ids)
        more = None if training is None else rows_in_memory(*training)
        core = ReviewCore(
            _fitted(model, rows),
            rows,
            None if folder is None else Path(folder),
            settings,
            None if more is None else Training(more.X, more.y),
        )
        super().__init__(core, reviewer, blind)
        self._on_answer = on_answer
        if on_refit is not None:
            core.on_refit.append(on_refit)

    def as_reviewer(self, reviewer: str, blind: bool = False) -> ReviewSession:
        """Return this session for another person; rows, log and models are shared."""
        other = object.__new__(type(self))
        SessionView.__init__(other, self._core, reviewer, blind)
        other._on_answer = self._on_answer
        return other

    def ask(self, n: int = 1, reasons: bool = True) -> list[Question]:
        """Return the next `n` questions, fewer at the end; asking twice without an answer gives the same ones.

        Without `reasons`, which take most of the time, they have those that were worked out already.
        """
        core = self._core
        require_whole("n", "ReviewSession.ask", n, 1, "One at a time is the default.")
        with core.lock:
            core.sync()
            turns = choice.next_turns(core, self.reviewer, self.blind, int(n))
            core.asked[self.reviewer] = dict(turns)
            scored = core.scored
        return self._questions(turns, scored, reasons)

    def answer(
        self, ids: RowId | Sequence[RowId], labels: Any, reason: str = "", seen: Sequence[Question] = ()
    ) -> int:
        """Store answers, at once and for good, and return the number of the line in the log.

        `ids` is a row or several; `labels` one answer for all or one for each: "anomaly", "normal", "unsure", "skip",
        or labels -1, +1, 0 (unsure). Several ids with one answer are one deed: one undo takes all back. An earlier
        answer of this reviewer for the row no longer counts. `seen` are the questions that were shown, if they are not
        those that were asked last: an answer is kept with the model and the numbers that it was given on.

        Raises
        ------
        InvalidInputError
            For a row or an answer that is none, or if the log cannot be written; nothing is stored then.
        """
        core = self._core
        names = [ids] if isinstance(ids, str | int | np.integer) else list(ids)
        if not names:
            raise InvalidInputError(
                must("ids", "ReviewSession.answer", "one row or several", ids, "Name a row.")
            )
        rows = [self.row_of(id) for id in names]
        words = answers_of(labels, len(rows))
        with core.lock:
            core.sync()
            shown = {self.row_of(each.id): each for each in seen}
            kept = [self._seen(turn, shown.get(turn.row)) for turn in self._turns(rows)]
            line = LogLine(
                "answer",
                self.reviewer,
                tuple(core.rows.ids[row] for row in rows),
                words,
                str(reason).strip(),
                seen[0].model if seen else core.scored.number,
                tuple(kept),
                {"blind": True} if self.blind else {},
            )
            written = self._append(line)
        core.refit_if_due(self.reviewer)
        return written

    def _seen(self, turn: Turn, shown: Question | None) -> dict[str, Any]:
        """Return what the log keeps of what this person was shown of a row."""
        core = self._core
        if shown is None:
            return seen_of(core, turn, core.scored, core.reasons.known(core.scored, turn.row))
        own: dict[str, Any] = {name: getattr(shown, name) for name in _SHOWN}
        return seen_of(core, Turn(turn.row, shown.why), core.scored, Why(shown.drivers)) | own

    def _append(self, line: LogLine) -> int:
        """Add a line to the log, tell who listens, and return its number."""
        written = self._core.append(line)
        if self._on_answer is not None:
            self._on_answer(entry(written, self._core.answers))
        return written.number

    def undo(self, number: int | None = None) -> LogEntry | None:
        """Take back a line of the log (None: this reviewer's last that still counts) and return it.

        None if there is nothing to take back. Answers, settlements, imports and undoes can be taken back; a refit is
        by :meth:`go_back`.
        """
        core = self._core
        with core.lock:
            core.sync()
            by_number = {line.number: line for line in core.answers.active if line.kind in _UNDONE}
            if number is None:
                mine = [
                    n
                    for n, each in by_number.items()
                    if each.reviewer == self.reviewer and each.kind != "undo"
                ]
                if not mine:
                    return None
                number = max(mine)
            if number not in by_number:
                rule = "the number of a line that counts and can be taken back"
                remedy = "history() has the numbers; go_back() takes a refit back."
                raise InvalidInputError(must("number", "ReviewSession.undo", rule, number, remedy))
            line = by_number[number]
            self._append(
                LogLine("undo", self.reviewer, line.ids, model=core.scored.number, more={"of": int(number)})
            )
            return entry(line, core.answers)

    def settle(self, id: RowId, label: Any, reason: str = "") -> int:
        """Say which answer holds for a row on which people differ; return the number of the line in the log."""
        core, row = self._core, self.row_of(id)
        (answer,) = answers_of(label, 1)
        if answer == "skip":
            raise InvalidInputError(
                must(
                    "label",
                    "ReviewSession.settle",
                    "anomaly, normal or unsure",
                    label,
                    "Say what the row is.",
                )
            )
        with core.lock:
            core.sync()
            seen = (self._seen(Turn(row, "opened"), None),)
            ids, model = (core.rows.ids[row],), core.scored.number
            line = LogLine("settle", self.reviewer, ids, (answer,), str(reason).strip(), model, seen)
            number = self._append(line)
        core.refit_if_due(self.reviewer)
        return number

    def choose(self, **settings: Any) -> ReviewSettings:
        """Change some settings by their names, for all who use the session, and return all of them."""
        core = self._core
        with core.lock:
            core.sync()
            different = core.settings.differences(core.settings.changed(settings))
            if different:
                self._append(LogLine("settings", self.reviewer, model=core.scored.number, more=different))
                core.asked.clear()
            return core.settings

    def refit(self, background: bool = False) -> Change | None:
        """Fit the model again with all answers; scores, order and threshold are then the new model's.

        In the background it returns None at once, and does nothing if one runs; see :meth:`refit_status`. The old model
        is kept. A refit that fails leaves the session as it is: the error is raised, or told by the status. If the
        current model has learned all answers, what it changed is returned, and nothing is fitted.
        """
        if background:
            self._core.refit_in_background(self.reviewer)
            return None
        return self._core.refit(self.reviewer)

    def wait(self, seconds: float | None = None) -> RefitStatus:
        """Wait until no refit runs, at most some seconds."""
        self._core.wait(seconds)
        return self.refit_status()

    def go_back(self, number: int) -> None:
        """Use an earlier (or later) model of the session again; answers stay."""
        core = self._core
        with core.lock:
            core.sync()
            core.scored_by(number)  # refuses a number that is none
            if number != core.scored.number:
                self._append(
                    LogLine("model", self.reviewer, model=core.scored.number, more={"to": int(number)})
                )

    def save_model(self, path: str | Path) -> None:
        """Write the current model to a file."""
        self.model.save(path)

    def export(
        self, path: str | Path, data: bool = False, column: str = "label", *, quote_formulas: bool = False
    ) -> int:
        """Write the answers to a CSV, parquet or JSON file and return how many rows it has.

        Without `data` only rows with an answer: the id, ``label`` (+1, -1; 0 for unsure and where people differ),
        ``answer``, ``reason``, ``reviewer`` and ``at``: what ``askew refit --labels`` takes. With it all rows, their
        raw columns and a `column` of labels: what ``askew fit --label-column`` takes. In a CSV file `quote_formulas`
        puts an apostrophe before words that a spreadsheet program would work out.
        """
        with self._core.lock:
            self._core.sync()
            answers = self._core.answers
        if data:
            return write_data(Path(path), answers, self._core.rows, column, quote_formulas)
        return write_answers(Path(path), answers, self._core.rows, quote_formulas)

    def export_label_studio(self, path: str | Path, only: str = "answered") -> int:
        """Write rows as Label Studio's JSON, tasks with annotations and predictions, and return their number.

        `only` is "answered", "open" (without an answer: to be labelled there) or "all".
        """
        with self._core.lock:
            self._core.sync()
            return write_tasks(Path(path), self._core, only)

    def import_label_studio(self, path: str | Path, meaning: Meaning | None = None) -> int:
        """Add the annotations of a JSON export of Label Studio as answers, and return how many were new.

        Each is its annotator's; one that says what the annotator's answer says already is not added again. `meaning`
        says which choices stand for anomaly and normal, if they are called otherwise.
        """
        core = self._core
        found = read_annotations(Path(path), core, meaning or Meaning())
        with core.lock:
            core.sync()
            lines = import_lines(found, core, self.reviewer, Path(path).name)
            for line in lines:
                self._append(line)
        core.refit_if_due(self.reviewer)
        return sum(len(line.ids) for line in lines)

    def close(self) -> None:
        """Wait for a refit that runs, and close the log; nothing needs to be saved."""
        self._core.wait(None)
        self._core.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_SHOWN = ("score", "severity", "threshold", "rank", "flagged")
_UNDONE = ("answer", "settle", "import", "undo")


def _fitted(model: Any, rows: ReviewRows) -> Any:
    """Return the model, fitted on the rows if it is not fitted yet."""
    from sklearn.exceptions import NotFittedError

    try:
        require_fitted(model)
        return model
    except NotFittedError:
        pass
    return model.fit(rows.X, ours(rows.y))
