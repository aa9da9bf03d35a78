"""Whether counts of two sets of rows can be from one distribution: p-values, and how far apart they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Amounts = NDArray[np.float64] | NDArray[np.int64]

_FEWEST = 5.0  # expected rows of a cell in both sets, under which it is joined with others
_MANY = 100_000  # rows


class Difference(NamedTuple):
    """How two sets of rows differ.

    `p_value` is how often two sets from one distribution differ as much; `distance`, 0 to 1, the share of rows that
    would have to change cells at least; `cell` the one where they differ most, `before` and `now` its share in the
    two. Of ordered cells it is the share above `cell`, or, if `below`, up to it: of the two the one that grew.
    """

    p_value: float
    distance: float
    cell: int
    before: float
    now: float
    below: bool = False


def shift(before: Amounts, now: Amounts) -> Difference:
    r"""Return how counts in ordered cells differ, by the test of Kolmogorov and Smirnov.

    The distance is :math:`D=\max_k|F(k)-G(k)|`; its p-value that of as many rows without cells, so it is never too
    small: between cells, and among equal values, the distance could only be larger.

    References: Smirnov (1948), Table for Estimating the Goodness of Fit of Empirical Distributions; Stephens (1970),
    Use of the Kolmogorov-Smirnov, Cramér-von Mises and Related Statistics Without Extensive Tables, for small samples.

    >>> shift(np.array([50, 50]), np.array([0, 100]))[1:]
    (0.5, 0, 0.5, 1.0, False)
    """
    n, m = float(before.sum()), float(now.sum())
    if not n or not m or len(before) < 2:
        return Difference(1.0, 0.0, 0, 0.0, 0.0)
    shares, shares_now = before.cumsum()[:-1] / n, now.cumsum()[:-1] / m
    cell = int(np.abs(shares - shares_now).argmax())
    share, share_now = float(shares[cell]), float(shares_now[cell])
    distance = abs(share - share_now)
    root = np.sqrt(n * m / (n + m))
    p = float(special.kolmogorov((root + 0.12 + 0.11 / root) * distance))  # Stephens
    if share_now > share:
        return Difference(p, distance, cell, share, share_now, below=True)
    return Difference(p, distance, cell, 1 - share, 1 - share_now)


def other_shares(before: Amounts, now: Amounts) -> Difference:
    r"""Return how counts in cells without an order differ, by Pearson's chi-squared test, of two cells by Fisher's.

    The distance is :math:`\frac12\sum_k|p_k-q_k|`, less what is to be expected by chance alone, in squares. Cells that
    either set can be expected to have fewer than five rows in are joined into one.

    References: Pearson (1900); Fisher (1922), On the interpretation of chi-squared from contingency tables; Bergsma
    (2013), A bias-correction for Cramér's V and Tschuprow's T, for the idea of the correction.

    >>> found = other_shares(np.array([900, 100]), np.array([500, 500]))
    >>> round(found.distance, 2), found.cell, found.before, found.now
    (0.4, 1, 0.1, 0.5)
    """
    n, m = float(before.sum()), float(now.sum())
    if not n or not m:
        return Difference(1.0, 0.0, 0, 0.0, 0.0)
    shares, shares_now = before / n, now / m
    change = shares_now - shares
    # of two that change alike, the one there is more of now: "missing" rather than "there"
    cell = int(np.lexsort((change, np.abs(change).round(9)))[-1])
    rows, rows_now = (before, now) if len(before) == 2 else _joined(before, now)
    together = (rows + rows_now) / (n + m)
    chance = np.sqrt(2 / np.pi * together * (1 - together) * (1 / n + 1 / m)).sum() / 2
    apart = np.abs(rows / n - rows_now / m).sum() / 2
    distance = float(np.sqrt(max(apart**2 - chance**2, 0.0)))
    return Difference(_p_value(rows, rows_now), distance, cell, float(shares[cell]), float(shares_now[cell]))


def _joined(before: Amounts, now: Amounts) -> tuple[Amounts, Amounts]:
    """Return the counts with rare cells joined; where these are still rare, with the smallest of the others."""
    share = min(before.sum(), now.sum()) / (before.sum() + now.sum())
    expected = (before + now) * share
    order = np.argsort(expected, kind="stable")
    first = int((expected < _FEWEST).sum())
    if first and expected[order[:first]].sum() < _FEWEST:
        first += 1
    rare, common = order[:first], order[first:]
    return tuple(  # type: ignore[return-value]
        np.concatenate([counts[common], [counts[rare].sum()] if first else []]) for counts in (before, now)
    )


def _p_value(before: Amounts, now: Amounts) -> float:
    if len(before) < 2:
        return 1.0
    if len(before) == 2:
        return float(stats.fisher_exact(np.rint([before, now]).astype(int))[1])
    together = before + now
    n, m = before.sum(), now.sum()
    expected = together * n / (n + m), together * m / (n + m)
    statistic = sum(((seen - e) ** 2 / e).sum() for seen, e in zip((before, now), expected, strict=True))
    return float(stats.chi2.sf(statistic, len(before) - 1))


def more_in_the_tail(n: int, in_tail: int, m: int, in_tail_now: int) -> float:
    r"""Return the p-value of so many of m new rows scoring as low as the `in_tail` lowest of n rows.

    Exact, whatever the distribution of scores: if all n + m rows are exchangeable, the number is beta-binomial with m,
    :math:`r` and :math:`n+1-r`; both too many and too few count.

    Reference: Bates, Candès, Lei, Romano and Sesia (2023), Testing for outliers with conformal p-values.

    >>> more_in_the_tail(1000, 50, 100, 5) > 0.5, more_in_the_tail(1000, 50, 100, 30) < 1e-6
    (True, True)
    """
    if not 0 < in_tail <= n or not m:
        return 1.0
    if (
        m > _MANY
    ):  # the number of new rows plays no part any more: their share is that of the beta distribution
        share = stats.beta(in_tail, n + 1 - in_tail)
        return float(min(1.0, 2 * min(share.cdf(in_tail_now / m), share.sf(in_tail_now / m))))
    law = stats.betabinom(m, in_tail, n + 1 - in_tail)
    return float(min(1.0, 2 * min(law.cdf(in_tail_now), law.sf(in_tail_now - 1))))


def detectable(n: float, m: float, level: float) -> float:
    """Return the smallest distance that :func:`shift` would tell at a level, between n rows and m; 1 at most.

    >>> round(detectable(1000, 1000, 0.05), 2), detectable(1000, 1, 0.05)
    (0.06, 1.0)
    """
    if not n or not m:
        return 1.0
    return float(min(1.0, np.sqrt(-np.log(level / 2) / 2 * (1 / n + 1 / m))))
