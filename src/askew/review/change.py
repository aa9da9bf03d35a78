"""What a refit changed: rows that moved across the threshold, answers that the model now takes as the person does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from askew.review.questions import RowId
from askew.review.reports import Change, Move
from askew.review.scored_rows import ScoredRows

MOST = 200
"""Moved rows that are named, of each direction."""


@dataclass(frozen=True)
class Learned:
    """What a refit had: the answers to all rows, (n_rows,), which of them the model before had not, and its seconds."""

    answers: NDArray[np.int8]
    new: NDArray[np.bool_]
    seconds: float


def change_between(before: ScoredRows, after: ScoredRows, learned: Learned, ids: Sequence[RowId]) -> Change:
    """Return what became different from one model to the next."""
    new = np.flatnonzero(learned.new & (learned.answers != 0))
    newly = after.order[after.flagged[after.order] & ~before.flagged[after.order]]
    passed = before.order[before.flagged[before.order] & ~after.flagged[before.order]]

    def moves(rows: NDArray[np.intp], flagged: bool) -> tuple[Move, ...]:
        return tuple(
            Move(
                ids[row],
                int(row),
                int(before.ranks[row]),
                int(after.ranks[row]),
                float(before.severities[row]),
                float(after.severities[row]),
                flagged,
            )
            for row in rows[:MOST]
        )

    return Change(
        before=before.number,
        after=after.number,
        n_answers=int((learned.answers != 0).sum()),
        n_flagged_before=int(before.flagged.sum()),
        n_flagged_after=int(after.flagged.sum()),
        n_newly_flagged=len(newly),
        n_passed=len(passed),
        flagged=moves(newly, True),
        passed=moves(passed, False),
        n_new=len(new),
        n_right=int((before.flagged[new] == (learned.answers[new] < 0)).sum()),
        rank_correlation=_correlation(before, after),
        seconds=learned.seconds,
    )


def change_as_dict(change: Change) -> dict[str, Any]:
    """Return a change as JSON has it."""
    return asdict(change)


def change_of_dict(values: dict[str, Any]) -> Change:
    """Return the change that :func:`change_as_dict` took apart."""
    moved = {key: tuple(Move(**each) for each in values[key]) for key in ("flagged", "passed")}
    return Change(**values | moved)


def _correlation(before: ScoredRows, after: ScoredRows) -> float:
    if not all(np.ptp(each.ranks) and len(np.unique(each.scores)) > 1 for each in (before, after)):
        return 1.0 if np.array_equal(before.ranks, after.ranks) else 0.0
    return float(spearmanr(before.scores, after.scores).statistic)
