"""Logistic regression: the penalised likelihood, balanced classes, refusal without a known anomaly."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

import askew
from askew.errors import HealthWarning, InvalidInputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3))
X[:6, 0] += 3.0
Y = np.r_[-np.ones(6), np.zeros(84)].astype(int)


def test_score_minimises_the_penalised_likelihood():
    t, v = np.where(Y < 0, 1.0, -1.0), np.where(Y < 0, 90 / 12, 90 / 168)

    def loss(wb):
        return 0.5 * wb[:3] @ wb[:3] + 0.3 * v @ np.logaddexp(0, -t * (X @ wb[:3] + wb[3]))

    wb = minimize(loss, np.zeros(4), tol=1e-10).x
    detector = askew.LogisticRegression(C=0.3, scale=None).fit(X, Y)
    np.testing.assert_allclose(detector.score_samples(X), -(X @ wb[:3] + wb[3]), atol=1e-3)


def test_known_normal_and_unlabelled_rows_are_one_class():
    y = Y.copy()
    y[50:] = 1
    one, other = (askew.LogisticRegression().fit(X, labels).score_samples(X) for labels in (y, Y))
    np.testing.assert_array_equal(one, other)


def test_labels_decide():
    truth = np.arange(90) < 6
    found = askew.LogisticRegression().fit(X, Y).anomaly_score(X)
    assert roc_auc_score(truth, found) > 0.95
    rolled = askew.LogisticRegression().fit(X, np.roll(Y, 40)).anomaly_score(X)
    assert roc_auc_score(truth, rolled) < 0.9


def test_search_prefers_a_strong_penalty_among_many_useless_columns():
    rows = np.c_[X, RNG.normal(size=(90, 60))]
    detector = askew.LogisticRegression("search", random_state=0).fit(rows, Y)
    assert detector.C_ <= 0.1
    single = Y.copy()
    single[1:6] = 0
    assert askew.LogisticRegression("search", random_state=0).fit(rows, single).C_ == 1.0


@pytest.mark.parametrize("y", [None, np.zeros(90, dtype=int)])
def test_without_a_known_anomaly_it_is_refused(y):
    with pytest.raises(InvalidInputError, match=r"y of LogisticRegression must be .* IsolationForest or VAE"):
        askew.LogisticRegression().fit(X, y)
    assert askew.LogisticRegression().__sklearn_tags__().target_tags.required


def test_saved_and_loaded_is_equal(tmp_path):
    detector = askew.LogisticRegression().fit(X, Y)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    np.testing.assert_array_equal(loaded.decision_function(X), detector.decision_function(X))


@pytest.mark.parametrize("C", [0, "best"])
def test_parameters_out_of_range_are_refused(C):
    with pytest.raises(
        InvalidInputError, match='C of LogisticRegression must be a number above 0 or "search"'
    ):
        askew.LogisticRegression(C=C).fit(X, Y)


def test_a_solver_that_stops_early_is_told_in_our_words():
    far = [[0.0, 1.9e12], [0.0, 1.0], [0.0, 2.0], [1.0, 3.0]]
    with pytest.warns(HealthWarning, match="solver stopped before the weights had settled.* use a smaller C"):
        askew.LogisticRegression(scale=None).fit(far, [-1, 0, 0, 0])
