"""What every split is made of: its two sets, the stratified hold-out and the check of a seed."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from askew import labels
from askew.errors import InvalidInputError, must

Rows: TypeAlias = NDArray[np.intp]
"""Indices of rows."""

TEST_SIZE = 0.4
"""Share of each class that the papers hold out of a table."""


@dataclass(frozen=True, eq=False)
class Split:
    """A training set with labels and a test set with ground truth; rows of both are in random order."""

    X_train: NDArray[Any]
    """Training rows (n_train, ...): tables are float64 and not scaled (but by the loader in mode ``"leaky"``)."""
    y_train: labels.Labels
    """(n_train,): 0 unlabelled, -1 labelled anomaly."""
    anomaly_train: NDArray[np.bool_]
    """Ground truth of the training rows, for counting pollution; nothing may learn from it."""
    X_test: NDArray[Any]
    anomaly_test: NDArray[np.bool_]
    """Ground truth of the test rows, (n_test,)."""
    train_rows: Rows
    test_rows: Rows
    """Where the rows came from: indices into the table, or into the test arrays that were passed."""

    @classmethod
    def of_rows(
        cls, X: NDArray[Any], anomaly: NDArray[np.bool_], rows: Rows, y: labels.Labels, test: Rows
    ) -> Split:
        """Return the split of X and its ground truth that trains on `rows`, with labels y, and tests on `test`."""
        return cls(X[rows], y, anomaly[rows], X[test], anomaly[test], rows, test)

    @property
    def n_train(self) -> int:
        """Training rows, labelled or not."""
        return len(self.y_train)

    @property
    def n_normal(self) -> int:
        """Normal training rows."""
        return int((~self.anomaly_train).sum())

    @property
    def n_labelled(self) -> int:
        """Labelled anomalies in the training set."""
        return int((self.y_train == -1).sum())

    @property
    def n_polluted(self) -> int:
        """Anomalies among the unlabelled training rows."""
        return int((self.anomaly_train & (self.y_train == 0)).sum())

    @property
    def n_test(self) -> int:
        """Test rows."""
        return len(self.anomaly_test)

    @property
    def n_test_anomalies(self) -> int:
        """Anomalies in the test set."""
        return int(self.anomaly_test.sum())


def hold_out(classes: NDArray[Any], share: Fraction, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return the rows of the training pool and of the test set, stratified, both in random order."""
    pool, test = [], []
    for value in np.unique(classes):
        rows = rng.permutation(np.flatnonzero(classes == value))
        n_test = math.ceil(len(rows) * share)
        test.append(rows[:n_test])
        pool.append(rows[n_test:])
    return np.concatenate(pool), rng.permutation(np.concatenate(test))


def shuffled_labels(rows: Rows, n_labelled: int, rng: np.random.Generator) -> tuple[Rows, labels.Labels]:
    """Return `rows` in random order, and their labels: the last `n_labelled` of them are labelled anomalies."""
    order = rng.permutation(len(rows))  # or the anomalies' place would tell what they are
    return rows[order], labels.ours(labels_of_last(len(rows), n_labelled)[order])


def labels_of_last(n_rows: int, n_labelled: int) -> labels.Labels:
    """Return the labels of rows whose last `n_labelled` are labelled anomalies, (n_rows,).

    >>> labels_of_last(3, 1)
    Labels([ 0,  0, -1], dtype=int8)
    """
    return labels.ours(np.repeat(np.array([0, -1], dtype=np.int8), [n_rows - n_labelled, n_labelled]))


def checked_seed(seed: int, owner: str) -> int:
    """Return the seed as an int, or refuse it in the name of ``owner``."""
    try:
        number = operator.index(seed)
    except TypeError:
        number = -1
    if isinstance(seed, bool) or not 0 <= number < 2**32:
        remedy = "Use another seed for every repetition, for example 0 to 9."
        raise InvalidInputError(must("seed", owner, "an integer from 0 to 2**32 - 1", seed, remedy))
    return number
