"""Given a frame of words, dates and gaps, a detector does by itself what Prepared does in front of it."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone

import askew
from askew.errors import ColumnWarning, InvalidInputError
from askew.export import load_onnx, to_onnx
from detector_cases import NAMES, calmly, quick, shared, table

X, Y = table()


def frame():
    rng = np.random.default_rng(0)
    found = pd.DataFrame({"height": X[:, 0], "speed": X[:, 1]})
    found["country"] = rng.choice(["NO", "SE"], len(X))
    found["seen"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(X)), unit="D")
    found["paid"] = rng.random(len(X)) < 0.5
    found["name"] = [f"row {row}" for row in range(len(X))]  # different in every row: left out
    found.loc[10::9, "height"] = np.nan
    return found


FRAME = frame()
USED = ["height", "speed", "country", "seen", "paid"]


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


def test_the_scores_are_those_of_prepared(name):
    detector = shared(name, FRAME, Y)
    front = calmly(askew.Prepared(quick(name)).fit, FRAME, Y)
    scores = detector.score_samples(FRAME)
    np.testing.assert_array_equal(scores, front.score_samples(FRAME))
    assert detector.offset_ == front.offset_
    assert detector.feature_names_in_.tolist() == USED and detector.n_features_in_ == 5
    assert detector.n_numbers_ == len(front.preparation_.names) == 10
    for same in (pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME), FRAME[FRAME.columns[::-1]]):
        np.testing.assert_array_equal(detector.score_samples(same), scores)
    assert clone(detector).get_params().keys() == quick(name).get_params().keys()


def test_it_is_saved_with_the_model(name, tmp_path):
    detector = shared(name, FRAME, Y)
    detector.save(tmp_path / "m.askew")
    again = askew.load(tmp_path / "m.askew")
    assert type(again) is type(detector)
    np.testing.assert_array_equal(again.score_samples(FRAME), detector.score_samples(FRAME))
    assert again.feature_names_in_.tolist() == USED and again.n_features_in_ == 5
    assert again.preparation_.summary() == detector.preparation_.summary()


def test_a_later_fit_on_numbers_forgets_the_columns(name):
    detector = calmly(calmly(clone(shared(name, FRAME, Y)).fit, FRAME, Y).fit, X, Y)
    assert detector.preparation_ is None and detector.n_features_in_ == detector.n_numbers_ == 4
    assert not hasattr(detector, "feature_names_in_")
    np.testing.assert_array_equal(detector.score_samples(X), shared(name, X, Y).score_samples(X))


@pytest.mark.parametrize("name", ["auto", "vae"])
def test_it_is_explained_by_its_raw_columns(name):
    found = shared(name, FRAME, Y).explain(FRAME.head(2), background=FRAME)
    assert list(found.features) == USED


@pytest.mark.parametrize("name", ["logistic_regression", "vae"])
def test_it_is_exported_with_its_raw_columns(name, tmp_path):
    threshold = calmly(askew.Quantile(shared(name, FRAME, Y)).fit, FRAME, Y)
    to_onnx(threshold, tmp_path / "m.onnx", FRAME)
    exported = load_onnx(tmp_path / "m.onnx")
    assert exported.feature_names_in_.tolist() == USED
    np.testing.assert_allclose(exported.score_samples(FRAME), threshold.score_samples(FRAME), rtol=1e-4)


def test_columns_that_are_not_learned_from_are_named():
    for model in (quick("kde"), askew.Prepared(quick("kde"))):
        with pytest.warns(
            ColumnWarning, match=rf"^{type(model).__name__} leaves out columns of X: 'name' \(its words"
        ):
            model.fit(FRAME, Y)


def test_known_anomalies_do_not_say_what_is_common():
    labelled = FRAME.assign(country=np.where(Y < 0, "XX", FRAME["country"]))
    assert "country=XX" not in shared("kde", labelled, Y).preparation_.names


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda f: f.drop(columns="country"), "columns of X of KDE must include.*'country' is missing"),
        (
            lambda f: f.assign(wind=1.0),
            r"'wind' is not among them. Use X\[list\(detector.feature_names_in_\)",
        ),
        (lambda f: f.assign(speed="fast"), "column 'speed' of X of KDE must be numbers as in"),
        (lambda f: f.assign(speed=np.inf), "column 'speed' of X of KDE must be finite; got inf in row 0"),
        (
            lambda f: X,
            "X of KDE must be a frame with the columns it was fitted on, 'height', .*; got 'ndarray'",
        ),
        (lambda f: X.reshape(60, 1, 2, 2), "KDE was fitted on a table of 5 columns|a table of 5 columns"),
    ],
    ids=["missing", "further", "words", "infinite", "array", "images"],
)
def test_another_table_is_refused(change, message):
    with pytest.raises(InvalidInputError, match=message):
        shared("kde", FRAME, Y).score_samples(change(FRAME))


def test_gaps_that_no_training_row_had_are_filled():
    new = FRAME.head(2).assign(speed=[np.nan, FRAME["speed"].iloc[1]])
    filled = new.fillna({"speed": shared("kde", FRAME, Y).preparation_.columns[1].encoder.fill})
    scores = shared("kde", FRAME, Y).score_samples(new)
    np.testing.assert_array_equal(scores, shared("kde", FRAME, Y).score_samples(filled))


def test_one_row_and_wrong_labels_are_refused():
    with pytest.raises(InvalidInputError, match=r"Found array with 1 sample\(s\).*minimum of 2"):
        quick("kde").fit(FRAME.head(1))
    with pytest.raises(askew.errors.LabelError, match="y of KDE must be"):
        quick("kde").fit(FRAME, Y[:-1])


@pytest.mark.parametrize("front", [lambda detector: detector, askew.Prepared])
def test_labels_in_another_order_than_the_rows_are_refused(front):
    rows = pd.DataFrame(X, columns=list("abcd"))
    shuffled, y = rows.sample(frac=1, random_state=0), pd.Series(Y)
    with pytest.raises(
        InvalidInputError, match=r"^y of \w+ must have its rows in the order of X.*y.loc\[X.index\]"
    ):
        front(quick("kde")).fit(shuffled, y)
    fitted = front(quick("kde")).fit(shuffled, y.loc[shuffled.index])
    np.testing.assert_allclose(
        fitted.score_samples(rows), front(quick("kde")).fit(rows, y).score_samples(rows)
    )
    assert front(quick("kde")).fit(rows.set_index(np.arange(60) + 5), y).offset_ == pytest.approx(
        fitted.offset_
    )


def test_images_alone_stay_images_alone():
    with pytest.raises(InvalidInputError, match="X of GEOM must be images"):
        askew.GEOM().fit(FRAME)
