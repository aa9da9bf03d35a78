"""The solver of the dual against a QP library and by hand."""

import numpy as np
import pytest
import quadprog

import askew
from askew.detectors.kernel_ssad.smo import feasible_start, solve
from askew.errors import InvalidInputError, TrainingError

RNG = np.random.default_rng(0)
CENTRE = np.random.default_rng(2).normal(scale=0.05, size=(30, 2))


def rbf(a, b, gamma):
    return np.exp(-gamma * ((a[:, None] - b[None]) ** 2).sum(-1))


def by_quadprog(kernel, labels, C, kappa):
    """Return α and the objective; raises ValueError where there is no solution."""
    n, y = len(kernel), np.where(labels < 0, -1.0, 1.0)
    rows = np.c_[y, labels != 0, np.eye(n), -np.eye(n)].astype(float)
    bounds = np.r_[1.0, kappa, np.zeros(n), -C * np.ones(n)]
    quadratic = kernel * np.outer(y, y) + 1e-10 * np.eye(n)
    return quadprog.solve_qp(quadratic, np.zeros(n), rows, bounds, meq=1)[:2]


def problem(seed):
    """Return a random kernel, labels of all three kinds, C and κ; some have no solution."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 50))
    labels = np.zeros(n, dtype=np.int8)
    labels[: rng.integers(1, 4)] = -1
    labels[n - rng.integers(0, 4) :] = 1
    x = rng.normal(size=(n, 3))
    # none of these sums lies on the edge of what can be solved, where rounding decides for the QP library
    C, kappa = rng.choice([0.3, 0.55, 1.1, 2.0]), rng.choice([0.0, 0.31, 1.07, 1.55])
    return (
        rbf(x, x, 2.0 ** rng.integers(-7, 3)),
        labels,
        C,
        kappa,
    )


def test_agrees_with_a_qp_library_on_random_problems():
    solved, bound_by_kappa = 0, 0
    for seed in range(80):
        kernel, labels, C, kappa = problem(seed)
        try:
            expected, objective = by_quadprog(kernel, labels, C, kappa)
        except ValueError:
            with pytest.raises(InvalidInputError, match="must leave a solution; with C="):
                feasible_start(labels, C, kappa)
            continue
        y = np.where(labels < 0, -1.0, 1.0)
        found = solve(kernel, labels, C, kappa, tolerance=1e-8)
        assert found.alpha.min() >= 0 and found.alpha.max() <= C
        assert y @ found.alpha == pytest.approx(1.0, abs=1e-9)
        assert found.alpha[labels != 0].sum() >= kappa - 1e-9
        assert 0.5 * (y * found.alpha) @ found.sums == pytest.approx(objective, rel=1e-6)
        np.testing.assert_allclose(found.sums, kernel @ (y * expected), atol=1e-4 * np.abs(found.sums).max())
        solved += 1
        bound_by_kappa += kappa > 0 and found.alpha[labels != 0].sum() < kappa + 1e-6
    assert solved > 50 and 10 < bound_by_kappa < solved  # both cases of the labelled sum occur


def test_two_rows_and_an_anomaly_by_hand():
    # α of the anomaly is κ=1, so the other two share 2 by symmetry: w = φ(a) + φ(b) − φ(c)
    X, gamma = np.array([[-1.0], [1.0], [0.0]]), 0.5
    detector = askew.KernelSSAD(gamma=gamma, scale=None).fit(X, [0, 0, -1])
    new = np.array([[0.3], [2.0], [-1.0]])
    np.testing.assert_allclose(
        detector.score_samples(new), rbf(new, X, gamma) @ [1.0, 1.0, -1.0], rtol=1e-9, atol=1e-12
    )


def test_one_row_of_each_kind_by_hand():
    # orthogonal rows: α = (2x, 1-x, x) has both sums at 1, and 4x² + (1-x)² + x² is least at x = 1/6
    found = solve(np.eye(3), np.array([0, 1, -1], dtype=np.int8), tolerance=1e-10)
    np.testing.assert_allclose(found.alpha, [1 / 3, 5 / 6, 1 / 6], rtol=1e-8)


def test_a_start_from_a_neighbour_reaches_the_same_in_fewer_steps():
    X = RNG.normal(size=(300, 5))
    X[:10] += 3.0
    labels = np.zeros(300, dtype=np.int8)
    labels[:10] = -1
    neighbour = solve(rbf(X, X, 0.0625), labels)
    cold = solve(rbf(X, X, 0.03125), labels)
    warm = solve(rbf(X, X, 0.03125), labels, start=neighbour.alpha)
    np.testing.assert_allclose(warm.sums, cold.sums, atol=2e-3 * np.abs(cold.sums).max())
    assert 0 < warm.steps < cold.steps / 2


def test_the_order_of_rows_does_not_matter():
    X = RNG.normal(size=(60, 3))
    kernel, labels = rbf(X, X, 1.0), np.repeat(np.array([0, -1, 1, 0], dtype=np.int8), [20, 5, 5, 30])
    shuffled = RNG.permutation(60)
    one = solve(kernel, labels, tolerance=1e-9)
    other = solve(kernel[np.ix_(shuffled, shuffled)], labels[shuffled], tolerance=1e-9)
    np.testing.assert_allclose(other.alpha, one.alpha[shuffled], atol=1e-6)
    np.testing.assert_allclose(other.sums, one.sums[shuffled], atol=1e-6)


def test_too_few_steps_are_a_failure_with_a_remedy():
    kernel, labels, C, _ = problem(1)
    with pytest.raises(TrainingError, match=r"did not converge in 2 steps .* Raise tolerance"):
        solve(kernel, labels, max(C, 1.0), 1.0, max_steps=2)
