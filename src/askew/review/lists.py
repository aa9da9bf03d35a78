"""The lists of a session: which rows have no answer, are flagged, are an anomaly to somebody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, must
from askew.inputs.column_names import suggestion
from askew.review.core import ReviewCore
from askew.review.questions import ANSWERS

LISTS = ("all", "open", "answered", "flagged", "conflicts", *ANSWERS)
"""The lists there are; "open" are rows without an answer, and an answer lists those of whom somebody says it."""


def rows_of_list(core: ReviewCore, only: str, reviewer: str, blind: bool) -> NDArray[np.bool_]:
    """Return which rows are in a list, (n_rows,); to one who is blind only their own answers count."""
    if only not in LISTS:
        rule = f"one of {', '.join(map(repr, LISTS))}"
        remedy = suggestion(only, list(LISTS)) or "The first is the default."
        raise InvalidInputError(must("only", "ReviewSession.page", rule, only, remedy))
    answers = core.answers
    answered = answers.answered_by(reviewer) if blind else answers.answered
    found = np.zeros(len(core.rows), dtype=bool)
    if only in ANSWERS and only != "skip":
        by_row = {
            row: [each for name, each in by.items() if name == reviewer or not blind]
            for row, by in answers.standing.items()
        }
        found[[row for row, said in by_row.items() if any(each.said.answer == only for each in said)]] = True
        return found
    if only == "conflicts":
        found[[] if blind else answers.differing] = True
        return found
    lists: dict[str, NDArray[np.bool_]] = {
        "all": ~found,
        "open": ~answered & (core.rows.y == 0),
        "answered": answered,
        "flagged": core.scored.flagged,
        "skip": answers.skipped_by(reviewer),
    }
    return lists[only]
