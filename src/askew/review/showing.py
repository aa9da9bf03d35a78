"""A row as a person is shown it: the whole question, a line of the list, and what the log keeps of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.review.answers import LABELS, Answers
from askew.review.asking import REASONS
from askew.review.choice import Turn, flagged_draw
from askew.review.core import ReviewCore
from askew.review.likeness import nearest
from askew.review.people import WORDS, said_by_others
from askew.review.questions import Driver, KnownCase, Line, Place, Question
from askew.review.reasons import Why
from askew.review.scored_rows import ScoredRows

KNOWN = 3
"""Known cases beside a row."""

_WHY = {
    **REASONS,
    "skipped": "it was skipped before",
    "blind": "another person has answered it; their answer is hidden, so that agreement is measured",
    "opened": "it was opened from the list",
    "alike": "it is like a row that is being answered",
}


def question_of(core: ReviewCore, turn: Turn, why: Why, reviewer: str, blind: bool) -> Question:
    """Return the question about a row."""
    row, scored, answers = turn.row, core.scored, core.answers
    mine = answers.standing.get(row, {}).get(reviewer)
    words = _WHY[turn.why]
    return Question(
        id=core.rows.ids[row],
        row=row,
        score=float(scored.scores[row]),
        severity=float(scored.severities[row]),
        threshold=scored.threshold,
        rank=int(scored.ranks[row]),
        drivers=why.drivers,
        known=_known_cases(core, row, reviewer, blind),
        cells=core.rows.cells(row),
        why=turn.why,
        why_in_words=words[0].upper() + words[1:] + ".",
        model=scored.number,
        mine=None if mine is None else mine.said,
        others=() if blind else said_by_others(answers, row, reviewer),
        given=int(core.rows.y[row]),
    )


def _known_cases(core: ReviewCore, row: int, reviewer: str, blind: bool) -> tuple[KnownCase, ...]:
    labels = labels_for(core.answers, core.rows.y, reviewer, blind)
    if not np.any(labels):
        return ()
    z = core.positions
    return tuple(
        KnownCase(
            core.rows.ids[place],
            int(place),
            WORDS[int(labels[place])],
            float(np.linalg.norm(z[place] - z[row])),
            core.rows.cells(int(place)),
        )
        for place in nearest(z, row, labels != 0, KNOWN)
    )


def labels_for(answers: Answers, given: NDArray[np.int8], reviewer: str, blind: bool) -> NDArray[np.int8]:
    """Return the labels of all rows as a person may know them: one who is blind knows their own and the data's."""
    if not blind:
        return np.asarray(answers.labels)
    labels = given.copy()
    for row, by in answers.standing.items():
        if reviewer in by:
            labels[row] = LABELS[by[reviewer].said.answer]
    return labels


def line_of(core: ReviewCore, row: int, reviewer: str, blind: bool) -> Line:
    """Return a row as a line of the list."""
    scored, answers = core.scored, core.answers
    mine = answers.standing.get(row, {}).get(reviewer)
    return Line(
        core.rows.ids[row],
        row,
        int(scored.ranks[row]),
        float(scored.scores[row]),
        float(scored.severities[row]),
        bool(scored.flagged[row]),
        core.rows.cells(row),
        None if mine is None else mine.said,
        () if blind else said_by_others(answers, row, reviewer),
        int(core.rows.y[row]),
    )


def seen_of(core: ReviewCore, turn: Turn, scored: ScoredRows, why: Why | None) -> dict[str, Any]:
    """Return what the log keeps of what a person was shown: numbers, reasons, and a digest of the row."""
    row = turn.row
    seen: dict[str, Any] = {
        "digest": core.rows.digest(row),
        "score": float(scored.scores[row]),
        "severity": round(float(scored.severities[row]), 3),
        "threshold": scored.threshold,
        "rank": int(scored.ranks[row]),
        "flagged": bool(scored.flagged[row]),
        "why": turn.why,
    }
    draw = flagged_draw(core, row, turn.why)
    if draw is not None:
        seen["draw"] = draw
    if why is not None:
        seen["drivers"] = [_plain(each) for each in why.drivers]
    return seen


def _plain(driver: Driver | Place) -> dict[str, Any]:
    values = vars(driver)
    return {
        name: v if v is None or isinstance(v, bool | int | float | str) else str(v)
        for name, v in values.items()
    }
