"""How far people agree: Cohen's kappa of each pair with rows in common."""

from __future__ import annotations

from itertools import combinations

from askew.calibration.expectations import share
from askew.review.answers import LABELS, Answers, Standing
from askew.review.reports import Agreement


def agreements(answers: Answers) -> list[Agreement]:
    """Return the agreement of each pair of reviewers with rows that both called anomaly or normal.

    The first of a pair is who answered first.
    """
    by_reviewer: dict[str, dict[int, Standing]] = {}
    for row, standing in answers.standing.items():
        for reviewer, each in standing.items():
            if LABELS[each.said.answer]:
                by_reviewer.setdefault(reviewer, {})[row] = each
    in_order = sorted(by_reviewer, key=lambda name: min(each.number for each in by_reviewer[name].values()))
    pairs = [(a, b, by_reviewer[a], by_reviewer[b]) for a, b in combinations(in_order, 2)]
    return [_agreement(a, b, of_a, of_b) for a, b, of_a, of_b in pairs if of_a.keys() & of_b.keys()]


def _agreement(first: str, second: str, a: dict[int, Standing], b: dict[int, Standing]) -> Agreement:
    both = sorted(a.keys() & b.keys())
    said = [(LABELS[a[row].said.answer], LABELS[b[row].said.answer]) for row in both]
    later = [b[row] if b[row].number > a[row].number else a[row] for row in both]
    agreed = sum(x == y for x, y in said)
    value, interval = kappa(said)
    blind = all(each.blind for each in later)
    return Agreement(first, second, len(both), agreed, value, interval, blind)


def kappa(said: list[tuple[int, int]]) -> tuple[float | None, tuple[float, float] | None]:
    r"""Return Cohen's kappa of what two people said of the same things, and its 95 % interval.

    :math:`\kappa=(p_o-p_e)/(1-p_e)`, where :math:`p_o` is the share on which they agree, and :math:`p_e` the share on
    which they would by chance. The interval is Clopper and Pearson's of :math:`p_o`, with :math:`p_e` as it was seen.
    None if both said one thing only: by chance they agree then, too.

    Reference: Cohen (1960), A Coefficient of Agreement for Nominal Scales.

    >>> kappa([(-1, -1)] * 20 + [(-1, 1)] * 5 + [(1, -1)] * 10 + [(1, 1)] * 15)
    (0.4, (0.1..., 0.6...))
    >>> kappa([(1, 1)] * 9)
    (None, None)
    """
    n = len(said)
    first, second = ([sum(pair[k] == side for pair in said) / n for side in (-1, 1)] for k in (0, 1))
    by_chance = sum(x * y for x, y in zip(first, second, strict=True))
    if by_chance == 1:
        return None, None
    observed = share(sum(x == y for x, y in said), n)
    value, low, high = ((each - by_chance) / (1 - by_chance) for each in observed)
    return round(value, 12), (low, high)
