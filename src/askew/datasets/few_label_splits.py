"""Splits with m labelled anomalies, like the test anomalies (*seen*) or unlike them (*unseen*).

For the question of a practitioner: what does a handful of labels bring, and what if the next anomaly is of
another kind? Neither split nor regimes are from the papers. For one table, seed and regime:

- the test set is the same for every m, and so are the normal training rows;
- the labelled rows are nested: those of m = 5 contain those of m = 2.

Seen: 60:40, stratified, exactly as :func:`askew.datasets.splits.classic_split` with that seed; the labelled
rows are drawn from the 60 % of the anomalies that are not for testing. Unseen: the normal rows as before; the
anomalies are clustered, the labelled rows are drawn from one cluster, and the rows of all other clusters are
for testing. What is left of the pool of labelled rows is dropped, or hides among the unlabelled rows.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from askew.datasets.ratios import as_ratio, n_polluted
from askew.datasets.tables import Table
from askew.datasets.train_test_split import TEST_SIZE, Rows, Split, checked_seed, hold_out, shuffled_labels
from askew.errors import InvalidInputError, must

__all__ = ["REGIMES", "Regime", "anomaly_clusters", "few_labels_split", "most_labels"]

Regime = Literal["seen", "unseen"]
REGIMES: tuple[Regime, ...] = ("seen", "unseen")

_CLUSTERS = 3
_LARGE, _FAIR = 50, 20
"""A cluster is labelled if it has 50 rows; 20 do in a table without such a cluster."""

_STREAM = 0xFE  # a stream of its own beside the hold-out's, so that drawing labels cannot move the test set


def few_labels_split(
    table: Table,
    seed: int,
    m: int,
    regime: Regime = "seen",
    pollution_ratio: float = 0.0,
    max_normals: int | None = None,
    test_size: float = TEST_SIZE,
) -> Split:
    """Split a table into a training set with m labelled anomalies and a test set; rows are float64, not scaled.

    Parameters
    ----------
    table : Table
        From :func:`askew.datasets.load`.
    seed : int
        At least 0; the only source of chance. Decides the hold-out, which cluster is labelled (*unseen*), and
        the order in which rows are labelled.
    m : int
        Labelled anomalies; 0 for none, at most :func:`most_labels`.
    regime : {"seen", "unseen"}
        Whether test anomalies are like the labelled ones; see the module.
    pollution_ratio : float in [0, 1)
        Share of the unlabelled training rows that are anomalies: rows of the pool of labelled anomalies that
        are labelled last, so that they are the same for every m that leaves enough.
    max_normals : int, optional
        Keep a random sample of this many normal training rows if there are more; by default all.
    test_size : float in (0, 1)
        Share of the normal rows, and in the regime *seen* of the anomalies, that is held out, rounded up.

    Raises
    ------
    InvalidInputError
        If an argument is out of range, or the pool has too few anomalies for m and the pollution; in the
        regime *unseen* also if the table's anomalies have no two clusters of some size.

    Examples
    --------
    >>> from askew.datasets import load
    >>> two, five = (few_labels_split(load("cardio"), seed=0, m=m) for m in (2, 5))
    >>> two.n_labelled, two.n_normal, two.n_test, two.n_test_anomalies
    (2, 993, 733, 71)
    >>> bool(set(two.train_rows) < set(five.train_rows)), bool((two.test_rows == five.test_rows).all())
    (True, True)
    """
    owner = "few_labels_split"
    seed, share = checked_seed(seed, owner), as_ratio("test_size", test_size, owner, above_zero=True)
    pool, test = hold_out(table.anomaly, share, np.random.default_rng(seed))
    normals = pool[~table.anomaly[pool]]
    if max_normals is not None:
        rule = "an integer of at least 1, or None"
        normals = normals[: _whole("max_normals", max_normals, rule, 1, math.inf, "None keeps all rows.")]
    drawing = np.random.default_rng([seed, _STREAM])
    if _checked(regime, owner) == "seen":
        candidates = pool[table.anomaly[pool]]  # in random order already
    else:
        candidates, others = _one_cluster(table, drawing, owner)
        test = drawing.permutation(np.concatenate([test[~table.anomaly[test]], others]))
    rule = f"an integer from 0 to {len(candidates)}, the anomalies there are to label"
    m = _whole("m", m, rule, 0, len(candidates), "most_labels() tells what a table can give.")
    p = n_polluted(len(normals), pollution_ratio)
    if m + p > len(candidates):
        rule = f"a ratio that the {len(candidates) - m} anomalies which are not labelled can fill"
        remedy = f"It needs {p}: lower it, or use a table with more anomalies."
        raise InvalidInputError(must("pollution_ratio", owner, rule, pollution_ratio, remedy))
    rows = np.concatenate([normals, candidates[len(candidates) - p :], candidates[:m]])
    return Split.of_rows(table.X, table.anomaly, *shuffled_labels(rows, m, drawing), test)


def most_labels(table: Table, regime: Regime = "seen", test_size: float = TEST_SIZE) -> int:
    """Return the largest m that :func:`few_labels_split` can label under every seed.

    >>> from askew.datasets import load
    >>> [most_labels(load("arrhythmia"), regime) for regime in ("seen", "unseen")]
    [39, 27]
    """
    owner = "most_labels"
    if _checked(regime, owner) == "unseen":
        return min(len(rows) for rows in _eligible(table, owner))
    n = int(table.anomaly.sum())
    share: Fraction = as_ratio("test_size", test_size, owner, above_zero=True)
    return n - math.ceil(n * share)


def anomaly_clusters(table: Table) -> tuple[Rows, ...]:
    """Return the rows of the three clusters of a table's anomalies, the largest cluster first.

    k-means on the anomalous rows alone, standardised by their own mean and standard deviation (a column that
    is constant among them counts for nothing), the best of ten starts from a fixed seed: the table decides
    the clusters, and nothing else. MacQueen (1967), Some Methods for Classification and Analysis of
    Multivariate Observations.
    """
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    rows: NDArray[np.intp] = np.flatnonzero(table.anomaly)
    scaled = StandardScaler().fit_transform(table.X[rows])
    number = KMeans(_CLUSTERS, n_init=10, random_state=0).fit_predict(scaled)
    clusters = [rows[number == k] for k in range(_CLUSTERS)]
    return tuple(sorted(clusters, key=lambda cluster: (-len(cluster), int(cluster[0]))))


def _eligible(table: Table, owner: str) -> list[Rows]:
    """Return the clusters that may be labelled: those of 50 rows, or of 20 where no cluster has 50."""
    clusters = anomaly_clusters(table)
    for least in (_LARGE, _FAIR):
        large = [rows for rows in clusters if len(rows) >= least]
        if large:
            return large
    sizes = [len(rows) for rows in clusters]
    rule = f"a table with a cluster of at least {_FAIR} anomalies for the regime unseen"
    raise InvalidInputError(must("table", owner, rule, sizes, "Use the regime seen, or a larger table."))


def _one_cluster(table: Table, drawing: np.random.Generator, owner: str) -> tuple[Rows, Rows]:
    """Return the anomalies of a random cluster in random order, and all other anomalies."""
    eligible = _eligible(table, owner)
    labelled = drawing.permutation(eligible[drawing.integers(len(eligible))])
    return labelled, np.setdiff1d(np.flatnonzero(table.anomaly), labelled)


def _checked(regime: Regime, owner: str) -> Regime:
    if regime not in REGIMES:
        remedy = (
            "In seen the test anomalies are like the labelled ones, in unseen they are of other clusters."
        )
        raise InvalidInputError(must("regime", owner, "'seen' or 'unseen'", regime, remedy))
    return regime


def _whole(argument: str, value: int, rule: str, least: int, most: float, remedy: str) -> int:
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = -1
    if not least <= number <= most:
        raise InvalidInputError(must(argument, "few_labels_split", rule, value, remedy))
    return number
