"""ReviewSession: a model asks a person about rows, keeps every answer, learns from them and asks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from askew.base.fitted_parameters import require_fitted
from askew.errors import InvalidInputError, must, require_whole
from askew.inputs import Meaning
from askew.inputs.column_names import suggestion
from askew.labels import Labels, ours
from askew.review import choice
from askew.review.advice import Advice, advise
from askew.review.agreement import agreements
from askew.review.answer_log import LogLine
from askew.review.choice import Turn
from askew.review.core import ReviewCore, Training
from askew.review.label_file import write_answers, write_data
from askew.review.label_studio import Annotation, read_annotations, write_tasks
from askew.review.likeness import alike
from askew.review.people import WORDS, conflicts, entry, progress_of, reviewers
from askew.review.pictures import as_picture, pixel_range
from askew.review.questions import (
    ANSWERS,
    GIVEN,
    Agreement,
    Answer,
    Change,
    Conflict,
    Estimates,
    Line,
    LogEntry,
    ModelRecord,
    Page,
    Progress,
    Question,
    RefitStatus,
    ReviewerRecord,
    RowId,
)
from askew.review.reasons import Why
from askew.review.rows import ReviewRows, rows_in_memory
from askew.review.scored_rows import ScoredRows
from askew.review.settings import ReviewSettings
from askew.review.showing import labels_for, line_of, question_of, seen_of


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
        rows = X if isinstance(X, ReviewRows) else rows_in_memory(X, y, ids)
        more = None if training is None else rows_in_memory(*training)
        core = ReviewCore(
            _fitted(model, rows),
            rows,
            None if folder is None else Path(folder),
            settings,
            None if more is None else Training(more.X, more.y),
        )
        self._adopt(core, reviewer, blind, on_answer)
        if on_refit is not None:
            core.on_refit.append(on_refit)

    def _adopt(
        self, core: ReviewCore, reviewer: str, blind: bool, on_answer: Callable[[LogEntry], object] | None
    ) -> None:
        self._core, self._on_answer = core, on_answer
        self.reviewer, self.blind = _checked_name(reviewer), blind

    # who, what

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

    def as_reviewer(self, reviewer: str, blind: bool = False) -> ReviewSession:
        """Return this session for another person; rows, log and models are shared."""
        other = object.__new__(type(self))
        other._adopt(self._core, reviewer, blind, self._on_answer)
        return other

    def id_of(self, row: int) -> RowId:
        """Return what names the row at a place, from 0."""
        return self._core.rows.ids[row]

    def row_of(self, id: RowId) -> int:
        """Return the place of a row, from 0; an unknown id raises InvalidInputError."""
        return self._core.rows.row_of(id)

    # asking

    def ask(self, n: int = 1, reasons: bool = True) -> list[Question]:
        """Return the next `n` questions, fewer at the end; asking twice without an answer gives the same ones.

        Without `reasons` they have no drivers, which take most of the time.
        """
        core = self._core
        require_whole("n", "ReviewSession.ask", n, 1, "One at a time is the default.")
        with core.lock:
            core.sync()
            turns = choice.next_turns(core, self.reviewer, self.blind, int(n))
            core.asked[self.reviewer] = dict(turns)
            scored = core.scored
        return self._questions(turns, scored, reasons)

    def question(self, id: RowId) -> Question:
        """Return the question about one row, answered or not (``why`` is "opened" unless it is asked now)."""
        core, row = self._core, self.row_of(id)
        with core.lock:
            core.sync()
            turns, scored = self._turns([row]), core.scored
        return self._questions(turns, scored, True)[0]

    def _questions(self, turns: list[Turn], scored: ScoredRows, reasons: bool) -> list[Question]:
        """Return questions about rows; the reasons are worked out while others may answer."""
        core = self._core
        whys = core.reasons.of(scored, [turn.row for turn in turns]) if reasons else [Why(())] * len(turns)
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
            wanted = self._wanted(only)
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

    def _wanted(self, only: str) -> NDArray[np.bool_]:
        """Return the rows of a list, (n_rows,)."""
        core = self._core
        answers, n = core.answers, self.n_rows
        answered = answers.answered_by(self.reviewer) if self.blind else answers.answered
        if only in ("open", "answered"):
            return answered if only == "answered" else ~answered & (core.rows.y == 0)
        if only in ("all", "flagged"):
            return core.scored.flagged if only == "flagged" else np.ones(n, dtype=bool)
        found = np.zeros(n, dtype=bool)
        if only == "skip":
            return answers.skipped_by(self.reviewer)
        if only == "conflicts":
            found[[] if self.blind else answers.differing] = True
        elif only in ANSWERS:
            rows = answers.standing.items()
            mine = (self.reviewer,) if self.blind else None
            found[[r for r, by in rows if any(by[w].said.answer == only for w in mine or by if w in by)]] = (
                True
            )
        else:
            rule = f"one of {', '.join(map(repr, (*_LISTS, *ANSWERS)))}"
            remedy = suggestion(only, [*_LISTS, *ANSWERS]) or "The first is the default."
            raise InvalidInputError(must("only", "ReviewSession.page", rule, only, remedy))
        return found

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
            found = alike(core.positions, row, open_rows, differing, int(n)).tolist()
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

    # answering

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
        words = _answers_of(labels, len(rows))
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
        (answer,) = _answers_of(label, 1)
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

    # what is known

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

    # settings

    @property
    def settings(self) -> ReviewSettings:
        """How it asks."""
        with self._core.lock:
            self._core.sync()
            return self._core.settings

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

    # models

    def refit(self, background: bool = False) -> Change | None:
        """Fit the model again with all answers; scores, order and threshold are then the new model's.

        In the background it returns None at once, and does nothing if one runs; see :meth:`refit_status`. The old model
        is kept. A refit that fails leaves the session as it is: the error is raised, or told by the status.
        """
        if background:
            self._core.refit_in_background(self.reviewer)
            return None
        return self._core.refit(self.reviewer)

    def refit_status(self) -> RefitStatus:
        """Return whether a refit runs, and when the next is due."""
        with self._core.lock:
            self._core.sync()
            return self._core.status()

    def wait(self, seconds: float | None = None) -> RefitStatus:
        """Wait until no refit runs, at most some seconds."""
        self._core.wait(seconds)
        return self.refit_status()

    def models(self) -> list[ModelRecord]:
        """Return the models of the session, the first first."""
        with self._core.lock:
            self._core.sync()
            return self._core.models()

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

    def save_model(self, path: str | Path) -> None:
        """Write the current model to a file."""
        self.model.save(path)

    # files

    def export(self, path: str | Path, data: bool = False, column: str = "label") -> int:
        """Write the answers to a CSV, parquet or JSON file and return how many rows it has.

        Without `data` only rows with an answer: the id, ``label`` (+1, -1; 0 for unsure and where people differ),
        ``answer``, ``reason``, ``reviewer`` and ``at``: what ``askew refit --labels`` takes. With it all rows, their
        raw columns and a `column` of labels: what ``askew fit --label-column`` takes.
        """
        with self._core.lock:
            self._core.sync()
            answers = self._core.answers
        if data:
            return write_data(Path(path), answers, self._core.rows, column)
        return write_answers(Path(path), answers, self._core.rows)

    def export_label_studio(self, path: str | Path, only: str = "answered") -> int:
        """Write rows as Label Studio's JSON, tasks with annotations and predictions, and return their number.

        `only` is "answered", "open" (without an answer: to be labelled there) or "all".
        """
        with self._core.lock:
            self._core.sync()
            return write_tasks(Path(path), self._core, only)

    def import_label_studio(self, path: str | Path, meaning: Meaning | None = None) -> int:
        """Add the annotations of a JSON export of Label Studio as answers, and return how many were new.

        Each is its annotator's; one that the annotator's answer says already is not added again. `meaning` says which
        choices stand for anomaly and normal, if they are called otherwise.
        """
        core = self._core
        found = read_annotations(Path(path), core, meaning or Meaning())
        with core.lock:
            core.sync()
            new: dict[str, list[Annotation]] = {}
            for each in found:
                standing = core.answers.standing.get(self.row_of(each.id), {}).get(each.reviewer)
                if standing is None or (standing.said.answer, standing.said.reason) != (
                    each.answer,
                    each.reason,
                ):
                    new.setdefault(each.reviewer, []).append(each)
            for reviewer, theirs in new.items():
                self._import(reviewer, theirs, Path(path).name)
        core.refit_if_due(self.reviewer)
        return sum(map(len, new.values()))

    def _import(self, reviewer: str, annotations: list[Annotation], file: str) -> None:
        core = self._core
        for reason in dict.fromkeys(each.reason for each in annotations):
            same = [each for each in annotations if each.reason == reason]
            turns = [Turn(self.row_of(each.id), "opened") for each in same]
            seen = tuple(seen_of(core, turn, core.scored, None) for turn in turns)
            ids, answers = tuple(each.id for each in same), tuple(each.answer for each in same)
            more = {"file": file, "by": self.reviewer}
            self._append(LogLine("import", reviewer, ids, answers, reason, core.scored.number, seen, more))

    # end

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


_LISTS = ("all", "open", "answered", "flagged", "conflicts")
_SHOWN = ("score", "severity", "threshold", "rank", "flagged")
_UNDONE = ("answer", "settle", "import", "undo")
_NUMBERS = (int, float, np.number)
_LONGEST = 100  # characters of a name


def _fitted(model: Any, rows: ReviewRows) -> Any:
    """Return the model, fitted on the rows if it is not fitted yet."""
    from sklearn.exceptions import NotFittedError

    try:
        require_fitted(model)
        return model
    except NotFittedError:
        pass
    return model.fit(rows.X, ours(rows.y))


def _checked_name(reviewer: Any) -> str:
    name = " ".join(str(reviewer).split()) if isinstance(reviewer, str) else ""
    if not name or len(name) > _LONGEST or name == GIVEN or not name.isprintable():
        rule = f"a name of 1 to {_LONGEST} characters"
        raise InvalidInputError(
            must("reviewer", "ReviewSession", rule, reviewer, 'For example reviewer="ann".')
        )
    return name


def _answers_of(labels: Any, n: int) -> tuple[Answer, ...]:
    """Return answers as words, one for each of n rows."""
    several = isinstance(labels, Sequence | np.ndarray) and not isinstance(labels, str)
    given = list(labels) if several else [labels] * n
    if len(given) != n:
        remedy = "Give one for each row, or one for all."
        raise InvalidInputError(
            must("labels", "ReviewSession.answer", f"one or {n} answers", len(given), remedy)
        )
    words: list[Answer] = []
    for label in given:
        known: Any = dict[Any, Answer](WORDS).get(label) if isinstance(label, _NUMBERS) else label
        if known not in ANSWERS or isinstance(label, bool):
            rule = f"{', '.join(map(repr, ANSWERS))}, or the labels -1, +1, 0"
            remedy = suggestion(label, list(ANSWERS)) if isinstance(label, str) else ""
            raise InvalidInputError(
                must(
                    "label", "ReviewSession.answer", rule, label, remedy or "-1 is an anomaly, +1 is normal."
                )
            )
        words.append(known)
    return tuple(words)
