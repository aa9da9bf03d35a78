"""What a session tells of itself: progress, estimates, refits and what they changed, people, the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from askew.calibration import Estimate
from askew.review.questions import RowId, Said


@dataclass(frozen=True)
class Progress:
    """How far the answers are; rows are counted once, whoever answered them.

    `n_today` are this reviewer's answers of today (local time) and `budget` how many they want to give a day (None: no
    budget). `curve` has the anomalies found after each answer, in the order of the answers.
    """

    n_rows: int
    n_answered: int
    n_anomalies: int
    n_normal: int
    n_unsure: int
    n_skipped: int
    n_conflicts: int
    n_today: int
    budget: int | None
    curve: tuple[int, ...]

    @property
    def n_left_today(self) -> int | None:
        """Answers that are left of the budget, None without one."""
        return None if self.budget is None else max(self.budget - self.n_today, 0)


@dataclass(frozen=True)
class Move:
    """A row that a refit moved across the threshold, with its ranks and severities before and after."""

    id: RowId
    row: int
    before: int
    after: int
    severity_before: float
    severity_after: float
    flagged: bool
    """Whether it is flagged now."""


@dataclass(frozen=True)
class Change:
    """What a refit changed: from which model to which, learned from how many answers.

    `flagged` are rows that are flagged now and were not, `passed` those that were and are not any more, both the most
    anomalous first, at most 200 of the `n_newly_flagged` and `n_passed`. Of the `n_new` rows answered anomaly or normal
    that the model before had not learned from, it took `n_right` as the person does: the new model has learned from
    them, so only the next answers tell how good it is. `rank_correlation` is Spearman's, of the scores of all rows.
    """

    before: int
    after: int
    n_answers: int
    n_flagged_before: int
    n_flagged_after: int
    n_newly_flagged: int
    n_passed: int
    flagged: tuple[Move, ...]
    passed: tuple[Move, ...]
    n_new: int
    n_right: int
    rank_correlation: float
    seconds: float

    def sentences(self) -> list[str]:
        """Return what changed as plain sentences."""
        flagged = f"{self.n_flagged_before:,} to {self.n_flagged_after:,} rows"
        moved = f"{self.n_newly_flagged:,} newly flagged, {self.n_passed:,} no longer"
        lines = [
            f"Model {self.after} learned from {counted(self.n_answers, 'answer')} in {self.seconds:.1f} s.",
            f"Flagged: from {flagged} ({moved}).",
        ]
        if self.n_new:
            answers = counted(self.n_new, "answer")
            lines.append(
                f"Model {self.before} took {self.n_right:,} of {answers} that were new to it as you do; how good "
                f"model {self.after} is, the next answers tell."
            )
        same = self.rank_correlation
        order = "nearly the same" if same > 0.95 else "similar" if same > 0.7 else "quite another"
        return [*lines, f"The order of all rows is {order} (rank correlation {same:.2f})."]


@dataclass(frozen=True)
class Estimates:
    """What the answers say of all rows, with 95 % intervals; None where nothing can be said yet.

    `anomaly_rate` is the share of anomalies among all rows, by the `n_drawn` rows drawn at random that have an answer;
    `precision` that among the rows that the current model flags. `sentences` say both in words.
    """

    anomaly_rate: Estimate | None
    precision: Estimate | None
    n_drawn: int
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class RefitStatus:
    """Whether a refit runs: ``"idle"``, ``"running"`` or ``"failed"``, the last `error` ("" without one).

    `n_new` answers are not in the current model yet; the next refit starts at `n_until` more (None: not by itself).
    """

    state: str
    n_new: int
    n_until: int | None
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class ModelRecord:
    """A model of the session: 1 is the one it was opened with.

    `n_answers` is how many answers it has learned from and `who` asked for it (UTC in `at`).
    """

    number: int
    at: str
    who: str
    n_answers: int
    n_flagged: int
    is_current: bool


@dataclass(frozen=True)
class ReviewerRecord:
    """A person with answers in the log: how many stand, and when the last was given (UTC)."""

    name: str
    n_answers: int
    n_anomalies: int
    last: str
    blind: bool


@dataclass(frozen=True)
class Conflict:
    """A row of which people, or a person and the label in the data, say different things."""

    id: RowId
    row: int
    said: tuple[Said, ...]
    """What each says; a label in the data is said by :data:`GIVEN`."""
    settled: Said | None
    """The answer that holds, once somebody has settled it; until then the row counts as unlabelled."""


@dataclass(frozen=True)
class Agreement:
    """How far two people agree on rows that both called anomaly or normal.

    `kappa` is Cohen's, with a 95 % interval; None where it is undefined: nothing in common, or both said one thing
    only. `blind` says whether the second could not see the first's answers.
    """

    first: str
    second: str
    n_both: int
    n_agreed: int
    kappa: float | None
    interval: tuple[float, float] | None
    blind: bool


@dataclass(frozen=True)
class LogEntry:
    """A line of the log: what happened, to which rows, who did it and when (UTC), and which model was shown.

    `kind` is ``"open"`` (a model came), ``"answer"``, ``"undo"``, ``"settle"``, ``"refit"``, ``"model"`` (going back),
    ``"import"`` or ``"settings"``. `undone` says whether it does not count any more. `seen` is what the person was
    shown of each row, and `more` what the kind has beside: the line that was undone, settings, models.
    """

    number: int
    at: str
    reviewer: str
    kind: str
    ids: tuple[RowId, ...]
    answer: str
    reason: str
    model: int
    undone: bool
    seen: tuple[Mapping[str, Any], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "answer"), counted(1200, "answer"), counted(2, "anomaly", "anomalies")
    ('1 answer', '1,200 answers', '2 anomalies')
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
