"""A detector with a preparation of mixed tables in front."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import askew
from askew import files, index
from askew.base.prepared import raw_columns
from askew.base.wrapper import unwrap
from askew.errors import InvalidInputError, LabelError, ModelFileError
from askew.inputs.mixed_tables import TablePreparation


def table(n_rows=200, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(size=n_rows),
            "country": rng.choice(["NO", "SE"], n_rows),
            "shop": rng.choice([f"s{i}" for i in range(40)], n_rows),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 20, n_rows), unit="D"),
        }
    )
    frame.loc[::9, "amount"] = np.nan
    return frame


def forest(**settings):
    return askew.Prepared(askew.IsolationForest(n_estimators=20, random_state=0), **settings)


@pytest.fixture(scope="module")
def model():
    return forest(other_columns=["id", "label"]).fit(table())


def test_it_is_the_detector_on_prepared_numbers(model):
    values = TablePreparation().fit(table()).transform(table())
    expected = askew.IsolationForest(n_estimators=20, random_state=0).fit(values)
    new = table(seed=1)
    numbers = model.preparation_.transform(new)
    np.testing.assert_array_equal(model.score_samples(new), expected.score_samples(numbers))
    assert model.offset_ == expected.offset_
    np.testing.assert_array_equal(model.decision_function(new), model.score_samples(new) - model.offset_)
    np.testing.assert_array_equal(model.predict(new), expected.predict(numbers))
    np.testing.assert_array_equal(model.anomaly_score(new), -model.score_samples(new))
    assert model.feature_names_in_.tolist() == ["amount", "country", "shop", "when"]
    assert model.n_features_in_ == 4


def test_labels_reach_the_detector_and_the_preparation():
    frame = table()
    frame.loc[:9, ["amount", "country"]] = [9.0, "XX"]
    y = np.zeros(len(frame), dtype=int)
    y[:10] = -1
    detector = askew.LogisticRegression(random_state=0)
    model = askew.Prepared(detector).fit(frame, y)
    assert "country=XX" not in model.preparation_.names  # known anomalies do not say what is common
    assert model.preparation_.novelties(frame).unseen["country"][0] == 10
    assert model.anomaly_score(frame)[:10].min() > model.anomaly_score(frame)[10:].max()
    with pytest.raises(LabelError):
        askew.Prepared(detector).fit(frame, None)
    with pytest.raises(LabelError, match="Prepared"):
        askew.Prepared(detector).fit(frame, [1, 2])


def test_the_given_detector_stays_as_it_was():
    detector = askew.IsolationForest(random_state=0)
    askew.Prepared(detector).fit(table())
    assert not hasattr(detector, "offset_")


def test_in_scikit_learn(model):
    copy = clone(model).set_params(detector__n_estimators=7, max_one_hot=50).fit(table())
    assert copy.detector_.n_estimators == 7
    assert "shop=s1" in copy.preparation_.names and "shop=s1" not in model.preparation_.names
    with pytest.raises(NotFittedError):
        clone(model).score_samples(table())
    predicted = forest().fit_predict(table())
    assert set(np.unique(predicted)) == {-1, 1}


def test_columns_known_at_fit_time_are_not_extra(model):
    np.testing.assert_array_equal(
        model.predict(table().assign(label="x", id=range(200))), model.predict(table())
    )
    with pytest.raises(InvalidInputError, match="'wind' is not among them"):
        model.predict(table().assign(wind=1.0))
    ignoring = clone(model).set_params(extra="ignore").fit(table())
    np.testing.assert_array_equal(ignoring.predict(table().assign(wind=1.0)), model.predict(table()))


def test_other_columns_are_not_learned_from(model):
    again = clone(model).fit(table().assign(label="x", id=range(200)))
    assert again.preparation_.names == model.preparation_.names


@pytest.mark.parametrize("make", [lambda f: f, pl.from_pandas], ids=["pandas", "polars"])
def test_changed_tables_are_refused(model, make):
    for change, text in {
        "drop": "'country' is missing",
        "rename": "Did you mean 'Country'",
        "retype": "column 'amount' of X of Prepared must be numbers as in",
    }.items():
        frame = {
            "drop": table().drop(columns="country"),
            "rename": table().rename(columns={"country": "Country"}),
            "retype": table().assign(amount="many"),
        }[change]
        with pytest.raises(InvalidInputError, match=text):
            model.score_samples(make(frame))


FRESH = """
import pickle, sys
import numpy as np, pandas as pd
import askew, skops.io
def refuse(*args, **kwargs):
    raise AssertionError("something was unpickled")
pickle.load = pickle.loads = pickle.Unpickler = refuse
model = askew.load("m.askew")
np.save("scores.npy", model.score_samples(pd.read_parquet("new.parquet")))
print(type(model).__name__, type(model.detector_).__name__)
"""


def test_saved_and_loaded_in_a_fresh_process(tmp_path, forks):
    detector = askew.DPVAE(n_members=2, random_state=0).set_params(training__epochs=2)
    model = askew.Prepared(detector, kinds={"shop": "category"}, other_columns=("id",), extra="ignore")
    model.fit(table()).save(tmp_path / "m.askew")
    new = table(seed=1).assign(country="DK")
    new.to_parquet(tmp_path / "new.parquet")
    assert forks.run(FRESH, folder=tmp_path).stdout.split() == ["Prepared", "DPVAE"]
    np.testing.assert_array_equal(np.load(tmp_path / "scores.npy"), model.score_samples(new))
    again = askew.load(tmp_path / "m.askew")
    assert repr(again.get_params()) == repr(model.get_params())
    assert again.novelties(new) == model.novelties(new)
    again.save(tmp_path / "again.askew")
    first, second = (files.read(tmp_path / name) for name in ("m.askew", "again.askew"))
    assert json.dumps(first[0], sort_keys=True) == json.dumps(second[0], sort_keys=True)
    assert first[1].keys() == second[1].keys()


def test_a_damaged_preparation_is_refused(model, tmp_path):
    model.save(tmp_path / "m.askew")
    header, arrays = files.read(tmp_path / "m.askew")
    del header["preparation"]["columns"][0]["encoder"]
    files.write(tmp_path / "m.askew", header, arrays)
    with pytest.raises(ModelFileError, match="does not fit this version"):
        askew.load(tmp_path / "m.askew")


def test_a_failed_fit_leaves_it_unfitted(model):
    again = clone(model).fit(table())
    with pytest.raises(LabelError):
        again.set_params(detector=askew.LogisticRegression()).fit(table())
    with pytest.raises(NotFittedError):
        again.score_samples(table())


def test_it_is_found_by_name_and_inside_other_models(model):
    assert index.wrapper_class("prepared") is askew.Prepared
    assert "Prepared" in dir(askew)
    assert raw_columns(model).preparation is model.preparation_
    assert raw_columns(model.detector_) is None
    assert unwrap(model) is model.detector_


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"extra": "drop"}, 'extra of Prepared must be "refuse" or "ignore"'),
        ({"other_columns": "id"}, r"Use \['id'\]"),
        ({"kinds": {"amont": "number"}}, "got 'amont'. Did you mean 'amount'"),
        ({"detector": "dp_vae"}, "detector of Prepared must be a Detector; got 'dp_vae'"),
        ({"max_one_hot": 0}, "max_one_hot"),
    ],
)
def test_parameters(settings, text):
    with pytest.raises(InvalidInputError, match=text):
        forest().set_params(**settings).fit(table())
