"""Kernel SSAD: its solver against a QP library, the label law, γ from training rows alone."""

import numpy as np
import pytest
import quadprog
from sklearn.metrics import roc_auc_score

import askew
from askew.detectors.kernel_ssad import _rows_to_choose_on
from askew.detectors.kernel_ssad.smo import feasible_start, solve
from askew.detectors.kernel_ssad.working_set import solve_many
from askew.errors import HealthWarning, InvalidInputError, TrainingError
from askew.families.kernels import GAMMAS, median_gamma

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


def two_sides():
    """Return rows with anomalies on the right, five of them known, and the truth."""
    rng = np.random.default_rng(5)
    X = np.r_[rng.normal(size=(80, 2)), rng.normal(size=(20, 2)) * 0.3 + [2.5, 0.0]]
    y = np.r_[np.zeros(80), -np.ones(5), np.zeros(15)]
    return X, y, np.arange(100) >= 80


def test_known_anomalies_push_their_side_away():
    X, y, truth = two_sides()
    with_them = askew.KernelSSAD(gamma=0.125).fit(X, y)
    without = askew.KernelSSAD(gamma=0.125).fit(X)
    assert (
        roc_auc_score(truth, with_them.anomaly_score(X))
        > roc_auc_score(truth, without.anomaly_score(X)) + 0.05
    )
    rolled = askew.KernelSSAD(gamma=0.125).fit(X, np.roll(y, 50))
    assert np.abs(rolled.score_samples(X) - with_them.score_samples(X)).max() > 0.02


def test_known_normal_rows_without_known_anomalies_are_unlabelled():
    X, _, _ = two_sides()
    y = askew.labels.ours(np.r_[np.ones(3), np.zeros(97)])
    np.testing.assert_array_equal(
        askew.KernelSSAD(gamma=0.5).fit(X, y).score_samples(X),
        askew.KernelSSAD(gamma=0.5).fit(X).score_samples(X),
    )


def test_ten_known_anomalies_choose_the_kernel():
    # rows on a ring, anomalies in its centre: a wide kernel finds the centre most normal of all
    rng = np.random.default_rng(1)
    angle = rng.uniform(0, 2 * np.pi, 150)
    X = np.r_[np.c_[np.cos(angle), np.sin(angle)] + rng.normal(scale=0.02, size=(150, 2)), CENTRE]
    y = np.r_[np.zeros(150), -np.ones(10), np.zeros(20)]
    detector = askew.KernelSSAD(random_state=0).fit(X[:160], y[:160])
    assert detector.gamma_ in GAMMAS and not detector.tuned_on_test_
    assert roc_auc_score(np.arange(180) >= 150, detector.anomaly_score(X)) > 0.95
    y[159] = 0.0
    assert askew.KernelSSAD(random_state=0).fit(X[:160], y[:160]).gamma_ not in GAMMAS


@pytest.mark.parametrize("n_known", [0, 1, 9])
def test_with_fewer_gamma_is_the_median_heuristics(n_known):
    X, y, _ = two_sides()
    y[80 : 80 + n_known], y[80 + n_known :] = -1, 0
    normal = X[y >= 0]
    spread = np.where(y >= 0, 1, 0) @ ((X - normal.mean(0)) ** 2) / len(normal)
    distances = ((normal[:, None] - normal[None]) ** 2 / spread).sum(-1)
    expected = 1 / np.median(distances[np.triu_indices(len(normal), 1)])
    assert askew.KernelSSAD().fit(X, y).gamma_ == pytest.approx(expected)


def test_the_median_heuristic_of_rows_that_are_mostly_or_all_equal():
    mostly = np.zeros((20, 1))
    mostly[0] = 2.0
    assert median_gamma(mostly, RNG) == 0.25 and median_gamma(np.ones((5, 2)), RNG) == 1.0
    # of many rows a thousand are looked at
    assert median_gamma(RNG.normal(size=(5000, 3)), RNG) == pytest.approx(1 / (2 * 2.366), rel=0.1)


@pytest.mark.parametrize(("known", "chosen"), [(40, 40), (900, 500), (2600, 600)])
def test_gamma_is_chosen_on_a_thousand_rows_with_known_anomalies_among_them(known, chosen):
    y = np.r_[-np.ones(known), np.zeros(3000 - known)].astype(np.int8)
    rows = _rows_to_choose_on(y, np.random.default_rng(0))
    assert len(np.unique(rows)) == 1000 and (y[rows] < 0).sum() == chosen
    np.testing.assert_array_equal(_rows_to_choose_on(y[:1000], RNG), np.arange(1000))


def test_tuning_on_test_rows_is_named_and_marked():
    X, y, truth = two_sides()
    detector = askew.KernelSSAD(random_state=0)
    assert detector.fit_with_test_tuning(X, y, np.tile(X, (5, 1)), np.tile(truth, 5)).tuned_on_test_
    assert not detector.fit(X, y).tuned_on_test_


def test_a_sub_sample_keeps_all_labelled_rows():
    X, y, _ = two_sides()
    y[:3] = 1
    detector = askew.KernelSSAD(gamma=0.5, max_rows=30, random_state=0)
    with pytest.warns(HealthWarning, match="sub-sample of 30 of 100 training rows"):
        detector.fit(X, y)
    known = (X[80:85] - detector.column_mean_) / detector.column_scale_
    kept = [np.abs(detector.support_ - row).sum(1).min() < 1e-12 for row in known]
    assert sum(detector.weights_ < 0) == sum(kept) >= 1
    assert len(detector.support_) <= 30


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


def test_more_rows_than_max_rows_can_be_fitted_exactly():
    X, y, _ = two_sides()
    X, y = np.tile(X, (12, 1)) + RNG.normal(scale=0.1, size=(1200, 2)), np.tile(y, 12)
    small = {"gamma": 0.5, "max_rows": 300, "random_state": 0}
    exact = askew.KernelSSAD(approximation="exact", **small).fit(X, y)
    whole = askew.KernelSSAD(gamma=0.5).fit(X, y)
    assert exact.approximation_ is None
    np.testing.assert_allclose(exact.score_samples(X), whole.score_samples(X), atol=1e-3)
    with pytest.warns(HealthWarning, match="sub-sample of 300"):
        sampled = askew.KernelSSAD(**small).fit(X, y)
    assert np.abs(sampled.score_samples(X) - whole.score_samples(X)).max() > 2e-3


@pytest.mark.parametrize("settings", [{}, {"max_rows": 30, "approximation": "exact"}])
def test_saved_and_loaded_is_equal(tmp_path, settings):
    X, y, _ = two_sides()
    detector = askew.KernelSSAD(random_state=0, **settings).fit(X, y)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    np.testing.assert_array_equal(loaded.decision_function(X), detector.decision_function(X))
    assert (loaded.gamma_, loaded.tuned_on_test_) == (detector.gamma_, False)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"C": 0.0}, "C of KernelSSAD must be above 0 and finite; got 0.0. The papers use 1."),
        ({"kappa": -1}, "kappa of KernelSSAD must be at least 0 and finite; got -1"),
        ({"gamma": "auto"}, "gamma of KernelSSAD must be a number above 0"),
        ({"C": 0.1}, "with C=0.1 and kappa=1 the known anomalies need a sum of 1 and can reach 0.5"),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    X, y, _ = two_sides()
    with pytest.raises(InvalidInputError, match=message):
        askew.KernelSSAD(**({"gamma": 0.5} | params)).fit(X, y)
