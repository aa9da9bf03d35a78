"""IsolationForest: scikit-learn's, without known anomalies among its training rows."""

import numpy as np
from recipe import auroc
from sklearn.ensemble import IsolationForest

from detector_cases import fitted, table

X, Y = table()


def test_it_is_scikit_learns_on_the_rows_that_are_no_known_anomalies():
    ours = fitted("isolation_forest", X, Y, n_estimators=20, max_samples=32)
    theirs = IsolationForest(n_estimators=20, max_samples=32, random_state=0).fit(X[6:])
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-8)


def test_more_samples_than_rows_are_all_rows_without_a_warning():
    ours = fitted("isolation_forest", X, Y, max_samples=256)
    assert ours.forest_.max_samples_ == 54


def test_the_threshold_is_ours_and_not_scikit_learns():
    ours = fitted("isolation_forest", X, Y, contamination=0.1)
    scores = ours.score_samples(X[6:])
    assert (scores < ours.offset_).sum() == 6  # ⌈54 · 0.1⌉ of the training rows


def test_rows_beyond_the_training_rows_are_told_apart_by_how_far_they_are():
    ours = fitted("isolation_forest", X, Y)
    low, high = ours.box_
    inside, far = (low + high) / 2, high.copy()
    far[0] += 3 * (high - low)[0]  # log(1 + 3) beyond in one of four columns
    rows = np.array([inside, far])
    less = ours.forest_.score_samples(rows) - ours._score_scaled(rows)
    np.testing.assert_allclose(less, [0.0, 1e-9 * np.log(4) / 4], rtol=1e-6)


def test_planted_anomalies_beat_chance():
    detector = fitted("isolation_forest", X[6:], n_estimators=50)
    far = X[6:] + 4.0 * np.array([1, -1, 1, -1])
    assert auroc(detector, table(seed=5)[0][6:], far) > 0.8
