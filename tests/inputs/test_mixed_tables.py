"""Mixed tables -> numbers: the encoders against scikit-learn's parts, and what is refused."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from mixed_tables import mixed
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from askew.errors import InvalidInputError
from askew.inputs.encoders import Frequency
from askew.inputs.mixed_columns import Novelties
from askew.inputs.mixed_tables import TablePreparation


def prepared(frame, new=None, **settings):
    """Return the numbers of `new` (or `frame`) as a frame with the names of the numbers."""
    preparation = TablePreparation(**settings).fit(frame)
    return pd.DataFrame(preparation.transform(frame if new is None else new), columns=preparation.names)


def test_kinds_are_found():
    preparation = TablePreparation().fit(mixed())
    assert {column.name: column.kind for column in preparation.columns} == {
        "amount": "number",
        "age": "number",
        "country": "category",
        "shop": "category",
        "online": "boolean",
        "when": "date",
    }
    assert preparation.ignored == {}


def test_feature_of_names_the_raw_column_of_every_number():
    preparation = TablePreparation().fit(mixed())
    assert len(preparation.feature_of) == len(preparation.names) == preparation.transform(mixed()).shape[1]
    assert len(set(preparation.names)) == len(preparation.names)
    assert all(n.startswith(c) for c, n in zip(preparation.feature_of, preparation.names, strict=True))
    assert list(dict.fromkeys(preparation.feature_of)) == list(mixed().columns)


def test_the_result_is_finite_float64():
    values = TablePreparation().fit(mixed()).transform(mixed(seed=1))
    assert values.dtype == np.float64
    assert np.isfinite(values).all()


def test_numbers_equal_scikit_learns_imputer():
    frame, new = mixed()[["age", "amount"]], mixed(seed=1)[["age", "amount"]]
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(frame)
    expected = imputer.transform(new)  # age, amount, age missing
    found = prepared(frame, new)
    np.testing.assert_array_equal(found[["age", "amount", "age missing"]], expected)


def test_words_equal_scikit_learns_one_hot_encoder():
    rng = np.random.default_rng(0)
    levels = [*"abc", *(f"rare{i}" for i in range(8))]
    words = rng.choice(levels, 1000, p=[0.6, 0.3, 0.076, *[0.003] * 8])
    frame = pd.DataFrame({"w": words})
    new = pd.DataFrame({"w": [*levels, "unseen"]})
    encoder = OneHotEncoder(min_frequency=10, handle_unknown="infrequent_if_exist", sparse_output=False)
    expected = encoder.fit(frame[["w"]].to_numpy()).transform(new[["w"]].to_numpy())
    found = prepared(frame, new, min_share=0.01)
    assert found.columns.tolist() == ["w=a", "w=b", "w=c", "w=other"]
    np.testing.assert_array_equal(found, expected)


def test_an_unseen_word_stands_out_where_no_rare_ones_are():
    frame = pd.DataFrame({"w": ["a", "b"] * 50})
    found = prepared(frame, pd.DataFrame({"w": ["a", "zz"]}))
    assert found.to_numpy().tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 3.0]]
    assert (prepared(frame)["w=other"] == 0).all()


def test_a_few_rare_words_are_no_column_of_their_own():
    """Standardised, a column that one row in a thousand has would outweigh all else."""
    frame = pd.DataFrame({"w": ["a"] * 600 + ["b"] * 399 + ["rare"]})
    assert prepared(frame).iloc[-1].tolist() == [0.0, 0.0, 0.0]
    assert TablePreparation().fit(frame).novelties(frame).unseen == {}


def test_many_words_become_how_common_they_are():
    frame = pd.DataFrame({"w": ["often"] * 60 + [f"w{i}" for i in range(40)]})
    found = prepared(frame, pd.DataFrame({"w": ["often", "w3", "never", None]}))["w frequency"]
    np.testing.assert_allclose(found[:3], np.log(np.array([61, 2, 1]) / 101))
    assert found[3] == found[0]  # the word of the middle row


def test_missing_words_have_a_column_if_enough_are_missing():
    frame = pd.DataFrame({"w": [None] * 5 + ["a"] * 500 + ["b"] * 495})
    assert prepared(frame).columns.tolist() == ["w=a", "w=b", "w=other", "w missing"]
    assert prepared(frame).iloc[0].tolist() == [0.0, 0.0, 0.0, 1.0]
    assert "w missing" not in prepared(frame, min_share=0.01)


def test_dates():
    when = pd.to_datetime(["2023-01-02 06:00", "2024-01-08 18:00", None])
    found = prepared(pd.DataFrame({"t": when})).round(6)
    assert found["t days"].tolist() == [0.0, 371.5, 185.75]
    assert found["t hour sin"].tolist() == [1.0, -1.0, 0.0]
    assert found["t weekday cos"].tolist() == [-0.900969, -0.900969, 0.0]  # Mondays; Thursday is at the top
    assert found["t month cos"].tolist() == [1.0, 1.0, 0.0]
    assert found["t missing"].tolist() == [0.0, 0.0, 1.0]


def test_weekdays_are_seven_points_on_a_circle():
    days = pd.DataFrame({"t": pd.date_range("2024-01-01", periods=14)})
    found = prepared(days)
    assert found.columns.tolist() == ["t days", "t weekday sin", "t weekday cos"]
    points = found[["t weekday sin", "t weekday cos"]].round(6)
    assert len(points.drop_duplicates()) == 7
    np.testing.assert_array_equal(points[:7], points[7:])


def test_days_beyond_the_training_rows_are_cut_off():
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-01", "2024-01-05"])})
    new = pd.DataFrame({"t": pd.to_datetime(["1970-01-01", "2030-01-01"])})
    assert prepared(frame, new)["t days"].tolist() == [0.0, 4.0]


def test_hours_are_those_of_the_training_time_zone():
    oslo = pd.DataFrame({"t": pd.date_range("2024-07-01", periods=48, freq="h", tz="Europe/Oslo")})
    utc = pd.DataFrame({"t": oslo["t"].dt.tz_convert("UTC")})
    np.testing.assert_array_equal(prepared(oslo), prepared(oslo, utc))
    assert not np.array_equal(prepared(oslo), prepared(utc))


def test_words_that_spell_dates_are_dates():
    text = pd.DataFrame({"t": ["2024-01-01", "2024-01-09", None]})
    dates = pd.DataFrame({"t": pd.to_datetime(text["t"])})
    np.testing.assert_array_equal(prepared(text), prepared(dates))
    np.testing.assert_array_equal(prepared(text), prepared(text, dates))


def test_truth_values_may_come_back_as_0_and_1():
    frame = pd.DataFrame({"b": [True, False, True, None] * 5})
    found = prepared(frame, pd.DataFrame({"b": [1, 0]}))
    assert found.to_numpy().tolist() == [[1.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    "make", [pl.from_pandas, pa.Table.from_pandas, lambda f: f.astype({"country": "category"})]
)
def test_every_kind_of_frame_gives_the_same_numbers(make):
    np.testing.assert_array_equal(prepared(mixed()), prepared(make(mixed())))
    np.testing.assert_array_equal(prepared(mixed()), prepared(mixed(), make(mixed())))


def test_arrays_with_gaps():
    found = prepared(np.array([[1.0, np.nan], [3.0, 4.0]]))
    assert found.columns.tolist() == ["x0", "x1", "x1 missing"]
    assert found.to_numpy().tolist() == [[1.0, 4.0, 1.0], [3.0, 4.0, 0.0]]


def test_the_order_of_columns_and_further_ones_play_no_part_in_transform():
    preparation = TablePreparation().fit(mixed())
    shuffled = mixed()[mixed().columns[::-1]].assign(more=1)
    np.testing.assert_array_equal(preparation.transform(mixed()), preparation.transform(shuffled))


def test_rows_do_not_depend_on_the_rows_beside_them():
    preparation = TablePreparation(kinds={"age": "category"}).fit(mixed())
    whole = preparation.transform(mixed())
    parts = [preparation.transform(mixed().iloc[start : start + 7]) for start in range(0, 300, 7)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_only_the_rows_given_teach():
    frame = pd.DataFrame({"w": ["a"] * 9 + ["odd"], "x": [1.0] * 9 + [100.0]})
    rows = np.arange(10) < 9
    preparation = TablePreparation().fit(frame, rows)
    assert preparation.names == ("w=a", "w=other", "x")
    assert preparation.transform(frame)[-1].tolist() == [0.0, 3.0, 100.0]


def test_columns_that_teach_nothing_are_left_out():
    frame = mixed().assign(name=[f"n{i}" for i in range(300)], empty=None, nothing=np.nan)
    preparation = TablePreparation().fit(frame)
    assert preparation.ignored == {
        "name": "its words are different in almost every row",
        "empty": "it has no values",
        "nothing": "it has no values",
    }
    preparation.match(pa.Table.from_pandas(frame).schema, "new")  # known, so not extra
    preparation.match(pa.Table.from_pandas(mixed()).schema, "new")  # and not missing
    assert "name" in {c.name for c in TablePreparation(kinds={"name": "category"}).fit(frame).columns}


def test_a_number_can_be_a_category():
    frame = pd.DataFrame({"code": [1, 2, 2, 1] * 5})
    found = prepared(frame, pd.DataFrame({"code": [2.0, np.nan]}), kinds={"code": "category"})
    assert found.columns.tolist() == ["code=1", "code=2", "code=other"]
    assert found.to_numpy().tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]


def test_state_of_earlier_versions_is_read():
    preparation = TablePreparation().fit(mixed())
    values, arrays = preparation.state()
    for column in values["columns"]:
        del column["number_format"], column["missing"]
    again = TablePreparation.from_state(json.loads(json.dumps(values)), arrays)
    assert again.columns[0] == preparation.columns[0]
    np.testing.assert_array_equal(again.transform(mixed(seed=1)), preparation.transform(mixed(seed=1)))


def test_state_comes_back_through_json_and_arrays():
    frame = mixed().assign(name=[f"ñ{i}" for i in range(300)])
    preparation = TablePreparation(kinds={"age": "category"}, max_one_hot=20).fit(frame)
    values, arrays = preparation.state()
    assert all(array.dtype.kind in "iuf" for array in arrays.values())
    again = TablePreparation.from_state(json.loads(json.dumps(values)), arrays)
    assert again.columns[0] == preparation.columns[0]
    assert (again.names, again.ignored, again.kinds) == (
        preparation.names,
        preparation.ignored,
        preparation.kinds,
    )
    new = mixed(seed=1).assign(shop="never")
    np.testing.assert_array_equal(again.transform(new), preparation.transform(new))
    assert again.novelties(new) == preparation.novelties(new)


def test_what_is_new_is_counted_and_adds_up():
    preparation = TablePreparation().fit(mixed())
    new = pd.concat([mixed()] * 2).reset_index(drop=True)
    new.loc[:16, "country"] = ["PE", "CL", "PE", "BO"] * 4 + ["PE"]
    new.loc[:4, "amount"] = np.nan
    whole = preparation.novelties(new)
    assert whole.unseen == {"country": (17, {"PE", "CL", "BO"})}
    assert whole.gaps == {"amount": 5}  # gaps in age, country, when are nothing new
    parts = Novelties()
    for start in range(0, 600, 10):
        parts += preparation.novelties(new[start : start + 10])
    assert parts == whole
    assert whole.lines() == [
        "column 'country': 3 unseen categories in 17 rows ('BO', 'CL', 'PE').",
        "column 'amount': missing in 5 rows, in none of the training rows.",
    ]


def test_unseen_words_are_kept_up_to_a_thousand():
    preparation = TablePreparation().fit(pd.DataFrame({"w": ["a", "b"]}))
    found = Novelties()
    for batch in range(3):
        found += preparation.novelties(pd.DataFrame({"w": [f"w{batch}-{i}" for i in range(700)]}))
    rows, words = found.unseen["w"]
    assert (rows, len(words)) == (2100, 1000)
    assert "1,000 or more unseen categories in 2,100 rows" in found.lines()[0]


CHANGES = {
    "missing": (lambda f: f.drop(columns="age"), "'age' is missing"),
    "renamed": (
        lambda f: f.rename(columns={"country": "Country"}),
        "'country' is missing. Did you mean 'Country'?",
    ),
    "words for numbers": (
        lambda f: f.assign(amount="1.5"),
        "column 'amount' of new must be numbers as in the table the model was fitted on; got words",
    ),
    "dates for numbers": (
        lambda f: f.assign(age=f["when"]),
        "column 'age' of new must be numbers .*; got dates",
    ),
    "numbers for words": (
        lambda f: f.assign(country=1),
        "column 'country' of new must be words .* got numbers",
    ),
    "numbers for dates": (
        lambda f: f.assign(when=1.0),
        "column 'when' of new must be dates .*pd.to_datetime",
    ),
    "a zone for none": (
        lambda f: f.assign(when=f["when"].dt.tz_localize("UTC")),
        "got dates with a time zone. Take the time zone away",
    ),
    "more than two truth values": (
        lambda f: f.assign(online=range(len(f))),
        "column 'online' of new must be truth values .*; got numbers, for example 0",
    ),
    "infinite": (
        lambda f: f.assign(amount=np.inf),
        "column 'amount' of new must be finite; got inf in row 0",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_changed_is_refused(change):
    make, text = CHANGES[change]
    preparation = TablePreparation().fit(mixed())
    with pytest.raises(InvalidInputError, match=text):
        preparation.transform(make(mixed()), "new")


def test_a_zone_that_is_gone_is_refused():
    frame = pd.DataFrame({"t": pd.date_range("2024-07-01", periods=48, freq="h", tz="Europe/Oslo")})
    with pytest.raises(InvalidInputError, match=r"must be dates as in the table.*Give its time zone"):
        TablePreparation().fit(frame).transform(pd.DataFrame({"t": frame["t"].dt.tz_localize(None)}))


def test_extra_columns():
    preparation = TablePreparation().fit(mixed())
    schema = pa.Table.from_pandas(mixed().assign(wind=1.0, id="x")).schema
    with pytest.raises(
        InvalidInputError, match=r"columns of new must be those.*'wind', 'id' are not among them"
    ):
        preparation.match(schema, "new")
    with pytest.raises(InvalidInputError, match=r"'wind' is not among them. Leave it out"):
        preparation.match(schema, "new", known=["id"])
    assert preparation.match(schema, "new", extra="ignore", known=["id"]) == ("wind",)


@pytest.mark.parametrize(
    ("frame", "settings", "text"),
    [
        (mixed(), {"kinds": {"agee": "category"}}, "kinds must name columns of .*'agee'. Did you mean 'age'"),
        (
            mixed(),
            {"kinds": {"age": "categorie"}},
            r"kinds\['age'\] of TablePreparation must be one of number",
        ),
        (
            mixed(),
            {"kinds": {"shop": "number"}},
            r"column 'shop' of .* must be a number .* or empty in every row; got 's\d+' in row \d+\.",
        ),
        (mixed(), {"max_one_hot": 0}, "max_one_hot of TablePreparation must be"),
        (mixed(), {"min_share": 0.5}, "min_share of TablePreparation must be"),
        (
            pd.DataFrame({"a": [1, "x"]}),
            {},
            "column 'a' of X .* must hold values of one kind; got int and str",
        ),
        (
            pd.DataFrame({"a": [[1], [2]]}),
            {},
            "column 'a' of .* must be numbers, truth values, words or dates",
        ),
        (pd.DataFrame({"a": [None, None]}), {}, "must include one to learn from"),
        (pd.DataFrame({1: [1, 2]}), {}, "column names of X of TablePreparation must be text; got 1"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, "got 'a' for columns 1 and 2"),
        (pd.DataFrame({"a": []}), {}, "at least one row"),
        (pl.LazyFrame({"a": [1]}), {}, r"Use X.collect\(\)"),
        (np.ones(3), {}, r"X of TablePreparation must be of shape \(n, d\)"),
        (pd.DataFrame({"d": ["01/02/2024"] * 3}), {}, "column 'd' of X .* must be dates with one meaning"),
    ],
)
def test_refusals_when_fitting(frame, settings, text):
    with pytest.raises(InvalidInputError, match=text):
        TablePreparation(**settings).fit(frame)


def test_unseen_categories_are_counted_in_words():
    novelties = Novelties({"a": (2, {"PE"}), "b": (1, {"x", "y"})})
    assert novelties.lines() == [
        "column 'a': 1 unseen category in 2 rows ('PE').",
        "column 'b': 2 unseen categories in 1 row ('x', 'y').",
    ]


@pytest.mark.parametrize(("last", "used"), [("2024-01-07", False), ("2024-01-08", True)])
def test_weekdays_count_from_a_week_on(last, used):
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-01", last])})
    assert ("t weekday sin" in prepared(frame)) == used


def test_months_are_points_on_a_circle():
    frame = pd.DataFrame({"t": pd.to_datetime(["2023-01-15", "2023-04-15", "2023-07-15", "2024-02-15"])})
    np.testing.assert_allclose(prepared(frame)["t month sin"], [0.0, 1.0, 0.0, np.sin(np.pi / 6)], atol=1e-12)


def test_one_column_for_each_of_at_most_so_many_words():
    frame = pd.DataFrame({"w": ["a", "b"] * 50})
    assert prepared(frame, max_one_hot=1).columns.tolist() == ["w frequency"]
    for number in (0, 1.0):
        with pytest.raises(
            InvalidInputError, match="max_one_hot of TablePreparation must be an integer of at le"
        ):
            prepared(frame, max_one_hot=number)


def test_words_with_a_count_below_nothing_are_refused():
    values, arrays = Frequency(pa.array(["a", "b"]), np.array([3, 1]), 4).state()
    assert Frequency.from_state(values, arrays).words.to_pylist() == ["a", "b"]
    for change in ({"counts": np.array([3, -1])}, {"counts": np.array([3])}):
        with pytest.raises(ValueError, match="its 2 words have no count each"):
            Frequency.from_state(values, arrays | change)
    for n_rows in (0, 4.0):
        with pytest.raises(ValueError, match="no count each"):
            Frequency.from_state({"n_rows": n_rows}, arrays)
