"""Paired tests over seeds between two methods, with Holm's correction over data sets.

Two runs make a pair when they share the seed, and so the split: the tests ask whether the differences of a
pair are centred on zero. Both tests are two-sided. The best two methods of a data set are chosen from the
same numbers that the test then sees, so its p-value flatters; those against a fixed reference do not.

Splits of one table share rows, as do the runs of one normal class, so their differences are not independent and the
p-values of both tests are too small. :func:`corrected_t_test` allows for it where splits are drawn at random.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

Scores = Mapping[tuple[str, str], Mapping[int, float]]
"""Per (data set, method): the AUROC of each seed that did not fail."""


_ROUNDING = 1e-12
"""An AUROC is a ratio of whole numbers: two that are closer than this are one."""


class PairedTest(NamedTuple):
    """What a paired comparison found; p-values are None with fewer than two pairs."""

    n_pairs: int
    difference: float | None
    wilcoxon_p: float | None
    t_p: float | None


@dataclass(frozen=True)
class Comparison:
    """``first`` against ``second`` on one data set; ``difference`` is the mean of first minus second.

    ``resampled_p`` is that of :func:`corrected_t_test`, None where training and test rows are no random split.
    ``wilcoxon_holm``, ``t_holm`` and ``resampled_holm`` are corrected over the data sets of the same ``family``.
    """

    family: str
    dataset: str
    first: str
    second: str
    n_pairs: int
    difference: float | None
    wilcoxon_p: float | None
    t_p: float | None
    wilcoxon_holm: float | None = None
    t_holm: float | None = None
    resampled_p: float | None = None
    resampled_holm: float | None = None


def paired_test(first: Mapping[int, float], second: Mapping[int, float]) -> PairedTest:
    """Compare two methods over the seeds they share: Wilcoxon's signed-rank test and the paired t-test.

    Seeds that only one of them has are left out. Differences below 1e-12 are rounding and count as zero.
    Zero differences are dropped by Wilcoxon's test (scipy's ``zero_method="wilcox"``); when all are zero both
    p-values are 1.

    >>> paired_test({0: 0.9, 1: 0.8, 2: 0.7}, {0: 0.9, 1: 0.8, 2: 0.7})
    PairedTest(n_pairs=3, difference=0.0, wilcoxon_p=1.0, t_p=1.0)
    """
    import numpy as np
    from scipy import stats

    seeds = sorted(first.keys() & second.keys())
    differences = np.array([first[seed] - second[seed] for seed in seeds])
    differences[np.abs(differences) < _ROUNDING] = 0.0
    if len(seeds) == 0:
        return PairedTest(0, None, None, None)
    mean = float(differences.mean())
    if len(seeds) == 1:
        return PairedTest(1, mean, None, None)
    if not differences.any():
        return PairedTest(len(seeds), 0.0, 1.0, 1.0)
    wilcoxon_p = float(stats.wilcoxon(differences).pvalue)
    if (
        np.ptp(differences) < _ROUNDING
    ):  # equal differences, no spread: the limit of the t-test; scipy would warn
        return PairedTest(len(seeds), mean, wilcoxon_p, 0.0)
    t_p = float(stats.ttest_1samp(differences, 0.0).pvalue)
    return PairedTest(len(seeds), mean, wilcoxon_p, t_p)


def corrected_t_test(first: Mapping[int, float], second: Mapping[int, float], ratio: float) -> float | None:
    r"""Return the p-value of the corrected resampled t-test over the seeds that two methods share, two-sided.

    .. math:: t=\bar d\Big/\sqrt{\left(\tfrac1J+\tfrac{n_{test}}{n_{train}}\right)s^2}

    with J - 1 degrees of freedom: J random splits of one table share most of their rows, so that the variance of the
    mean difference is more than :math:`s^2/J`. None with fewer than two pairs.

    Reference: Nadeau and Bengio (2003), Inference for the Generalization Error, Machine Learning 52, section 3.

    Parameters
    ----------
    first, second : mapping of seed to score
    ratio : float
        Test rows per training row, above 0.

    >>> round(corrected_t_test({0: 1.0, 1: 2.0, 2: 3.0}, {0: 0.0, 1: 0.0, 2: 0.0}, 2 / 3), 3)
    0.184
    """
    import numpy as np
    from scipy import stats

    seeds = sorted(first.keys() & second.keys())
    differences = np.array([first[seed] - second[seed] for seed in seeds])
    if len(seeds) < 2:
        return None
    if np.ptp(differences) < _ROUNDING:
        return 0.0 if abs(differences.mean()) >= _ROUNDING else 1.0
    variance = (1 / len(seeds) + ratio) * differences.var(ddof=1)
    return float(2 * stats.t.sf(abs(differences.mean()) / math.sqrt(variance), len(seeds) - 1))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p-values for testing several hypotheses, by Holm's step-down method.

    The smallest of m is multiplied by m, the next by m − 1, and so on; a corrected value is never below
    that of a smaller p-value and never above 1. None stays None and does not count.

    Reference: Holm (1979), A simple sequentially rejective multiple test procedure.

    >>> holm([0.25, 0.125, None, 0.5])
    [0.5, 0.375, None, 0.5]
    """
    order = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    floor = 0.0
    for rank, (p, i) in enumerate(order):
        floor = max(floor, min(1.0, (len(order) - rank) * p))
        corrected[i] = floor
    return corrected


Ratios = Mapping[str, float]
"""Per data set of random splits: test rows per training row."""


def _family(
    name: str, scores: Scores, pairs: Sequence[tuple[str, str, str]], ratios: Ratios
) -> list[Comparison]:
    rows = []
    for dataset, first, second in pairs:
        both = scores[dataset, first], scores[dataset, second]
        resampled = corrected_t_test(*both, ratios[dataset]) if dataset in ratios else None
        found = Comparison(name, dataset, first, second, *paired_test(*both), resampled_p=resampled)
        rows.append(found)
    corrected = (holm([getattr(row, name) for row in rows]) for name in ("wilcoxon_p", "t_p", "resampled_p"))
    return [
        replace(row, wilcoxon_holm=w, t_holm=t, resampled_holm=r)
        for row, w, t, r in zip(rows, *corrected, strict=True)
    ]


def best_against_second(scores: Scores, ratios: Ratios = MappingProxyType({})) -> list[Comparison]:
    """Compare, on each data set, the two methods of highest mean score (the first listed wins a tie)."""
    pairs = []
    for dataset in dict.fromkeys(dataset for dataset, _ in scores):
        means = [
            (math.fsum(by_seed.values()) / len(by_seed), method)
            for (of, method), by_seed in scores.items()
            if of == dataset and by_seed
        ]
        ranked = sorted(means, key=lambda entry: -entry[0])
        if len(ranked) >= 2:
            pairs.append((dataset, ranked[0][1], ranked[1][1]))
    return _family("best against second", scores, pairs, ratios)


def against(
    reference: str, methods: Sequence[str], scores: Scores, ratios: Ratios = MappingProxyType({})
) -> list[Comparison]:
    """Compare each of ``methods`` with ``reference`` on each data set with both; one family per method."""
    rows: list[Comparison] = []
    for method in methods:
        datasets = [of for of, name in scores if name == method and (of, reference) in scores]
        pairs = [(of, method, reference) for of in datasets if scores[of, method] and scores[of, reference]]
        rows += _family(f"{method} against {reference}", scores, pairs, ratios)
    return rows
