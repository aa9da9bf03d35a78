"""OC-SVM: the published dual, what labels and test rows may decide, sub-samples that are announced."""

import warnings

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

import askew
from askew.detectors.oc_svm import NUS
from askew.errors import HealthWarning, InvalidInputError
from askew.families.kernels import GAMMAS

RNG = np.random.default_rng(0)
RING = np.c_[np.cos(np.linspace(0, 6.28, 60)), np.sin(np.linspace(0, 6.28, 60))] * RNG.normal(
    1, 0.02, (60, 1)
)
CENTRE = RNG.normal(scale=0.05, size=(6, 2))  # anomalies that only a narrow kernel can see


def kernel(a, b, gamma):
    return np.exp(-gamma * ((a[:, None] - b[None]) ** 2).sum(-1))


def test_score_solves_the_dual():
    X, new, gamma, nu = RNG.normal(size=(12, 2)), RNG.normal(size=(5, 2)), 0.7, 0.3
    K, total = kernel(X, X, gamma), 0.3 * 12
    found = minimize(
        lambda a: 0.5 * a @ K @ a,
        np.full(12, nu),
        jac=lambda a: K @ a,
        bounds=[(0, 1)] * 12,
        constraints={"type": "eq", "fun": lambda a: a.sum() - total, "jac": lambda a: np.ones(12)},
        options={"ftol": 1e-14, "maxiter": 500},
    ).x
    free = (found > 1e-4) & (found < 1 - 1e-4)
    rho = (K @ found)[free].mean()
    detector = askew.OCSVM(gamma=gamma, nu=nu, scale=None).fit(X)
    np.testing.assert_allclose(detector.score_samples(new), kernel(new, X, gamma) @ found - rho, atol=2e-3)


def test_known_anomalies_do_not_train():
    X, y = np.r_[RING, CENTRE], np.r_[np.zeros(60), -np.ones(6)]
    with_them = askew.OCSVM(gamma=1.0, nu=0.1).fit(X, y)
    without = askew.OCSVM(gamma=1.0, nu=0.1).fit(RING)
    np.testing.assert_array_equal(with_them.score_samples(X), without.score_samples(X))
    assert not np.allclose(askew.OCSVM(gamma=1.0, nu=0.1).fit(X).score_samples(X), without.score_samples(X))


@pytest.mark.parametrize("n_known", [1, 6])
def test_labels_choose_the_kernel(n_known):
    X, y = np.r_[RING, CENTRE[:n_known]], np.r_[np.zeros(60), -np.ones(n_known)]
    detector = askew.OCSVM(random_state=0).fit(X, y)
    assert detector.gamma_ in GAMMAS and detector.nu_ in NUS
    truth = np.r_[np.zeros(60), np.ones(6)]
    assert roc_auc_score(truth, detector.anomaly_score(np.r_[RING, CENTRE])) > 0.99
    wide = askew.OCSVM(gamma=GAMMAS[0], nu=0.1).fit(RING)
    assert roc_auc_score(truth, wide.anomaly_score(np.r_[RING, CENTRE])) < 0.5


def test_without_labels_the_kernel_is_as_narrow_as_held_out_rows_allow():
    X = RNG.normal(size=(300, 2))
    detector = askew.OCSVM(random_state=0).fit(X)
    assert detector.nu_ == 0.1
    held_out = RNG.normal(size=(3000, 2))

    def rejected(gamma):
        return (askew.OCSVM(gamma=gamma, nu=0.1).fit(X).score_samples(held_out) < 0).mean()

    assert rejected(detector.gamma_) < 0.16
    # in ten columns every narrow kernel rejects most rows that it has not seen
    assert askew.OCSVM(random_state=0).fit(RNG.normal(size=(300, 10))).gamma_ < 0.25


def test_tuning_on_test_rows_is_named_marked_and_kept():
    test, anomaly = np.r_[np.tile(RING, (2, 1)), np.tile(CENTRE, (10, 1))], np.arange(180) >= 120
    detector = askew.OCSVM(random_state=0)
    tuned = detector.fit_with_test_tuning(RING, None, test, anomaly)
    assert tuned is detector and detector.tuned_on_test_
    assert roc_auc_score(anomaly, detector.anomaly_score(test)) > 0.99
    assert not detector.fit(RING).tuned_on_test_
    with pytest.raises(InvalidInputError, match=r"anomaly_test of OCSVM must be .* at least ten of each"):
        detector.fit_with_test_tuning(RING, None, test[:125], anomaly[:125])


def test_more_rows_than_max_rows_are_sampled_and_said():
    X = RNG.normal(size=(400, 2))
    y = np.r_[np.zeros(390), np.ones(8), -np.ones(2)]
    detector = askew.OCSVM(gamma="scale", nu=0.1, max_rows=100, random_state=0)
    with pytest.warns(HealthWarning, match="sub-sample of 100 of 400 training rows; raise max_rows"):
        detector.fit(X, y)
    assert detector.approximation_ == "sub-sample of 100 of 400 training rows"
    assert detector.machine_.shape_fit_ == (98, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert detector.set_params(max_rows=400).fit(X, y).approximation_ is None


def test_a_nystroem_map_learns_from_all_rows():
    X, new = RNG.normal(size=(400, 2)), RNG.normal(size=(60, 2))
    y = np.r_[np.zeros(390), -np.ones(10)]
    settings = {"gamma": 0.5, "nu": 0.1, "max_rows": 50, "random_state": 0}
    exact = askew.OCSVM(approximation="exact", **settings).fit(X, y)
    assert exact.approximation_ is None and exact.machine_.shape_fit_ == (390, 2)
    mapped = askew.OCSVM(approximation="nystroem", n_components=60, **settings).fit(X, y)
    assert mapped.approximation_ == "Nyström map of 60 of 400 training rows"
    assert spearmanr(mapped.score_samples(new), exact.score_samples(new)).statistic > 0.97
    assert abs((mapped.score_samples(X[:390]) < 0).mean() - 0.1) < 0.03  # ν of the rows lie outside
    np.testing.assert_allclose(mapped.score_samples(new[:1]), mapped.score_samples(new)[:1], rtol=1e-9)


@pytest.mark.parametrize("settings", [{}, {"max_rows": 30, "approximation": "nystroem", "n_components": 20}])
def test_saved_and_loaded_is_equal(tmp_path, settings):
    detector = askew.OCSVM(random_state=0, **settings).fit(RING)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    np.testing.assert_array_equal(loaded.decision_function(RING), detector.decision_function(RING))
    assert (loaded.gamma_, loaded.nu_) == (detector.gamma_, detector.nu_)
    assert loaded.approximation_ == detector.approximation_ and bool(settings) == bool(loaded.approximation_)
    assert loaded.tuned_on_test_ is False


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"gamma": 0}, 'gamma of OCSVM must be a number above 0, "scale" or "search"; got 0'),
        ({"gamma": "auto"}, "got 'auto'"),
        ({"nu": 1.5}, r'nu of OCSVM must be in \(0, 1\] or "search"; got 1.5. Use'),
        ({"max_rows": 1}, "max_rows of OCSVM must be an integer of at least 2; got 1"),
        ({"scale": "minmax"}, 'scale of OCSVM must be "robust", "standard" or None'),
        ({"random_state": -1}, "random_state of OCSVM must be an integer of at least 0"),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    with pytest.raises(InvalidInputError, match=message):
        askew.OCSVM(**params).fit(RING)


def test_one_row_left_to_learn_from_is_refused():
    with pytest.raises(InvalidInputError, match="at least two rows that are not known anomalies; got 1"):
        askew.OCSVM().fit(RING[:2], [0, -1])
