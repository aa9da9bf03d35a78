"""Gradient boosting: both libraries, one stump by hand, refusal without a known anomaly or without CatBoost."""

import sys

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import askew
from askew.errors import InvalidInputError, MissingDependencyError, ModelFileError
from detector_cases import calmly

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
X[:10] = RNG.normal(size=(10, 3)) * 0.2 + [0.0, 0.0, 3.0]
Y = np.r_[-np.ones(10), np.zeros(110)].astype(int)

try:
    import catboost  # noqa: F401

    INSTALLED = True
except ImportError:
    INSTALLED = False
BOTH = [
    "sklearn",
    pytest.param("catboost", marks=pytest.mark.skipif(not INSTALLED, reason="askew[boost] is not installed")),
]


def test_one_tree_by_hand():
    # balanced classes start at log-odds 0 with p = ½, so gradients are ∓½ and hessians ¼ times the weight:
    # a pure leaf of weight W steps by (W/2)/(W/4 + l2) = 2, times the learning rate
    X = np.r_[np.zeros((6, 1)), np.ones((30, 1))]
    y = np.r_[-np.ones(6), np.zeros(30)].astype(int)
    detector = askew.GradientBoosting(n_estimators=1, learning_rate=0.3, min_samples_leaf=5, scale=None)
    calmly(detector.fit, X, y)  # all other rows are the same
    np.testing.assert_allclose(detector.score_samples([[0.0], [1.0]]), [-0.6, 0.6], rtol=1e-6)


@pytest.mark.parametrize("library", BOTH)
def test_labels_decide(library):
    truth = np.arange(120) < 10
    made = askew.GradientBoosting(library, n_estimators=20, random_state=0)
    assert roc_auc_score(truth, made.fit(X, Y).anomaly_score(X)) > 0.99
    assert roc_auc_score(truth, made.fit(X, np.roll(Y, 60)).anomaly_score(X)) < 0.9


def test_known_normal_and_unlabelled_rows_are_one_class():
    y = Y.copy()
    y[50:] = 1
    one, other = (askew.GradientBoosting(n_estimators=5).fit(X, labels).score_samples(X) for labels in (y, Y))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("library", BOTH)
def test_parameters_reach_the_trees(library):
    def scores(**params):
        given = {"library": library, "n_estimators": 5, "random_state": 0} | params
        return askew.GradientBoosting(**given).fit(X, Y).score_samples(X)

    usual = scores()
    for other in ({"n_estimators": 6}, {"learning_rate": 0.5}, {"min_samples_leaf": 40}):
        assert np.abs(scores(**other) - usual).max() > 1e-3, other
    np.testing.assert_array_equal(scores(), usual)
    if library == "catboost":
        assert np.abs(scores(random_state=1) - usual).max() > 1e-6


@pytest.mark.parametrize("library", BOTH)
def test_saved_and_loaded_is_equal(library, tmp_path):
    detector = askew.GradientBoosting(library, n_estimators=5, random_state=0).fit(X, Y)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    np.testing.assert_array_equal(loaded.decision_function(X), detector.decision_function(X))


@pytest.mark.skipif(not INSTALLED, reason="askew[boost] is not installed")
def test_foreign_bytes_are_no_catboost_model():
    detector = askew.GradientBoosting("catboost", n_estimators=2).fit(X, Y)
    values, arrays = detector._state()
    with pytest.raises(ModelFileError, match="trees cannot be read"):
        detector._set_state(values, arrays | {"model": arrays["model"][::-1].copy()})


def test_without_catboost_the_error_is_the_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "catboost", None)
    with pytest.raises(MissingDependencyError, match=r"python -m pip install 'askew\[boost\]'"):
        askew.GradientBoosting("catboost").fit(X, Y)


@pytest.mark.parametrize("y", [None, np.zeros(120, dtype=int)])
def test_without_a_known_anomaly_it_is_refused(y):
    with pytest.raises(InvalidInputError, match=r"y of GradientBoosting must be .* IsolationForest or VAE"):
        askew.GradientBoosting().fit(X, y)
    assert askew.GradientBoosting().__sklearn_tags__().target_tags.required


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"library": "xgboost"},
            'library of GradientBoosting must be "sklearn" or "catboost"; got \'xgboost\'',
        ),
        ({"n_estimators": 0}, "n_estimators of GradientBoosting must be an integer of at least 1; got 0"),
        ({"min_samples_leaf": 2.5}, "min_samples_leaf of GradientBoosting must be an integer"),
        ({"learning_rate": 2}, r"learning_rate of GradientBoosting must be in \(0, 1\]; got 2"),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    with pytest.raises(InvalidInputError, match=message):
        askew.GradientBoosting(**params).fit(X, Y)
