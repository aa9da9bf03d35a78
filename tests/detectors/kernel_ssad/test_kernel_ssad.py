"""Kernel SSAD: the label law, γ from training rows alone."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import askew
from askew.detectors.kernel_ssad import _rows_to_choose_on
from askew.errors import HealthWarning, InvalidInputError
from askew.families.kernels import GAMMAS

RNG = np.random.default_rng(0)
CENTRE = np.random.default_rng(2).normal(scale=0.05, size=(30, 2))


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
