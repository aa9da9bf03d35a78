"""What a caller gives a session: the name of a person, and answers as words or labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from askew.errors import InvalidInputError, must
from askew.inputs.column_names import suggestion
from askew.review.people import WORDS
from askew.review.questions import ANSWERS, GIVEN, Answer

_NUMBERS = (int, float, np.number)
_LONGEST = 100  # characters of a name


def checked_name(reviewer: Any) -> str:
    """Return the name of a reviewer without superfluous spaces; what is no name raises InvalidInputError."""
    name = " ".join(str(reviewer).split()) if isinstance(reviewer, str) else ""
    if not name or len(name) > _LONGEST or name == GIVEN or not name.isprintable():
        rule = f"a name of 1 to {_LONGEST} characters"
        raise InvalidInputError(
            must("reviewer", "ReviewSession", rule, reviewer, 'For example reviewer="ann".')
        )
    return name


def answers_of(labels: Any, n: int) -> tuple[Answer, ...]:
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
