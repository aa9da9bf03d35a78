"""What a refit changed: the rows that moved across the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


@dataclass(frozen=True)
class Move:
    """A row that moved across the threshold: its id, the answer (0: none), and its ranks, 1 = most anomalous."""

    id: Any
    answer: int
    rank_before: int
    rank_after: int


@dataclass(frozen=True)
class Change:
    """Which of the rows are flagged by a new model and not by the old one, and the other way round.

    `flagged` are newly flagged rows, `passed` those that are flagged no longer, the most anomalous first: of the new
    model and of the old one.
    """

    n_flagged_before: int
    n_flagged_after: int
    flagged: tuple[Move, ...]
    passed: tuple[Move, ...]


def change_between(before: Any, after: Any, X: Any, ids: Sequence[Any], answers: NDArray[np.int8]) -> Change:
    """Return what is different between two models of the rows X, called `ids` (n_rows,), with answers (n_rows,)."""
    was, now = (np.asarray(model.predict(X)) < 0 for model in (before, after))
    ranks = [rankdata(model.score_samples(X), method="min").astype(np.intp) for model in (before, after)]

    def moves(rows: NDArray[np.bool_], by: NDArray[np.intp]) -> tuple[Move, ...]:
        places = np.flatnonzero(rows)
        in_order = places[np.argsort(by[places], kind="stable")].tolist()
        return tuple(
            Move(ids[row], int(answers[row]), int(ranks[0][row]), int(ranks[1][row])) for row in in_order
        )

    return Change(int(was.sum()), int(now.sum()), moves(now & ~was, ranks[1]), moves(was & ~now, ranks[0]))
