"""A threshold on the command line: fitted with the model, put on it later, and applied to whole files."""

import json

import numpy as np
import pandas as pd
import pytest
from cli_tables import table

import askew
from askew.calibration import AlertBudget, Conformal, Quantile, hold_out
from askew.inputs import csv_table

FEATURES = ["a", "b", "c"]
FEW = ("--set", "n_estimators=10")
COMMON = ("--label-column", "label", "--id-column", "id", "--detector", "isolation_forest", *FEW)


@pytest.fixture
def big_csv(tmp_path):
    """600 rows, the last 60 of them far away and labelled."""
    data = table(600)
    data.loc[540:, FEATURES] += 8
    data.loc[540:, "label"] = -1
    data.to_csv(tmp_path / "big.csv", index=False)
    return data


@pytest.fixture
def new(tmp_path):
    data = table(300, seed=5)
    data.loc[270:, FEATURES] += 8
    data.to_csv(tmp_path / "new.csv", index=False)
    return data


def test_fit_holds_rows_out_and_says_what_to_expect(run, big_csv, tmp_path):
    outcome = run("fit", "big.csv", *COMMON, "--threshold", "fdr:0.2", "--hold-out", 0.5, "-o", "m.askew")
    assert outcome.code == 0, outcome.err
    assert "300 of 600 rows are held out for the threshold." in outcome.err
    assert (
        "Threshold Conformal, from 270 held-out rows and 30 known anomalies:\n  Of 1,000 such" in outcome.err
    )
    assert "warning" not in outcome.err
    found = askew.load(tmp_path / "m.askew")
    kept, held_out = hold_out(askew.labels.ours(big_csv["label"]), share=0.5)
    X, y = big_csv[FEATURES], big_csv["label"].to_numpy()
    detector = askew.IsolationForest(n_estimators=10, random_state=0).fit(
        X.iloc[kept], askew.labels.ours(y[kept])
    )
    expected = Conformal(detector, 0.2).fit(X.iloc[held_out], askew.labels.ours(y[held_out]))
    assert found.expected_ == expected.expected_
    np.testing.assert_array_equal(found.calibration_, expected.calibration_)


def test_json_of_fit(run, big_csv):
    words = ("--threshold", "budget:30/100,confidence=0.9", "-o", "m.askew", "--json")
    about = json.loads(run("fit", "big.csv", *COMMON, *words).out)
    assert about["threshold"]["name"] == "alert_budget"
    assert (about["threshold"]["alerts"], about["threshold"]["confidence"]) == (30, 0.9)
    assert set(about["threshold"]["expected"]["alerts"]) == {"value", "low", "high"}
    assert about["n_rows"] == 600


def test_without_labels_what_is_found_is_not_known(run, big_csv):
    words = (
        "--drop",
        "label",
        "--drop",
        "id",
        "--detector",
        "isolation_forest",
        "--threshold",
        "quantile:0.1",
    )
    outcome = run("fit", "big.csv", *words, "-o", "m.askew")
    assert outcome.code == 0
    assert "  No known anomaly is among them, so what share of the anomalies is found" in outcome.err
    assert "warning" not in outcome.err


@pytest.mark.parametrize(
    "words, message",
    [
        (("--hold-out", 0.3), "--hold-out must be given with --threshold"),
        (("--threshold", "fdr:0.1", "--hold-out", 1.5), "--hold-out must be in (0, 1); got 1.5"),
        (
            ("--threshold", "fdr"),
            "threshold rule must be quantile:SHARE, fdr:SHARE, budget:ALERTS/ROWS or cost:MISS",
        ),
        (("--threshold", "fdr:2"), "fdr of Conformal must be in (0, 1); got 2"),
    ],
)
def test_wrong_options_are_refused_before_the_table_is_read(run, words, message):
    outcome = run("fit", "no_such.csv", *COMMON, *words, "-o", "m.askew")
    assert outcome.code == 2
    assert message in outcome.err


def fitted(run, rule):
    outcome = run("fit", "big.csv", *COMMON, "--threshold", rule, "--hold-out", 0.5, "-o", "m.askew")
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize("rule", ["fdr:0.2", "quantile:0.05", "cost:50"])
def test_scores_equal_python(run, big_csv, new, tmp_path, rule, monkeypatch):
    monkeypatch.setattr(csv_table, "_BLOCK", 8192)
    monkeypatch.setattr(csv_table, "_TOGETHER", 1)  # so that the file comes in many batches
    fitted(run, rule)
    model = askew.load(tmp_path / "m.askew")
    for name in ("s.csv", "s.parquet", "s.json"):
        assert run("score", "m.askew", "new.csv", "--id-column", "id", "-o", name).code == 0
    found = pd.read_csv("s.csv")
    assert found.columns.tolist() == ["id", "score", "anomaly_score", "prediction", "p_value", "severity"]
    assert found["id"].tolist() == new["id"].tolist()
    X = new[FEATURES]
    np.testing.assert_array_equal(found["prediction"], model.predict(X))
    np.testing.assert_allclose(found["p_value"], model.p_values(X), rtol=1e-12)
    np.testing.assert_allclose(found["severity"], model.severity(X), rtol=1e-12)
    assert (found["prediction"][270:] == -1).mean() > 0.5
    pd.testing.assert_frame_equal(pd.read_parquet("s.parquet"), found, check_dtype=False, check_exact=False)
    pd.testing.assert_frame_equal(pd.read_json("s.json"), found, check_dtype=False, check_exact=False)


def test_false_discovery_decisions_are_over_the_whole_file(run, big_csv, new, tmp_path, monkeypatch):
    fitted(run, "fdr:0.2")
    ordinary = pd.concat([new[:270]] * 12, ignore_index=True)
    suspects = new[270:274]
    pd.concat([suspects, ordinary]).to_csv("many.csv", index=False)  # a batch of them alone would be flagged
    model = askew.load(tmp_path / "m.askew")
    assert (model.predict(suspects[FEATURES]) == -1).all()
    monkeypatch.setattr(csv_table, "_BLOCK", 8192)
    monkeypatch.setattr(csv_table, "_TOGETHER", 1)
    outcome = run("score", "m.askew", "many.csv", "--top", 4, "--json")
    about = json.loads(outcome.out)
    assert about["n_rows"] == 3244 and about["n_anomalies"] == 0
    assert [row["prediction"] for row in about["rows"]] == [1, 1, 1, 1]


def test_a_broken_row_leaves_no_file(run, big_csv, new, tmp_path):
    fitted(run, "fdr:0.2")
    broken = new.astype({"b": object})
    broken.loc[290, "b"] = "oops"
    broken.to_csv("broken.csv", index=False)
    outcome = run("score", "m.askew", "broken.csv", "-o", "s.csv")
    assert outcome.code == 2 and "oops" in outcome.err
    assert not (tmp_path / "s.csv").exists()


def test_an_id_column_called_like_a_result_is_refused(run, big_csv, new):
    fitted(run, "fdr:0.2")
    new.rename(columns={"id": "severity"}).to_csv("new.csv", index=False)
    outcome = run("score", "m.askew", "new.csv", "--id-column", "severity")
    assert outcome.code == 2
    assert "id column must not be called like a column of the result; got 'severity'" in outcome.err


def test_threshold_on_an_existing_model(run, big_csv, new, tmp_path):
    assert run("fit", "big.csv", *COMMON, "-o", "plain.askew").code == 0
    words = ("--label-column", "label", "--rule", "budget:40/100", "-o", "m.askew")
    outcome = run("threshold", "plain.askew", "big.csv", *words)
    assert outcome.code == 0, outcome.err
    assert "Threshold AlertBudget, from 540 held-out rows and 60 known anomalies:" in outcome.err
    found, plain = askew.load(tmp_path / "m.askew"), askew.load(tmp_path / "plain.askew")
    y = askew.labels.ours(big_csv["label"])
    assert found.offset_ == AlertBudget(plain, 40, 100).fit(big_csv[FEATURES], y).offset_


def test_held_out_rows_may_have_a_further_column_if_told_so(run, big_csv, new, tmp_path):
    assert run("fit", "big.csv", *COMMON, "-o", "plain.askew").code == 0
    new.assign(remark=1).to_csv("wide.csv", index=False)
    words = ("threshold", "plain.askew", "wide.csv", "--rule", "quantile:0.1")
    refused = run(*words, "-o", "m.askew")
    assert refused.code == 2 and "--ignore-extra" in refused.err
    assert run(*words, "--ignore-extra", "-o", "m.askew").code == 0
    assert run("threshold", "plain.askew", "new.csv", *words[3:], "-o", "same.askew").code == 0
    assert askew.load(tmp_path / "m.askew").offset_ == askew.load(tmp_path / "same.askew").offset_


def test_a_threshold_needs_the_whole_model(run, big_csv):
    outcome = run("threshold", "m.onnx", "big.csv", "--rule", "quantile:0.1", "-o", "t.askew")
    assert outcome.code == 2
    assert "model file of askew threshold must be one that `askew fit` wrote; got 'm.onnx'" in outcome.err


def test_another_threshold_replaces_the_old_one(run, big_csv, new, tmp_path):
    fitted(run, "fdr:0.2")
    words = (
        "--label-column",
        "label",
        "--anomaly=-1",
        "--unlabelled=0",
        "--rule",
        "quantile:0.02",
        "-o",
        "m.askew",
    )
    outcome = run("threshold", "m.askew", "big.csv", *words, "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["threshold"]["contamination"] == 0.02
    found = askew.load(tmp_path / "m.askew")
    assert isinstance(found, Quantile) and isinstance(found.model, askew.IsolationForest)


@pytest.mark.parametrize(
    "words, message",
    [
        (("--label-column", "labels"), "label column"),
        (("--anomaly", "x"), "--label-column must be given with --anomaly"),
        ((), "No known anomaly is among them"),
    ],
)
def test_threshold_words(run, big_csv, words, message):
    assert run("fit", "big.csv", *COMMON, "-o", "plain.askew").code == 0
    outcome = run("threshold", "plain.askew", "big.csv", "--rule", "fdr:0.1", "-o", "m.askew", *words)
    assert outcome.code == (2 if words else 0)
    assert message in outcome.err
