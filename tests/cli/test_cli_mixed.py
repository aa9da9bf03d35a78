"""A messy table, from the file to the scores, without a line of code."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import askew
from askew.inputs import csv_table, parquet_table
from askew.scoring import Scoring

FIT = ("--label-column", "label", "--anomaly", "fraud", "--id-column", "id", "--drop", "memo")
QUICK = ("--detector", "isolation_forest", "--set", "n_estimators=10", "-o", "m.askew")


def messy(n_rows=200, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": [f"t{row}" for row in range(n_rows)],
            "amount": rng.lognormal(size=n_rows).round(3),
            "country": rng.choice(["NO", "SE", "DK"], n_rows),
            "shop": rng.choice([f"s{i}" for i in range(50)], n_rows),
            "online": rng.random(n_rows) < 0.5,
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 30 * 24, n_rows), unit="h"),
            "zip": [f"{number:04d}" for number in rng.integers(1, 20, n_rows)],
            "memo": [f"text {row}" for row in range(n_rows)],
            "label": [""] * n_rows,
        }
    )
    frame.loc[::8, "amount"] = np.nan
    frame.loc[1::8, "country"] = None
    frame.loc[2::8, "when"] = pd.NaT
    frame.loc[n_rows - 4 :, "label"] = "fraud"
    return frame


@pytest.fixture
def files(run, tmp_path):
    messy().to_csv("messy.csv", index=False)
    messy().to_parquet("messy.parquet")
    new = messy(seed=1).drop(columns=["label", "memo"])
    new.loc[:4, "country"] = "PE"
    new.to_csv("new.csv", index=False)
    new.to_parquet("new.parquet")
    return new


def test_fit_and_score_with_no_options_about_columns(run, files):
    outcome = run("fit", "messy.csv", *FIT, *QUICK)
    assert outcome.code == 0, outcome.err
    assert "200 rows, 6 columns; 4 known anomalies" in outcome.err
    for line in (
        "country: category (3 levels, gaps marked)",
        "when: date (days, hour, weekday, gaps marked)",
        "note: gaps are marked, so that a rare one counts as unusual: 'amount', 'country', 'when'.",
    ):
        assert f"  {line}\n" in outcome.err
    assert "  online: boolean\n" in outcome.err and "  zip: category (19 levels" in outcome.err
    assert "Wrote m.askew (IsolationForest" in outcome.err
    outcome = run("score", "m.askew", "new.csv", "--id-column", "id", "-o", "s.csv")
    assert outcome.code == 0, outcome.err
    assert "column 'country': 1 unseen category in 5 rows ('PE')." in outcome.err
    found = pd.read_csv("s.csv")
    model = askew.load("m.askew")
    assert found["id"].tolist() == files["id"].tolist()
    np.testing.assert_allclose(found["score"], model.score_samples(files.drop(columns="id")), rtol=1e-9)


def test_csv_and_parquet_give_the_same_model_and_scores(run, files):
    scores = []
    for train in ("messy.csv", "messy.parquet"):
        assert run("fit", train, *FIT, *QUICK).code == 0
        for new in ("new.csv", "new.parquet"):
            outcome = run("score", "m.askew", new, "--id-column", "id")
            assert outcome.code == 0, outcome.err
            scores.append(outcome.out)
    assert len(set(scores)) == 1


def test_labels_ids_and_dropped_columns_may_be_there_or_not(run, files):
    run("fit", "messy.csv", *FIT, *QUICK)
    messy(seed=1).to_csv("all.csv", index=False)
    messy(seed=1).drop(columns=["id", "label", "memo"]).to_csv("features.csv", index=False)
    whole, alone = (run("score", "m.askew", name) for name in ("all.csv", "features.csv"))
    assert (whole.code, whole.out) == (0, alone.out)
    assert "note:" not in whole.err


@pytest.mark.parametrize("columns", [["amount", "zipcode"], ["amount", "zipcode", "country"]])
def test_extra_columns_are_refused_or_ignored(run, tmp_path, columns):
    """The first table is numbers alone, whose model has no preparation, but knows its file all the same."""
    data = messy().assign(zipcode=range(200), amount=1.0 * np.arange(200))
    data[[*columns, "id"]].to_csv("train.csv", index=False)
    data[[*columns, "memo"]].to_csv("new.csv", index=False)
    assert run("fit", "train.csv", "--drop", "id", *QUICK).code == 0
    assert isinstance(askew.load("m.askew"), askew.Prepared) == ("country" in columns)
    outcome = run("score", "m.askew", "new.csv")
    assert outcome.code == 2
    assert "'memo' is not among them" in outcome.err and "--ignore-extra" in outcome.err
    outcome = run("score", "m.askew", "new.csv", "--ignore-extra")
    assert outcome.code == 0
    assert "note: the model does not use 'memo'." in outcome.err
    assert run("score", "m.askew", "train.csv").code == 0


def test_gaps_among_numbers(run, tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(100, 3)), columns=["a", "b", "c"])
    frame.loc[::10, "b"] = np.nan
    frame.to_csv("train.csv", index=False)
    outcome = run("fit", "train.csv", *QUICK)
    assert outcome.code == 0, outcome.err
    assert "b: number (gaps become" in outcome.err and "3 columns become 4 numbers." in outcome.err
    frame.loc[3, "a"] = np.nan
    frame.to_csv("new.csv", index=False)
    assert (
        "column 'a': missing in 1 row, in none of the training rows."
        in run("score", "m.askew", "new.csv").err
    )


def test_a_kind_can_be_given(run, files):
    outcome = run("fit", "messy.csv", *FIT, *QUICK, "--column-kind", "amount=category")
    assert "amount: category (" in outcome.err
    frame = pd.DataFrame({"a": range(30), "b": [0.5] * 30})
    frame.to_csv("numbers.csv", index=False)
    outcome = run("fit", "numbers.csv", *QUICK, "--column-kind", "a=number")
    assert "a: number\n" in outcome.err
    pd.DataFrame({"a": [None, 3], "b": [0.5, 0.5]}).to_csv("gap.csv", index=False)
    assert run("score", "m.askew", "gap.csv").code == 0


def test_many_columns_are_told_in_one_line(run, tmp_path):
    frame = pd.DataFrame({f"c{i}": np.arange(30.0) for i in range(25)}).assign(word=["a", "b"] * 15)
    frame.to_csv("wide.csv", index=False)
    outcome = run("fit", "wide.csv", *QUICK)
    assert "  25 number, 1 category\n" in outcome.err
    assert "c3:" not in outcome.err


@pytest.mark.parametrize("source", ["csv", "parquet"])
def test_batches_change_nothing(run, files, source, monkeypatch):
    run("fit", "messy.csv", *FIT, *QUICK)
    words = ("score", "m.askew", f"new.{source}", "--id-column", "id")
    whole = run(*words)
    monkeypatch.setattr(csv_table, "_BLOCK", 512)
    monkeypatch.setattr(csv_table, "_TOGETHER", 1)
    monkeypatch.setattr(parquet_table, "ROWS", 7)
    parts = []
    batches = Scoring.batches

    def counted(self):
        for part in batches(self):
            parts.append(part)
            yield part

    monkeypatch.setattr(Scoring, "batches", counted)
    again = run(*words)
    assert len(parts) > 10
    assert again.out == whole.out and again.err == whole.err


def test_json_names_the_raw_columns(run, files):
    about = json.loads(run("fit", "messy.csv", *FIT, *QUICK, "--json").out)
    assert about["features"] == ["amount", "country", "shop", "online", "when", "zip"]
    found = json.loads(run("score", "m.askew", "new.csv", "--top", 2, "--json").out)
    assert found["notes"][0] == "column 'country': 1 unseen category in 5 rows ('PE')."


def german(frame):
    """Return a table as people write it: decimal commas, thousands, a currency, a unit, gaps in words."""
    rows = range(len(frame))
    amounts = [
        f"{value * 1000:,.2f}".translate(str.maketrans(",.", ".,")) for value in frame["amount"].fillna(7)
    ]
    text = frame.assign(
        amount=[f"{amount} €" if row % 9 else "-" for row, amount in zip(rows, amounts, strict=True)],
        weight=[f"{row % 17},5 kg" for row in rows],
        count=[f"{1000 + row % 23:,}".replace(",", ".") for row in rows],
    )
    return text[["id", "amount", "weight", "count", "country", "label"]]


def english(frame):
    """Return the same numbers as a program writes them."""
    number = german(frame)
    amount = number["amount"].str.removesuffix(" €").str.replace(".", "").str.replace(",", ".")
    weight = number["weight"].str.removesuffix(" kg").str.replace(",", ".")
    count = number["count"].str.replace(".", "")
    return number.assign(amount=amount.replace("-", None).astype(float), weight=weight, count=count).astype(
        {"weight": float, "count": int}
    )


NEW = ("score", "m.askew", "new.csv", "--id-column", "id")


class TestNumbersWrittenByPeople:
    FIT = ("--label-column", "label", "--anomaly", "fraud", "--id-column", "id")

    @pytest.fixture
    def fitted(self, run):
        german(messy()).to_csv("german.csv", sep=";", index=False)
        outcome = run("fit", "german.csv", *self.FIT, *QUICK)
        assert outcome.code == 0, outcome.err
        return outcome

    def test_how_they_are_written_is_said_and_they_are_numbers(self, run, fitted):
        for line in (
            "note: numbers written like '1.897,00 €' are read as 1897: 'amount'.",
            "note: numbers written like '10,5 kg' are read as 10.5: 'weight'.",
            "note: numbers written like '1.000' are read as 1000: 'count'.",
            "note: '-' is taken as missing in 23 cells of 'amount'.",
            "  count: number (written 1.234,5)",
        ):
            assert f"{line}\n" in fitted.err
        german(messy(seed=1)).to_csv("new.csv", sep=";", index=False)
        scores = run(*NEW)
        english(messy()).to_csv("english.csv", index=False)
        assert run("fit", "english.csv", *self.FIT, *QUICK).code == 0
        english(messy(seed=1)).to_csv("new.csv", index=False)
        assert run(*NEW).out == scores.out

    def test_another_table_is_read_alike_or_refused(self, run, fitted):
        new = messy(seed=1)
        german(new).to_csv("new.csv", sep=";", index=False)
        scores = run(*NEW).out
        english(new).to_parquet("new.parquet")
        assert run("score", "m.askew", "new.parquet", "--id-column", "id").out == scores
        german(new).to_parquet("new.parquet")
        assert run("score", "m.askew", "new.parquet", "--id-column", "id").out == scores
        english(new).to_csv("new.csv", index=False)
        outcome = run(*NEW)
        assert outcome.code == 2
        assert (
            "column 'amount' of new.csv must be a number (like 1.234,5 €) or empty in every row; got"
            in outcome.err
        )
        assert "say how numbers are written (--decimal, --thousands)" in outcome.err

    def test_a_person_says_how_another_table_is_written(self, run):
        numbers = english(messy()).fillna({"amount": 1.5})[["id", "amount", "count", "label"]]
        numbers.to_csv("plain.csv", index=False)
        assert run("fit", "plain.csv", *self.FIT, *QUICK).code == 0
        numbers.to_csv("new.csv", index=False)
        scores = run(*NEW)
        numbers.to_csv("new.csv", sep=":", decimal=",", index=False, encoding="utf-16")
        outcome = run(*NEW, "--decimal", ",", "--separator", ":")
        assert (outcome.out, outcome.code) == (scores.out, 0), outcome.err
        assert run(*NEW).code == 2

    def test_missing_values_that_a_person_names(self, run):
        frame = english(messy()).fillna({"amount": -999})
        frame.loc[:20, "country"] = "nobody"
        frame.to_csv("train.csv", index=False)
        assert "--na=-999" in run("fit", "train.csv", *self.FIT, *QUICK).err
        outcome = run("fit", "train.csv", *self.FIT, *QUICK, "--na=-999", "--na", "nobody")
        assert "country: category (3 levels, gaps marked)" in outcome.err and "--na" not in outcome.err
        frame.to_csv("new.csv", index=False)
        outcome = run(*NEW)
        assert outcome.code == 0 and "unseen" not in outcome.err

    def test_options_of_text_are_refused_for_images(self, run, tmp_path):
        (tmp_path / "images").mkdir()
        (tmp_path / "images" / "a.png").touch()
        outcome = run("fit", "images", "-o", "m.askew", "--decimal", ",")
        assert outcome.code == 2 and "--decimal must be left out for a folder of images" in outcome.err


@pytest.mark.parametrize("origin", [1_580_000_000_000_000_001, 2**63 + 5])
def test_digits_beyond_floats_count_in_text_files(run, origin):
    steps = np.random.default_rng(0).integers(-30, 31, size=60).tolist()

    def scores(offset, *names):
        frame = pd.DataFrame({"a": [f"{step + offset}" for step in steps], "b": ["x", "y"] * 30})
        frame.to_csv("t.csv", index=False)
        frame.to_parquet("t.parquet")  # as text
        outcome = run("fit", "t.csv", "--detector", "kde", "-o", "m.askew")
        assert outcome.code == 0, outcome.err
        assert ("float64 has no digits for more" in outcome.err) == (offset > 0)
        return [pd.read_csv(io.StringIO(run("score", "m.askew", name).out))["score"] for name in names]

    (plain,) = scores(0, "t.csv")
    far, in_parquet = scores(origin, "t.csv", "t.parquet")
    np.testing.assert_allclose(far, plain, rtol=1e-9)
    np.testing.assert_array_equal(in_parquet, far)
    Path("t.csv").write_text(f"a,b\n{origin}.5,x\n")
    assert (
        "column 'a' of t.csv must be a number or empty in every row" in run("score", "m.askew", "t.csv").err
    )
