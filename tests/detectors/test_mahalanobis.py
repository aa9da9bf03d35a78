"""Mahalanobis: the distance by hand, scikit-learn's own, rows that break a correlation, and singular columns."""

import numpy as np
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score

import askew
from detector_cases import calmly

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3)) @ RNG.normal(size=(3, 5)) + 0.1 * RNG.normal(size=(300, 5))


def test_distance_is_scikit_learns():
    detector = askew.Mahalanobis(scale=None).fit(X)
    wanted = LedoitWolf().fit(X).mahalanobis(X)
    np.testing.assert_allclose(detector.anomaly_score(X), np.sqrt(wanted), rtol=1e-9)


def test_distance_by_hand():
    corners = np.tile([[1.0, 2.0], [1.0, -2.0], [-1.0, 2.0], [-1.0, -2.0]], (500, 1))  # variances 1 and 4
    detector = calmly(askew.Mahalanobis(scale=None).fit, corners)  # all of them are equally far
    np.testing.assert_allclose(detector.anomaly_score([[3.0, 0.0], [0.0, 4.0]]), [3.0, 2.0], rtol=1e-3)


def test_rows_that_break_how_columns_go_together_are_found():
    broken = np.column_stack([RNG.permutation(column) for column in X.T])  # each column as before
    truth = np.r_[np.zeros(300), np.ones(300)]
    assert roc_auc_score(truth, askew.Mahalanobis().fit(X).anomaly_score(np.r_[X, broken])) > 0.95


def test_known_anomalies_are_left_out():
    y = np.r_[np.zeros(300), -np.ones(5)].astype(int)
    labelled = askew.Mahalanobis().fit(np.r_[X, np.full((5, 5), 40.0)], y)
    np.testing.assert_array_equal(labelled.score_samples(X), askew.Mahalanobis().fit(X).score_samples(X))


def test_columns_that_are_copies_or_constant_give_finite_scores():
    singular = np.c_[X, X[:, 0], np.full(300, 7.0)]
    detector = askew.Mahalanobis().fit(singular)
    off = singular[:1].copy()
    off[0, 5] += 1.0  # the copy differs
    assert np.isfinite(detector.score_samples(singular)).all()
    assert detector.score_samples(off)[0] < detector.score_samples(singular).min()
    same = calmly(askew.Mahalanobis().fit, np.full((8, 2), 3.0))
    assert same.anomaly_score([[3.0, 3.0], [4.0, 3.0]]).tolist() == [0.0, 1.0]
