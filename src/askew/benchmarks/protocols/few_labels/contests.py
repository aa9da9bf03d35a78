"""Where plain classifiers beat semi-supervised methods: contests of the best of each kind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from askew.benchmarks.result_tables.paired_tests import holm, paired_test
from askew.benchmarks.runs.label_use import PLAIN_CLASSIFIERS, SEMI_SUPERVISED

LEVEL = 0.05

Scores: TypeAlias = Mapping[str, Mapping[int, float]]
"""By method: AUROC by seed."""


@dataclass(frozen=True)
class Contest:
    """The best plain classifier against the best semi-supervised method in one cell: data set, regime, m.

    ``wilcoxon_p`` belongs to the claim that the better of the two is better than *every* method of the other kind:
    the largest p-value of its signed-rank tests with them. ``t_p`` is that of the paired t-test between the two;
    with a method far behind, whose seeds differ widely, a t-test shows nothing. Both are two-sided, over seeds, with
    Holm's correction over the data sets of the same regime and m. The contestants are chosen from the numbers that
    are tested, so the p-values flatter both sides.
    """

    dataset: str
    regime: str
    m: int
    plain: str
    plain_mean: float
    semi_supervised: str
    semi_supervised_mean: float
    wilcoxon_p: float | None
    t_p: float | None

    @property
    def difference(self) -> float:
        """Mean AUROC of the plain classifier minus that of the semi-supervised method."""
        return self.plain_mean - self.semi_supervised_mean

    @property
    def is_significant(self) -> bool:
        """Whether both corrected tests agree that there is a difference; if not, it is one on average only."""
        return all(p is not None and p < LEVEL for p in (self.wilcoxon_p, self.t_p))


def contests(regime: str, m: int, scores: Mapping[str, Scores]) -> list[Contest]:
    """Return a contest per data set of ``scores``, corrected together; without those that lack one of the sides."""
    found = []
    for dataset, of in scores.items():
        kinds = (PLAIN_CLASSIFIERS, SEMI_SUPERVISED)
        plain, semi = ({name: of[name] for name in kind if of.get(name)} for kind in kinds)
        if plain and semi:
            found.append(Contest(dataset, regime, m, *_numbers(plain, semi)))
    wilcoxon, t = (holm([getattr(one, name) for one in found]) for name in ("wilcoxon_p", "t_p"))
    return [replace(one, wilcoxon_p=w, t_p=p) for one, w, p in zip(found, wilcoxon, t, strict=True)]


def _numbers(plain: Scores, semi: Scores) -> tuple[str, float, str, float, float | None, float | None]:
    """Return the contestants with their means, and the p-values before their correction."""
    (plain_name, plain_mean), (semi_name, semi_mean) = map(_best, (plain, semi))
    if plain_mean > semi_mean:
        winner, losers, second = plain[plain_name], semi, semi_name
    else:
        winner, losers, second = semi[semi_name], plain, plain_name
    tests = {name: paired_test(winner, by_seed) for name, by_seed in losers.items()}
    p_values = [test.wilcoxon_p for test in tests.values()]
    wilcoxon = max(p for p in p_values if p is not None) if None not in p_values else None
    return plain_name, plain_mean, semi_name, semi_mean, wilcoxon, tests[second].t_p


def _best(scores: Scores) -> tuple[str, float]:
    means = {name: math.fsum(by_seed.values()) / len(by_seed) for name, by_seed in scores.items()}
    return max(means.items(), key=lambda entry: entry[1])
