"""`askew refit`: what it prints and writes, and how it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from cli_tables import table

import askew


@pytest.fixture
def model(run, tmp_path):
    """A model with a threshold on a table with ids, and answers to sixteen of its rows."""
    data = table(200)
    data.loc[170:, ["a", "b"]] += 5
    data["label"] = np.where(np.arange(200) >= 196, -1, 0)
    data.to_csv(tmp_path / "train.csv", index=False)
    answered = data.iloc[[*range(8), *range(180, 188)]]
    answers = pd.DataFrame({"id": answered["id"], "label": [1] * 8 + [-1] * 8})
    answers.to_csv(tmp_path / "answers.csv", index=False)
    words = ("--label-column", "label", "--id-column", "id", "--detector", "logistic_regression")
    outcome = run("fit", "train.csv", *words, "--threshold", "quantile:0.1", "-o", "old.askew")
    assert outcome.code == 0, outcome.err
    return tmp_path / "old.askew"


def test_a_new_model_is_written_and_what_is_different_is_said(run, model, tmp_path):
    before = model.read_bytes()
    outcome = run("refit", "old.askew", "--labels", "answers.csv", "-o", "new.askew", "--json")
    assert outcome.code == 0, outcome.err
    about = json.loads(outcome.out)
    assert about["labels_before"]["anomaly"] == 4 and about["labels"] == {
        "normal": 8,
        "unlabelled": 180,
        "anomaly": 12,
    }
    assert about["detector"] == "logistic_regression" and about["threshold"]["contamination"] == 0.1
    change, comparison = about["change"], about["comparison"]
    assert f"Flagged: {change['n_flagged_before']:,} rows by the old model" in outcome.err
    assert (comparison["n_anomalies"], comparison["n_normal"], comparison["n_folds"]) == (8, 8, 5)
    assert "AUROC of the 16 new answers (8 anomalies)" in outcome.err
    for move in (change["flagged"] + change["passed"])[:1]:
        line = f"id {move['id']}, rank {move['rank_before']:,} -> {move['rank_after']:,}"
        assert line in outcome.err
    assert type(askew.load(tmp_path / "new.askew")) is askew.Quantile and model.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--labels", "none.csv", "-o", "new.askew"), "must be a file that exists"),
        (("--labels", "answers.csv", "-o", "old.askew"), "must be another file than the input"),
        (("--labels", "answers.csv", "-o", "answers.csv"), "must be another file than the input"),
        (
            ("--labels", "answers.csv", "--id-column", "a", "-o", "n.askew"),
            "must have a column 'a' that names",
        ),
        (("--labels", "answers.csv", "--warm-start", "-o", "n.askew"), "warm_start of refit must be False"),
        (("-o", "n.askew"), "--labels"),
    ],
)
def test_refusals(run, model, words, message):
    outcome = run("refit", "old.askew", *words)
    assert outcome.code == 2 and message in outcome.err


def test_without_enough_answers_no_auroc_is_given(run, model, tmp_path):
    (tmp_path / "few.csv").write_text("id,label\np3,1\np181,-1\n")
    outcome = run("refit", "old.askew", "train.csv", "--labels", "few.csv", "-o", "new.askew")
    assert outcome.code == 0, outcome.err
    assert "No AUROC of both models: that takes 5 new answers of each kind" in outcome.err
