"""What to ask next: rows in the order of a stated wish, and a share of rows drawn at random.

A random draw is the next row of a permutation that the seed decides, so that the rows drawn so far are a simple random
sample of all rows, whatever the other questions are: a row that was answered already is no question, but its answer
counts (:func:`random_sample`). Every second random draw is of the flagged rows alone, which are few and which the
threshold's precision is about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from askew.errors import InvalidInputError, must, require_whole

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

ORDERS = {
    "anomalous": "the lowest score first, corrected by every answer at once: finds most anomalies per answer",
    "informative": "rows that the model is least sure of: near the threshold, where its members disagree, "
    "unlike all rows with an answer",
    "random": "rows drawn at random: finds few anomalies, and shows what the model overlooks",
}
"""The orders of questions, with what they mean."""

REASONS = {
    "anomalous": "lowest score of those without an answer, corrected by the answers to rows like it",
    "informative": "the model is least sure of it",
    "random": "drawn at random from all rows, to estimate the share of anomalies",
    "random_flagged": "drawn at random from the flagged rows, to estimate the threshold's precision",
}
"""Why a row is asked about: :attr:`Question.reason`, with what it means."""

RANDOM_SHARE = 0.1
"""Share of the questions that are drawn at random, if not chosen."""


class Question(NamedTuple):
    """A row that somebody should look at."""

    row: int
    """Its place in the table, from 0."""
    reason: str
    """A key of :data:`REASONS`."""


@dataclass(frozen=True)
class Rows:
    """What is known of n rows when questions are chosen.

    Attributes
    ----------
    scores : (n,) float
        Higher = more normal.
    handled : (n,) bool
        Rows that are not asked about: with an answer, a "don't know", skipped for now, or being asked.
    threshold : float
        The score under which a row is flagged.
    disagreement, unlikeness : (n,) float or None
        How much the model's members disagree (:func:`disagreement`), how far the row is from all rows with an answer
        (:func:`askew.review.likeness.unlikeness`); only their order counts, and only for "informative".
    corrected : (n,) float or None
        The scores by which "anomalous" asks, if answers have corrected them (:mod:`askew.review.feedback`).
    """

    scores: Floats
    handled: Mask
    threshold: float
    disagreement: Floats | None = None
    unlikeness: Floats | None = None
    corrected: Floats | None = None

    def __post_init__(self) -> None:
        n = len(self.scores)
        for name in ("handled", "disagreement", "unlikeness", "corrected"):
            vector = getattr(self, name)
            if vector is not None and np.shape(vector) != (n,):
                rule = f"a vector of {n:,} rows, as scores is"
                raise InvalidInputError(must(name, "Rows", rule, np.shape(vector), "Give one value per row."))
        if np.isnan(self.scores).any():
            row = int(np.flatnonzero(np.isnan(self.scores))[0])
            raise InvalidInputError(
                must("scores", "Rows", "numbers", f"nan in row {row}", "Score the rows again.")
            )


def next_questions(
    rows: Rows,
    n: int,
    *,
    order: str = "anomalous",
    random_share: float = RANDOM_SHARE,
    n_asked: int = 0,
    n_drawn: int = 0,
    seed: int = 0,
) -> list[Question]:
    """Return the next `n` questions; fewer if there are not so many rows left.

    Parameters
    ----------
    rows : Rows
    n : int of at least 1
    order : {"anomalous", "informative", "random"}
        See :data:`ORDERS`.
    random_share : float in [0, 1]
        Share of the questions that are drawn at random, by turns from all rows and from the flagged ones.
    n_asked : int
        Questions that earlier calls returned, whatever became of them; since the share was changed, if it was.
    n_drawn : int
        Random draws before the share was changed (:func:`n_draws`).
    seed : int
        Decides the random draws: the same for all questions about the same rows.

    Raises
    ------
    InvalidInputError
        For an unknown order, a share outside [0, 1], or `n` below 1.

    Examples
    --------
    >>> rows = Rows(np.array([0.3, 0.1, 0.9, 0.2]), np.array([False, True, False, False]), threshold=0.15)
    >>> next_questions(rows, 2, random_share=0)
    [Question(row=3, reason='anomalous'), Question(row=0, reason='anomalous')]
    >>> next_questions(rows, 2, order="informative", random_share=0.5)
    [Question(row=3, reason='informative'), Question(row=2, reason='random')]
    """
    require_whole("n", "next_questions", n, 1, "Ten at a time is usual.")
    if order not in ORDERS:
        rule = f"one of {', '.join(map(repr, ORDERS))}"
        raise InvalidInputError(must("order", "next_questions", rule, order, "The first is the default."))
    handled = np.array(rows.handled, dtype=bool)
    queue = iter(_ordered(rows, order, seed))
    questions: list[Question] = []
    for number in range(n_asked + 1, n_asked + n + 1):
        draw = n_draws(number, random_share, n_drawn)
        is_draw = draw > n_draws(number - 1, random_share, n_drawn)
        question = _random_question(rows, handled, draw, seed) if is_draw else None
        if question is None:
            row = next((row for row in queue if not handled[row]), None)
            if row is None:
                break
            question = Question(int(row), order)
        handled[question.row] = True
        questions.append(question)
    return questions


def n_draws(n_asked: int, random_share: float = RANDOM_SHARE, n_drawn: int = 0) -> int:
    """Return how many of the first `n_asked` questions were random draws, and add `n_drawn`, those before them.

    Draws of rows that had an answer already, which then were no question, are counted.

    >>> n_draws(49)
    4
    """
    if not 0 <= random_share <= 1:
        rule, remedy = "between 0 and 1", "0.1 is the default."
        raise InvalidInputError(must("random_share", "next_questions", rule, random_share, remedy))
    return n_drawn + floor(n_asked * random_share + 1e-9)


def random_sample(n_rows: int, draws: int, seed: int = 0) -> Places:
    """Return the places of the rows drawn at random from all rows by the first `draws` draws (:func:`n_draws`).

    Their answers, whatever question they answered, say what share of all rows are anomalies
    (:func:`askew.review.estimates.anomaly_rate`).

    >>> random_sample(1000, draws=4).tolist()
    [459, 206]
    """
    return np.random.default_rng(seed).permutation(n_rows)[: (draws + 1) // 2].astype(np.intp)


def disagreement(member_scores: Floats) -> Floats:
    """Return how much members disagree on each row, (n_rows,), from their scores, (n_members, n_rows).

    The standard deviation of -log(share of rows that the member finds at least as anomalous): members may have any
    scale, and ranks count most at the head of their lists.

    >>> disagreement(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]])).round(2).tolist()
    [0.0, 0.2, 0.2]
    """
    member_scores = np.atleast_2d(member_scores)
    places = rankdata(member_scores, axis=1) / member_scores.shape[1]
    apart: Floats = (-np.log(places)).std(axis=0)
    return apart


def informativeness(rows: Rows) -> Floats:
    """Return how informative an answer would be, (n,), from 0 to 1.

    The mean of up to three ranks, each from 0 to 1: near the threshold (in rows between), where members disagree, far
    from all rows with an answer. What is None is left out.

    >>> scores = np.array([0.1, 0.2, 0.3, 0.4])
    >>> informativeness(Rows(scores, np.zeros(4, bool), threshold=0.15)).round(2).tolist()
    [0.83, 0.83, 0.33, 0.0]
    """
    below = (rows.scores < rows.threshold).sum() + 0.5
    near = -np.abs(rankdata(rows.scores) - below)
    criteria = [each for each in (near, rows.disagreement, rows.unlikeness) if each is not None]
    ranks: list[Floats] = [(rankdata(each) - 1) / max(len(each) - 1, 1) for each in criteria]
    informative: Floats = np.mean(ranks, axis=0)
    return informative


def _ordered(rows: Rows, order: str, seed: int) -> Places:
    if order == "random":
        return np.random.default_rng(seed).permutation(len(rows.scores)).astype(np.intp)
    by_score = rows.scores if rows.corrected is None else rows.corrected
    return np.argsort(by_score if order == "anomalous" else -informativeness(rows), kind="stable")


def _random_question(rows: Rows, handled: Mask, draw: int, seed: int) -> Question | None:
    """Return the question of a random draw, counted from 1; None if it has an answer, or none is left."""
    if draw % 2:  # from all rows; those that were undone come again
        return _first(random_sample(len(handled), draw, seed), ~handled, "random")
    permutation = np.random.default_rng(seed).permutation(len(handled))
    return _first(permutation, ~handled & (rows.scores < rows.threshold), "random_flagged")


def _first(places: Places, wanted: Mask, reason: str) -> Question | None:
    found: Iterator[int] = (int(row) for row in places if wanted[row])
    row = next(found, None)
    return None if row is None else Question(row, reason)
