"""Held-out scores without a model, and a model that is quickly fitted."""

import warnings

import numpy as np

import askew
from askew.calibration import AlertBudget, Conformal, Cost, Quantile
from askew.errors import HealthWarning

KINDS = (Quantile, Conformal, AlertBudget, Cost)
ENOUGH = {AlertBudget: {"alerts": 20, "per_rows": 200}}
"""Parameters with which a few hundred held-out rows are enough."""


def calmly(threshold, *args):
    """Fit a threshold without its warnings that labels are few."""
    fit = threshold.fit if threshold.model is not None else threshold.fit_scores
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        return fit(*args)


def on_scores(kind, normal, anomalies=(), **parameters):
    """Return a threshold fitted on the scores of held-out rows and of known anomalies, without a model."""
    scores = np.r_[np.asarray(normal, dtype=float), np.asarray(anomalies, dtype=float)]
    y = np.r_[np.zeros(len(normal)), -np.ones(len(anomalies))].astype(int)
    return calmly(kind(None, **parameters), scores, askew.labels.ours(y))


def rows(n_normal, n_anomalies, seed):
    """Return (X, y) of three columns; the known anomalies come last."""
    rng = np.random.default_rng(seed)
    X = np.r_[rng.normal(size=(n_normal, 3)), rng.normal(4, 1, size=(n_anomalies, 3))]
    return X, np.r_[np.zeros(n_normal), -np.ones(n_anomalies)].astype(int)


def model(seed=0):
    """Return a fitted isolation forest."""
    return askew.IsolationForest(n_estimators=20, random_state=seed).fit(rows(200, 0, seed)[0])
