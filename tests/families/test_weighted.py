"""Weights of training rows: 0 leaves a row out, more draws the model; other methods refuse them by name."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import has_fit_parameter

import askew
from askew.errors import InvalidInputError
from detector_cases import NAMES, quick, table

X, Y = table()
WEIGHTED = [name for name in NAMES if has_fit_parameter(askew.index.detector_class(name), "sample_weight")]
HALF = np.arange(60) % 2.0


def test_these_take_weights():
    assert {"logistic_regression", "gradient_boosting", "isolation_forest"} <= set(WEIGHTED)


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weight_of_nothing_leaves_a_row_out_and_others_count(name):
    kept = HALF > 0
    some = quick(name).fit(X, Y, sample_weight=HALF)
    fewer = quick(name).fit(X[kept], Y[kept], sample_weight=HALF[kept])
    np.testing.assert_array_equal(some.score_samples(X), fewer.score_samples(X))
    heavy = quick(name).fit(X, Y, sample_weight=np.where(np.arange(60) < 30, 1.0, 50.0))
    assert not np.allclose(heavy.score_samples(X), quick(name).fit(X, Y).score_samples(X))
    assert not {"_given", "_weights"} & set(vars(some))


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WEIGHTED)))
def test_other_methods_refuse_them_by_name(name):
    message = (
        f"^sample_weight of {askew.index.detector_class(name).__name__} must be left out.*IsolationForest"
    )
    with pytest.raises(InvalidInputError, match=message):
        quick(name).fit(X, Y, sample_weight=HALF)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (HALF[:-1], r"one finite number of at least 0 per row of X; got 'shape \(59,\)'. Give 60 numbers"),
        (HALF - 1.0, "got '-1.0 in row 0'. 0 leaves a row out"),
        (np.where(HALF > 0, np.nan, 1.0), "got 'nan in row 1'"),
        (["x"] * 60, "got 'list'. Give numbers"),
        (np.where(Y < 0, 0.0, 1.0), "above 0 for a known anomaly"),
    ],
    ids=["short", "negative", "missing", "words", "no anomaly"],
)
def test_wrong_weights_are_refused(weights, message):
    with pytest.raises(InvalidInputError, match=f"^sample_weight of LogisticRegression must be .*{message}"):
        askew.LogisticRegression().fit(X, Y, sample_weight=weights)


def test_pipelines_prepared_and_routing_pass_them_on():
    plain = askew.LogisticRegression().fit(StandardScaler().fit_transform(X), Y, sample_weight=HALF)
    pipeline = make_pipeline(StandardScaler(), askew.LogisticRegression())
    pipeline.fit(X, Y, logisticregression__sample_weight=HALF)
    np.testing.assert_array_equal(pipeline[-1].coef_, plain.coef_)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = askew.LogisticRegression().set_fit_request(sample_weight=True)
        routed = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), asked).fit(
            X, Y, sample_weight=HALF
        )
    np.testing.assert_array_equal(routed[-1].coef_, plain.coef_)
    frame = pd.DataFrame(X, columns=list("abcd"))
    front = askew.Prepared(askew.LogisticRegression()).fit(frame, Y, sample_weight=HALF)
    direct = askew.LogisticRegression().fit(frame, Y, sample_weight=HALF)
    np.testing.assert_array_equal(front.score_samples(frame), direct.score_samples(frame))
    with pytest.raises(InvalidInputError, match="sample_weight of KDE must be left out"):
        make_pipeline(StandardScaler(), askew.KDE()).fit(X, Y, kde__sample_weight=HALF)


def test_another_parameter_of_fit_is_refused():
    with pytest.raises(InvalidInputError, match="fit of KDE has no parameter 'bandwidth'"):
        askew.KDE().fit(X, Y, bandwidth=1.0)
