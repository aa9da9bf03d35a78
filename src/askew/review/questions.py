"""What a person is shown and says: questions with their reasons, lines of the list, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

RowId: TypeAlias = "int | str"
"""What names a row: a value of the id column, the number of a row, or the path of an image."""

Answer: TypeAlias = Literal["anomaly", "normal", "unsure", "skip"]
"""What a person says of a row; ``"unsure"`` is "don't know", and a skipped row is asked again at the end."""

ANSWERS: tuple[Answer, ...] = ("anomaly", "normal", "unsure", "skip")


@dataclass(frozen=True)
class Driver:
    """A column that lowered a row's score, its value, the one to be expected, and its share (0 to 1) of it all."""

    column: str
    observed: Any
    expected: Any
    share: float


@dataclass(frozen=True)
class Place:
    """A square of pixels that lowered an image's score, and its share (0 to 1) of the lowering."""

    top: int
    left: int
    height: int
    width: int
    share: float


@dataclass(frozen=True)
class KnownCase:
    """A row with an answer that is near another one; `answer` is ``"anomaly"`` or ``"normal"``.

    `distance` is 0 for an equal row; `cells` are its raw cells (empty for an image).
    """

    id: RowId
    row: int
    answer: Answer
    distance: float
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """An answer as it stands: who gave it, when (UTC, ISO 8601), and the reason in their words ("" without one)."""

    reviewer: str
    answer: Answer
    at: str
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """A row as a person is asked about it.

    Attributes
    ----------
    id : int or str
        What names the row.
    row : int
        Its place in the data, from 0; it does not change in a session.
    score, threshold : float
        Higher = more normal; the model flags a row whose score is below the threshold.
    severity : float
        0 to 100: the percentage of ordinary rows that are less anomalous. Of a model without a fitted threshold,
        the percentage of the session's rows.
    rank : int
        Its place when the rows are sorted by their scores, 1 = the most anomalous.
    drivers : tuple of Driver, or of Place for an image
        The columns (of an image, the squares) that lowered the score most, at most three, the worst first.
    known : tuple of KnownCase
        The nearest rows with an answer or a given label, the nearest first.
    cells : mapping
        The raw row: column -> value; empty for an image.
    why : "anomalous", "informative", "random", "random_flagged", "skipped", "blind" or "opened"
        Why this row is asked: by the order, as part of the random share (of all rows or of the flagged ones), because
        it was skipped, because another person answered it and agreement is measured, or because somebody opened it.
    why_in_words : str
        The same as a sentence.
    model : int
        Number of the model that scored it.
    mine : Said or None
        What this reviewer has said of it.
    others : tuple of Said
        What the others have said of it; always empty for a reviewer who is blind.
    given : int
        Its label in the data: +1, 0 or -1.
    """

    id: RowId
    row: int
    score: float
    severity: float
    threshold: float
    rank: int
    drivers: tuple[Driver | Place, ...]
    known: tuple[KnownCase, ...]
    cells: Mapping[str, Any]
    why: str
    why_in_words: str
    model: int
    mine: Said | None = None
    others: tuple[Said, ...] = ()
    given: int = 0

    @property
    def flagged(self) -> bool:
        """Whether the model flags the row."""
        return self.score < self.threshold


@dataclass(frozen=True)
class Line:
    """A row in the list view: see :class:`Question` for the names."""

    id: RowId
    row: int
    rank: int
    score: float
    severity: float
    flagged: bool
    cells: Mapping[str, Any]
    mine: Said | None
    others: tuple[Said, ...]
    given: int


@dataclass(frozen=True)
class Page:
    """Some lines of the list, `start` (from 0) being the place of the first among all `n_lines`."""

    lines: tuple[Line, ...]
    start: int
    n_lines: int


GIVEN = "the data"
"""The reviewer of labels that came with the data."""
