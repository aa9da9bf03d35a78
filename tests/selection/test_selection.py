"""Folds and the scorer with any model: scikit-learn's, PyOD's, pipelines and grids, each in its own direction."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, SGDOneClassSVM
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KernelDensity, LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, OneClassSVM

import askew
from askew.compat import as_pyod
from askew.errors import InvalidInputError
from askew.selection import LabelledKFold, labelled_auroc

rng = np.random.default_rng(0)
X = np.r_[rng.normal(size=(60, 2)) + 6.0, rng.normal(size=(60, 2))]
X = X[:66]  # sixty rows of one kind, six of another
Y = np.r_[np.zeros(60, dtype=int), -np.ones(6, dtype=int)]


class OnlyPredicts(OneClassSVM):
    """An outlier detector that says no more than -1 and +1."""

    score_samples = decision_function = property()


class PyOD:  # no estimator of scikit-learn: it has no tags
    """PyOD's interface: higher = more anomalous, and 0 and 1."""

    def fit(self, X, y=None):
        self.centre_ = np.median(X, axis=0)
        return self

    def decision_function(self, X):
        return np.linalg.norm(X - self.centre_, axis=1)

    def predict_confidence(self, X):
        raise AssertionError("not asked for")


MODELS = {
    "ours": askew.KDE(bandwidth=1.0),
    "ours in a pipeline": make_pipeline(StandardScaler(), askew.KDE(bandwidth=1.0)),
    "a grid of ours": GridSearchCV(
        askew.KDE(), {"bandwidth": [0.5]}, scoring=labelled_auroc, cv=LabelledKFold(2)
    ),
    "prepared": askew.Prepared(askew.KDE(bandwidth=1.0)),
    "isolation forest": IsolationForest(random_state=0),
    "one-class SVM in a pipeline": make_pipeline(StandardScaler(), OneClassSVM(nu=0.1)),
    "SGD": SGDOneClassSVM(random_state=0),
    "envelope": EllipticEnvelope(random_state=0, contamination=0.1),
    "local outlier factor": LocalOutlierFactor(novelty=True),
    "decisions alone": OnlyPredicts(nu=0.12),
    "density": KernelDensity(),
    "mixture": GaussianMixture(random_state=0),
    "probabilities": LogisticRegression(),
    "probabilities in a pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "margin": SVC(),
    "ridge": RidgeClassifier(),
    "ours as PyOD's": as_pyod(askew.KDE(bandwidth=1.0)),
    "PyOD's": PyOD(),
    "ours as PyOD's in a pipeline": make_pipeline(StandardScaler(), as_pyod(askew.KDE(bandwidth=1.0))),
}
LEARN_FROM_LABELS = {"a grid of ours", "probabilities", "probabilities in a pipeline", "margin", "ridge"}


@pytest.mark.parametrize("name", MODELS)
def test_anomalies_are_higher_by_any_models_convention(name):
    model = MODELS[name]
    if name in LEARN_FROM_LABELS:
        model.fit(X, Y)
    else:
        model.fit(X[:60])
    assert labelled_auroc(model, X, Y) > 0.9


def test_three_classes():
    y = askew.labels.ours(np.r_[np.ones(30), Y[30:]])
    for model in (LogisticRegression(), SVC()):
        assert labelled_auroc(model.fit(X, y), X, y) > 0.9


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (LinearRegression(), "got 'LinearRegression'"),
        (make_pipeline(StandardScaler(), LocalOutlierFactor()), "got 'LocalOutlierFactor'.*novelty=True"),
        (KMeans(2, n_init=1), "got 'KMeans'"),
        (LogisticRegression(), "classifier of labelled_auroc must be fitted on labels with a -1"),
    ],
    ids=["regression", "no new rows", "clusters", "no -1"],
)
def test_models_that_say_nothing_of_anomalies_are_refused(model, message):
    model.fit(X, np.abs(Y))
    with pytest.raises(InvalidInputError, match=message):
        labelled_auroc(model, X, Y)


@pytest.mark.parametrize(("cell", "expected"), [(np.inf, 1.0), (-np.inf, 0.5)])
def test_infinite_scores_have_ranks(cell, expected):
    class Model:
        def anomaly_score(self, X):
            return np.array([0.0, 1.0, 2.0, cell])

    assert labelled_auroc(Model(), np.zeros((4, 1)), [0, 0, -1, -1]) == expected
    Model.anomaly_score = lambda self, X: np.array([0.0, np.nan, 2.0, 1.0])
    with pytest.raises(InvalidInputError, match="scores of labelled_auroc must be numbers; got '1 NaN'"):
        labelled_auroc(Model(), np.zeros((4, 1)), [0, 0, -1, -1])


@pytest.mark.parametrize("rows", [X, pd.DataFrame(X, columns=["a", "b"]), X.tolist(), sparse.csr_array(X)])
def test_folds_take_rows_of_any_kind(rows):
    assert [(Y[test] < 0).sum() for _, test in LabelledKFold(3).split(rows, Y)] == [2, 2, 2]


@pytest.mark.parametrize("routing", [False, True])
def test_cross_validation_of_a_pipeline(routing):
    pipeline = make_pipeline(StandardScaler(), LocalOutlierFactor(novelty=True))
    with sklearn.config_context(enable_metadata_routing=routing):
        found = cross_val_score(pipeline, X, Y, scoring=labelled_auroc, cv=LabelledKFold(3), params={})
    assert found.min() > 0.9
