"""Average ranks over data sets: Friedman's test and Nemenyi's critical difference.

On each data set the method with the highest mean score has rank 1; equal scores share the average of their
ranks. Friedman's test asks whether all methods are alike; if they are not, two methods differ when their
average ranks are at least the critical difference apart. The data sets are the sample, not the seeds, so with
five or six of them only large differences can be seen.

Reference: Demšar (2006), Statistical comparisons of classifiers over multiple data sets, section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from askew.errors import InvalidInputError, must


@dataclass(frozen=True)
class Ranks:
    """Average ranks of methods over data sets.

    ``methods`` are in the order of their ``average`` ranks, equal ones in the order given; ``left_out`` are methods
    and data sets that have gaps. ``chi2`` is Friedman's statistic, corrected for ties, and ``f`` Iman and Davenport's,
    which is less conservative (infinite when all data sets agree): None for fewer than three methods or two data sets.
    ``critical_difference`` is at the level ``alpha``; None for fewer than two methods or data sets.
    """

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    average: tuple[float, ...]
    left_out: tuple[str, ...] = ()
    alpha: float = 0.05
    chi2: float | None = None
    chi2_p: float | None = None
    f: float | None = None
    f_p: float | None = None
    critical_difference: float | None = None

    def rank(self, method: str) -> float | None:
        """Return the average rank of ``method``; None if it was left out."""
        return dict(zip(self.methods, self.average, strict=True)).get(method)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The largest groups of two or more methods that do not differ, the thick bars of the plot."""
        if self.critical_difference is None:
            return ()
        found: list[tuple[int, int]] = []
        for first, low in enumerate(self.average):
            last = max(i for i, rank in enumerate(self.average) if rank - low < self.critical_difference)
            if last > first and not (found and found[-1][1] >= last):
                found.append((first, last))
        return tuple(self.methods[first : last + 1] for first, last in found)


def nemenyi(n_methods: int, n_datasets: int, alpha: float = 0.05) -> float:
    """Return Nemenyi's critical difference of average ranks, q_α √(k(k+1)/6N).

    q_α is the quantile of the studentised range for k methods and infinitely many degrees of freedom, divided by √2
    (Demšar's Table 5). An InvalidInputError names an argument that is out of range.

    >>> round(nemenyi(4, 14), 2)  # Demšar's example
    1.25
    """
    checks = (
        ("n_methods", n_methods >= 2, "at least 2", n_methods),
        ("n_datasets", n_datasets >= 1, "at least 1", n_datasets),
        ("alpha", 0 < alpha < 1, "in (0, 1)", alpha),
    )
    for name, fine, rule, got in checks:
        if not fine:
            raise InvalidInputError(must(name, "nemenyi", rule, got, "Compare more, or use alpha=0.05."))
    from scipy import stats

    q = float(stats.studentized_range.ppf(1 - alpha, n_methods, math.inf)) / math.sqrt(2)
    return q * math.sqrt(n_methods * (n_methods + 1) / (6 * n_datasets))


def complete_block(
    means: Mapping[tuple[str, str], float], datasets: Sequence[str], methods: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return data sets and methods without gaps: again and again the one with most gaps is left out.

    A data set goes before a method with the same share of gaps.

    >>> means = {("a", "x"): 0.9, ("a", "y"): 0.8, ("b", "x"): 0.7, ("b", "y"): 0.9, ("c", "x"): 1.0}
    >>> complete_block(means, ["a", "b", "c"], ["x", "y"])
    (['a', 'b'], ['x', 'y'])
    """
    rows, columns = list(datasets), list(methods)
    while rows and columns:
        gaps = {(0, of): sum((of, name) not in means for name in columns) / len(columns) for of in rows}
        gaps |= {(1, name): sum((of, name) not in means for of in rows) / len(rows) for name in columns}
        if not any(gaps.values()):
            break
        (axis, name), _ = max(gaps.items(), key=lambda gap: gap[1])
        (columns if axis else rows).remove(name)
    return rows, columns


def average_ranks(
    means: Mapping[tuple[str, str], float],
    datasets: Sequence[str],
    methods: Sequence[str],
    alpha: float = 0.05,
) -> Ranks:
    """Rank ``methods`` over ``datasets`` by their mean scores.

    ``means`` are by data set and method, higher is better. A cell that was run and failed altogether takes ``-inf``,
    the last rank; a missing cell was not run, and its data set or method is left out (:func:`complete_block`).
    ``alpha`` is the level of the critical difference.
    """
    rows, columns = complete_block(means, datasets, methods)
    if not rows or not columns:
        return Ranks((), (), (), (*datasets, *methods), alpha)
    left_out = (*(of for of in datasets if of not in rows), *(m for m in methods if m not in columns))
    import numpy as np
    from scipy import stats

    scores = np.array([[means[of, name] for name in columns] for of in rows])
    average = stats.rankdata(-scores, axis=1).mean(axis=0)
    order = np.argsort(average, kind="stable")
    chi2, chi2_p, f, f_p = _friedman(stats.rankdata(scores, axis=1))
    enough = len(rows) > 1 and len(columns) > 1
    return Ranks(
        methods=tuple(columns[i] for i in order),
        datasets=tuple(rows),
        average=tuple(float(average[i]) for i in order),
        left_out=left_out,
        alpha=alpha,
        chi2=chi2,
        chi2_p=chi2_p,
        f=f,
        f_p=f_p,
        critical_difference=nemenyi(len(columns), len(rows), alpha) if enough else None,
    )


def _friedman(ranks: object) -> tuple[float | None, float | None, float | None, float | None]:
    """Return χ² and Iman and Davenport's F with their p-values, of ranks (data sets, methods)."""
    import numpy as np
    from scipy import stats

    table = np.asarray(ranks, dtype=np.float64)
    n, k = table.shape
    if n < 2 or k < 3:
        return None, None, None, None
    if not np.ptp(table):  # everything is tied everywhere: scipy would divide by zero
        return 0.0, 1.0, 0.0, 1.0
    found = stats.friedmanchisquare(*table.T)
    chi2, rest = float(found.statistic), n * (k - 1) - float(found.statistic)
    if rest < 1e-9:
        return chi2, float(found.pvalue), math.inf, 0.0
    f = (n - 1) * chi2 / rest
    return chi2, float(found.pvalue), f, float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))
