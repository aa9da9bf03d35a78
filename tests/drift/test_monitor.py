"""The monitor: distances of the latest rows, older ones are forgotten, and only models that keep a summary have one."""

import numpy as np
import pytest

import askew
from askew.calibration import Quantile
from askew.drift import DriftMonitor, keep_columns
from askew.errors import InvalidInputError

X = np.random.default_rng(0).normal(size=(1600, 2))


def test_the_latest_rows_count():
    model = Quantile(askew.KDE().fit(X[:300])).fit(X[300:600])
    with pytest.raises(InvalidInputError, match="must keep a summary"):
        DriftMonitor(model)
    keep_columns(model, X[:600])
    monitor = DriftMonitor(model, window=200)
    assert monitor.figures().columns == {"x0": 0.0, "x1": 0.0} and monitor.figures().evidence == 0.0
    for start in range(600, 1600, 50):
        rows = X[start : start + 50] + np.array([0.0, 3.0 * (start < 1000)])
        monitor.add(rows, model.score_samples(rows))
        if start == 950:
            drifted = monitor.figures()
    now = monitor.figures()
    assert drifted.columns["x1"] > 0.7 > 0.1 > now.columns["x1"] and drifted.columns["x0"] < 0.1
    assert drifted.alarm and now.alarm and drifted.scores > 0.5 > 0.2 > now.scores
    assert (now.n_rows, now.n_latest) == (1000, 200)


def test_a_model_without_scores_of_held_out_rows_has_columns_alone():
    model = askew.KDE().fit(X[:300])
    keep_columns(model, X[:300])
    monitor = DriftMonitor(model)
    monitor.add(X[300:400], model.score_samples(X[300:400]))
    found = monitor.figures()
    assert (found.scores, found.evidence, found.alarm) == (None, None, None) and found.columns["x0"] < 0.3
