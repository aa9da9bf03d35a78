"""Drift of served rows: it is shown in /metrics, takes a small part of the time, and needs a summary."""

import json

import numpy as np
import pytest
from serving_rows import orders

import askew
from askew.calibration import Quantile
from askew.drift import keep_columns
from askew.serving.drift_watch import DriftWatch


@pytest.fixture(scope="module")
def model():
    rows = orders(200)
    fitted = Quantile(askew.Prepared(askew.IsolationForest(random_state=0)).fit(rows[:100])).fit(rows[100:])
    keep_columns(fitted, rows)
    return fitted


def test_metrics_show_the_distance_of_each_column(model, start, tmp_path):
    model.save(tmp_path / "m.askew")
    client = start(tmp_path / "m.askew")
    moved = orders().assign(amount=1000.0)
    assert client.post("/score", json=json.loads(moved.to_json(orient="records"))).status_code == 200
    shown = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if line[0] != "#")
    assert float(shown["askew_drift_rows"]) == 60
    assert float(shown['askew_drift_distance{column="amount"}']) > 0.9
    assert float(shown['askew_drift_distance{column="country"}']) < 0.3
    assert float(shown["askew_drift_scores_distance"]) > 0.5 and float(shown["askew_drift_evidence"]) > 1


def test_requests_wait_while_counting_rests_and_are_counted_together(model):
    watch = DriftWatch(model, rest=1e9)
    rows = orders(10)
    scores = model.score_samples(rows)
    assert watch.figures() is None
    watch.add(rows, scores)
    assert watch.figures().n_rows == 10
    watch.add(rows, scores)
    assert watch.figures() is None
    watch._until = 0.0  # the rest is over
    watch.add(rows[["country", *rows.columns.drop("country")]], scores)  # of another form: not counted
    for _ in range(300):
        watch.add(rows, scores)
    assert watch.figures().n_rows == 10 + 2000


def test_a_model_without_a_summary_is_not_watched():
    X = np.zeros((5, 2))
    watch = DriftWatch(askew.KDE().fit(np.random.default_rng(0).normal(size=(30, 2))))
    watch.add(X, np.zeros(5))
    assert watch.figures() is None
