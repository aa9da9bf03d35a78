"""The deletion test: expected values for the named features raise the score more than for random ones."""

import numpy as np
import pytest

from askew import datasets
from askew.datasets.splits import classic_split
from detector_cases import calmly, quick

CASES = [
    ("vae", "cardio"),
    ("vae", "thyroid"),
    ("dp_vae", "cardio"),
    ("mml_vae", "satimage-2"),
    ("autoencoder", "satellite"),
    ("deep_sad", "cardio"),
    ("supervised", "thyroid"),
    ("isolation_forest", "cardio"),
    ("gradient_boosting", "cardio"),
    ("oc_svm", "thyroid"),
]


def rows_of(name, seed=0):
    """Return at most 1,200 training rows with labels, and the table's test rows."""
    split = classic_split(datasets.load(name), seed=seed)
    keep = np.r_[np.flatnonzero(split.y_train), np.flatnonzero(split.y_train == 0)[:1200]]
    return split.X_train[keep], split.y_train[keep], split.X_test


def gain(detector, why, chosen):
    """Return how much each row's score rises when the chosen features (rows, k) get their expected values."""
    changed = why.observed.to_numpy(dtype=float).copy()
    values = np.take_along_axis(why.expected.to_numpy(dtype=float), chosen, axis=1)
    np.put_along_axis(changed, chosen, values, axis=1)
    return detector.score_samples(changed) - why.scores


@pytest.mark.parametrize("name, data", CASES)
def test_replacing_named_features_raises_the_score_more_than_replacing_random_ones(name, data):
    X, y, test = rows_of(data)
    detector = quick(name)
    if hasattr(detector, "training"):
        detector.set_params(training__epochs=25, training__lr=2e-3, training__pretrain_epochs=10)
    calmly(detector.fit, X, y)
    flagged = test[np.argsort(detector.score_samples(test))[:20]]
    why = detector.explain(flagged, background=X)
    k = max(1, X.shape[1] // 6)
    named = gain(detector, why, np.argsort(why.contributions, axis=1)[:, :k])
    rng = np.random.default_rng(0)
    places = np.tile(np.arange(X.shape[1]), (len(flagged), 1))
    random = np.mean([gain(detector, why, rng.permuted(places, axis=1)[:, :k]) for _ in range(20)], axis=0)
    assert np.mean(named > random) >= 0.8
    assert np.median(named) > 1.3 * max(np.median(random), 0.0)
