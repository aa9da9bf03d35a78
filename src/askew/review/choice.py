"""Which rows a reviewer is asked next, from what the log says; and what the random ones say of all rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.review.answers import ASKED, Answers, Standing
from askew.review.asking import Rows, disagreement, n_draws, next_questions, random_sample
from askew.review.core import ReviewCore
from askew.review.estimates import FlaggedDraw, anomaly_rate, in_words, precision_at_threshold
from askew.review.likeness import unlikeness
from askew.review.reports import Estimates

_LIKE = 50_000  # rows up to which "unlike what is answered" counts: it looks at each row once per answer

_CORRECTED = 500_000  # rows up to which each answer corrects the order of the others at once


class Asked(NamedTuple):
    """Questions so far: how many since the random share was changed, and the random draws before that."""

    n: int
    n_drawn: int


class Turn(NamedTuple):
    """A row that is asked, and why."""

    row: int
    why: str


def next_turns(core: ReviewCore, reviewer: str, blind: bool, n: int) -> list[Turn]:
    """Return what to ask a person next, at most `n` rows; what others are being asked is left out."""
    answers = core.answers
    turns = _of_others(answers, reviewer)[:n] if blind else []
    skipped = answers.skipped_by(reviewer)
    handled = answers.answered | (core.rows.y != 0) | skipped
    for other, asked in core.asked.items():
        if other != reviewer:
            handled[list(asked)] = True
    if len(turns) < n:
        settings, asked_before = core.settings, questions_so_far(core)
        found = next_questions(
            _rows(core, handled),
            n - len(turns),
            order=settings.order,
            random_share=settings.random_share,
            n_asked=asked_before.n,
            n_drawn=asked_before.n_drawn,
            seed=settings.seed,
        )
        turns += [Turn(each.row, each.reason) for each in found]
    again = [row for row, by in answers.skipped.items() if reviewer in by and not answers.answered[row]]
    again.sort(key=lambda row: answers.skipped[row][reviewer].number)
    return turns + [Turn(row, "skipped") for row in again[: n - len(turns)]]


def _of_others(answers: Answers, reviewer: str) -> list[Turn]:
    """Return the rows that others answered and this person did not, in the order of the first answers."""
    firsts = [
        (min(each.number for each in by.values()), row)
        for row, by in answers.standing.items()
        if reviewer not in by and reviewer not in answers.skipped.get(row, {})
    ]
    return [Turn(row, "blind") for _, row in sorted(firsts)]


def _rows(core: ReviewCore, handled: NDArray[np.bool_]) -> Rows:
    scored = core.scored
    if core.settings.order != "informative":
        return Rows(scored.scores, handled, scored.threshold, corrected=_corrected(core))
    members = scored.member_scores(core.rows.X)
    known = core.answers.labels != 0
    unlike = unlikeness(core.positions, known) if len(known) <= _LIKE and known.any() else None
    apart = None if members is None or len(members) < 2 else disagreement(members)
    return Rows(scored.scores, handled, scored.threshold, apart, unlike)


def _corrected(core: ReviewCore) -> NDArray[np.float64] | None:
    """Return the scores by which to ask, corrected by the answers so far; None where they correct nothing."""
    answers = core.answers
    said = np.where(answers.answered, answers.labels, 0)
    if len(said) > _CORRECTED or not said.any():
        return None
    return core.feedback.corrected(core.scored.scores, said)


def questions_so_far(core: ReviewCore) -> Asked:
    """Return how many questions had an answer or were skipped, and how many were random draws."""
    answers = core.answers
    numbers: dict[int, int] = {}  # row -> line of its first answer
    for by_row in (answers.standing, answers.skipped):
        for row, by in by_row.items():
            for each in by.values():
                if each.why in ASKED:
                    numbers[row] = min(each.number, numbers.get(row, each.number))
    share, drawn, before = type(core.settings)().random_share, 0, 0
    for line in answers.lines:
        if line.kind == "settings" and line.more.get("random_share", share) != share:
            n = sum(number < line.number for number in numbers.values())
            drawn = n_draws(n - before, share, drawn)
            share, before = line.more["random_share"], n
    return Asked(len(numbers) - before, drawn)


def estimates(core: ReviewCore) -> Estimates:
    """Return what the rows drawn at random say of all rows."""
    answers, n_rows, settings = core.answers, len(core.rows), core.settings
    asked = questions_so_far(core)
    draws = n_draws(asked.n, settings.random_share, asked.n_drawn)
    order = random_sample(n_rows, 2 * n_rows, settings.seed)
    places = np.empty(n_rows, dtype=np.intp)
    places[order] = np.arange(n_rows)
    standing = answers.standing.items()
    random = [row for row, by in standing if any(each.why == "random" for each in by.values())]
    n_drawn = max([(draws + 1) // 2, *(int(places[row]) + 1 for row in random)])
    sample = order[:n_drawn]
    while len(sample) and not answers.labels[sample[-1]] and not answers.answered[sample[-1]]:
        sample = sample[:-1]  # is being asked
    labels = answers.labels
    rate = anomaly_rate(labels[sample], n_rows, int((labels < 0).sum()), int((labels > 0).sum()))
    flagged_draws = [
        FlaggedDraw(int(answers.holds(row)), *each.draw)
        for row, by in standing
        for each in by.values()
        if each.draw is not None
    ]
    precision = precision_at_threshold(labels[core.scored.flagged], flagged_draws)
    n_known = int((labels[sample] != 0).sum())
    return Estimates(rate, precision, n_known, tuple(in_words(rate, precision, n_known)))


def flagged_draw(core: ReviewCore, row: int, why: str) -> list[int] | None:
    """Return what to keep beside the answer to a random question about a flagged row, None of any other."""
    if why not in ("random", "random_flagged") or not core.scored.flagged[row]:
        return None
    return list(FlaggedDraw.of(0, core.answers.labels[core.scored.flagged])[1:])


def questions_in_order(answers: Answers) -> NDArray[np.int8]:
    """Return the answers to questions in the session's order, without random ones, as they were given."""
    chosen: list[Standing] = [
        each for each in answers.first_answers if each.why in ("anomalous", "informative")
    ]
    sides = {"anomaly": -1, "normal": 1}
    return np.array([sides.get(each.said.answer, 0) for each in chosen], dtype=np.int8)
