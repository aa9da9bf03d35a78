"""Detectors among scikit-learn's own tools: pipelines, grids, frames with names."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

import askew
from askew.selection import LabelledKFold, labelled_auroc
from detector_cases import DEEP, NAMES, calmly, fitted, quick, shared, table

X, Y = table()
COLUMNS = ["height", "speed", "mass", "heat"]
FRAME = pd.DataFrame(X, columns=COLUMNS)


@pytest.mark.parametrize("name", NAMES)
def test_a_pipeline_passes_labels_and_names_on_and_scores(name):
    pipeline = make_pipeline(RobustScaler(), PCA(3), quick(name)).set_output(transform="pandas")
    calmly(pipeline.fit, FRAME, Y)
    assert list(pipeline[-1].feature_names_in_) == ["pca0", "pca1", "pca2"]
    reduced = pipeline[:-1].transform(FRAME)
    alone = fitted(name, reduced, Y).score_samples(reduced)
    np.testing.assert_allclose(pipeline.score_samples(FRAME), alone, rtol=1e-9, atol=1e-9)
    assert set(pipeline.predict(FRAME)) <= {-1, 1}


@pytest.mark.parametrize("name", NAMES)
def test_a_grid_finds_parameters_with_folds_and_a_scorer_that_know_labels(name):
    grid = {"contamination": [0.1, 0.2]}
    if name in DEEP:
        epochs = quick(name).training.epochs
        grid = {"contamination": [0.1], "training__epochs": epochs - np.array([2, 1]), "n_members": [1]}
    search = GridSearchCV(quick(name), grid, scoring=labelled_auroc, cv=LabelledKFold(2), error_score="raise")
    x = np.r_[X[6:12] + 4.0, X[6:]]  # known anomalies on one side, where a straight line parts them too
    calmly(search.fit, x, Y)
    assert len(search.cv_results_["mean_test_score"]) == 2
    assert 0.5 < search.best_score_ <= 1.0
    best = search.best_estimator_
    assert best.contamination in (0.1, 0.2) and np.isfinite(best.score_samples(X)).all()


def test_a_grid_sets_training_also_while_it_is_none():
    search = GridSearchCV(
        askew.VAE(n_members=1, random_state=0),
        {"training__epochs": [1], "training__lr": [1e-2]},
        scoring=labelled_auroc,
        cv=LabelledKFold(2),
    )
    calmly(search.fit, X, Y)
    assert search.best_estimator_.training.epochs == 1
    assert len(search.best_estimator_.members_[0].losses["vae/normal"]) == 1


@pytest.mark.parametrize("name", NAMES)
def test_columns_in_another_order_or_of_other_names_are_refused(name):
    detector = shared(name, FRAME, Y)
    assert list(detector.feature_names_in_) == COLUMNS and detector.n_features_in_ == 4
    with pytest.raises(ValueError, match=r"(?s)feature names should match.*order"):
        detector.score_samples(FRAME[COLUMNS[::-1]])
    with pytest.raises(ValueError, match=r"(?s)feature names should match.*weight"):
        detector.score_samples(FRAME.rename(columns={"mass": "weight"}))


@pytest.mark.parametrize("n_splits", [2, 3, 6])
def test_folds_spread_known_anomalies_evenly_and_cover_every_row_once(n_splits):
    folds = list(LabelledKFold(n_splits).split(X, Y))
    assert len(folds) == LabelledKFold(n_splits).get_n_splits() == n_splits
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(60))
    for train, test in folds:
        assert (Y[test] == -1).sum() == 6 // n_splits
        assert not set(train) & set(test) and len(train) + len(test) == 60


def test_folds_spread_known_normal_rows_too_and_one_alone_is_no_obstacle():
    y = Y.copy()
    y[-4:] = 1
    assert [(y[test] == 1).sum() for _, test in LabelledKFold(2).split(X, y)] == [2, 2]
    y[-4:-1] = 0
    assert [(y[test] == -1).sum() for _, test in LabelledKFold(3).split(X, y)] == [2, 2, 2]


def test_one_unlabelled_row_among_known_ones_is_no_obstacle():
    y = np.where(Y == 0, 1, Y)
    y[-1] = 0
    assert [(y[test] == -1).sum() for _, test in LabelledKFold(3).split(X, y)] == [2, 2, 2]


def test_folds_are_the_same_for_the_same_seed_and_others_for_another():
    def folds(seed):
        return [test.tolist() for _, test in LabelledKFold(3, random_state=seed).split(X, Y)]

    assert folds(1) == folds(1) != folds(2)


@pytest.mark.parametrize("n_splits, y", [(7, Y), (1, Y), (2, np.zeros(60, dtype=int))])
def test_more_folds_than_known_anomalies_are_refused(n_splits, y):
    with pytest.raises(
        askew.errors.InvalidInputError, match="n_splits of LabelledKFold must be between 2 and"
    ):
        list(LabelledKFold(n_splits).split(X, y))


def test_folds_and_scorer_refuse_ambiguous_labels():
    with pytest.raises(askew.errors.LabelError, match="from_pyod"):
        list(LabelledKFold(2).split(X, np.abs(Y)))
    with pytest.raises(askew.errors.LabelError, match="from_pyod"):
        labelled_auroc(fitted("isolation_forest", X, Y), X, np.abs(Y))


def test_the_scorer_is_the_auroc_of_known_anomalies_against_all_others():
    class Line:
        def anomaly_score(self, X):
            return np.asarray(X)[:, 0]

    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    assert labelled_auroc(Line(), x, [0, 1, -1, -1]) == 1.0
    assert labelled_auroc(Line(), x, [-1, 0, 1, 0]) == 0.0
    assert labelled_auroc(Line(), x, [0, -1, 0, -1]) == 0.75


@pytest.mark.parametrize("y", [np.zeros(60, dtype=int), None])
def test_the_scorer_refuses_folds_without_a_known_anomaly(y):
    with pytest.raises(
        askew.errors.InvalidInputError, match=r"(?s)y of labelled_auroc must hold.*LabelledKFold"
    ):
        labelled_auroc(fitted("isolation_forest", X, Y), X, y)


def test_cross_val_score_takes_them():
    found = calmly(cross_val_score, quick("deep_sad"), X, Y, scoring=labelled_auroc, cv=LabelledKFold(3))
    assert found.shape == (3,) and np.isfinite(found).all()


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_frames_of_any_library_give_the_scores_of_the_array_and_keep_their_names(make):
    names = ["a", "b", "c", "d"]
    columns = dict(zip(names, X.T, strict=True))
    detector = fitted("vae", make(columns), Y)
    assert list(detector.feature_names_in_) == names
    np.testing.assert_array_equal(detector.score_samples(make(columns)), fitted("vae", X, Y).score_samples(X))
    with pytest.raises(ValueError, match="feature names should match"):
        detector.score_samples(make(dict(reversed(columns.items()))))
