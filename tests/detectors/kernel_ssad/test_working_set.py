"""A working set that grows reaches the solution of all rows."""

import numpy as np
import pytest

from askew.detectors.kernel_ssad.smo import solve
from askew.detectors.kernel_ssad.working_set import solve_many

RNG = np.random.default_rng(0)
CENTRE = np.random.default_rng(2).normal(scale=0.05, size=(30, 2))


def rbf(a, b, gamma):
    return np.exp(-gamma * ((a[:, None] - b[None]) ** 2).sum(-1))


def two_sides():
    """Return rows with anomalies on the right, five of them known, and the truth."""
    rng = np.random.default_rng(5)
    X = np.r_[rng.normal(size=(80, 2)), rng.normal(size=(20, 2)) * 0.3 + [2.5, 0.0]]
    y = np.r_[np.zeros(80), -np.ones(5), np.zeros(15)]
    return X, y, np.arange(100) >= 80


@pytest.mark.parametrize(("n_normal", "largest"), [(0, 6000), (6, 6000), (6, 60)])
def test_a_working_set_that_grows_reaches_the_solution_of_all_rows(monkeypatch, n_normal, largest):
    monkeypatch.setattr("askew.detectors.kernel_ssad.working_set._LARGEST", largest)
    monkeypatch.setattr("askew.detectors.kernel_ssad.working_set._ADDED", 25)
    X = RNG.normal(size=(400, 4))
    labels = np.zeros(400, dtype=np.int8)
    labels[10 : 10 + n_normal], labels[:10] = 1, -1
    X[:10] += 2.0
    rows, beta = solve_many(X, labels, 0.1, np.r_[np.arange(16), [20, 30]], 1.0, 1.0, 1e-7)
    kernel = rbf(X, X, 0.1)
    np.testing.assert_allclose(kernel[:, rows] @ beta, solve(kernel, labels, tolerance=1e-7).sums, atol=1e-6)
