"""A table with a few labels -> a model file -> scores."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from cli_tables import table

import askew
from askew.errors import TrainingError
from askew.inputs import csv_table

QUICK = ("--detector", "dp_vae", "--epochs", 3, "--members", 2)
FEATURES = ["a", "b", "c"]


def read_scores(path):
    return {"csv": pd.read_csv, "json": pd.read_json, "parquet": pd.read_parquet}[path.suffix[1:]](path)


class TestFit:
    def test_model_equals_one_fitted_in_python(self, run, train_csv, tmp_path):
        outcome = run(
            "fit", train_csv, "--label-column", "label", "--id-column", "id", *QUICK, "-o", "m.askew"
        )
        assert outcome.code == 0
        assert outcome.out == ""
        assert "60 rows, 3 columns; 2 known anomalies, 0 known normal, 58 unlabelled." in outcome.err
        assert "Wrote m.askew (DPVAE" in outcome.err
        data = table()
        expected = askew.DPVAE(n_members=2, random_state=0).set_params(training__epochs=3)
        expected.fit(data[FEATURES], askew.labels.ours(data["label"]))
        loaded = askew.load(tmp_path / "m.askew")
        assert loaded.feature_names_in_.tolist() == FEATURES
        np.testing.assert_allclose(
            loaded.score_samples(data[FEATURES]), expected.score_samples(data[FEATURES]), rtol=1e-6
        )

    def test_parquet_gives_the_same_model(self, run, train_csv, tmp_path):
        table().set_index("id").to_parquet(tmp_path / "train.parquet")
        for data, name in ((train_csv, "one"), ("train.parquet", "two")):
            drop = ["--drop", "id"] if name == "one" else []
            assert run("fit", data, "--label-column", "label", *drop, *QUICK, "-o", name).code == 0
        X = table()[FEATURES]
        one, two = (askew.load(tmp_path / name).score_samples(X) for name in ("one", "two"))
        np.testing.assert_array_equal(one, two)

    def test_words_give_the_same_model_as_numbers(self, run, train_csv, tmp_path):
        words = table().assign(label=table()["label"].map({0: "", -1: "fraud"}))
        words.loc[3, "label"] = "ok"
        words.to_csv("words.csv", index=False)
        numbers = table()
        numbers.loc[3, "label"] = 1
        numbers.to_csv("numbers.csv", index=False)
        common = ("--label-column", "label", "--id-column", "id", *QUICK)
        outcome = run("fit", "words.csv", "--anomaly", "fraud", "--normal", "ok", *common, "-o", "words")
        assert "2 known anomalies, 1 known normal, 57 unlabelled." in outcome.err
        assert run("fit", "numbers.csv", *common, "-o", "numbers").code == 0
        X = table()[FEATURES]
        one, two = (askew.load(tmp_path / name).score_samples(X) for name in ("words", "numbers"))
        np.testing.assert_array_equal(one, two)

    def test_labels_reach_the_model(self, run, train_csv, tmp_path):
        for name, labels in (("with", ["--label-column", "label"]), ("without", ["--drop", "label"])):
            # the warm-up is on normal rows alone, so three epochs of it would learn nothing from the labels
            settings = ["--set", "warmup_epochs=0", *QUICK]
            assert run("fit", train_csv, *labels, "--drop", "id", *settings, "-o", name).code == 0
        X = table()[FEATURES]
        one, two = (askew.load(tmp_path / name).score_samples(X) for name in ("with", "without"))
        assert not np.array_equal(one, two)

    def test_any_parameter_can_be_set(self, run, train_csv, tmp_path):
        settings = ["alpha=3", "training__lr=5e-4", "separate_encoder=true", "reduction=sum"]
        words = [word for setting in settings for word in ("--set", setting)]
        outcome = run(
            "fit", train_csv, "--drop", "label", "--drop", "id", *QUICK, *words, "-o", "m", "--seed", 7
        )
        assert outcome.code == 0, outcome.err
        found = askew.load(tmp_path / "m").get_params()
        assert (found["alpha"], found["training__lr"], found["separate_encoder"]) == (3, 5e-4, True)
        assert (found["reduction"], found["random_state"]) == ("sum", 7)
        assert (found["n_members"], found["training__epochs"]) == (2, 3)

    def test_json(self, run, train_csv):
        words = ("--label-column", "label", "--drop", "id", *QUICK, "-o", "m", "--json")
        about = json.loads(run("fit", train_csv, *words).out)
        assert about.pop("seconds") > 0
        assert about == {
            "model": "m",
            "detector": "dp_vae",
            "data": str(train_csv),
            "n_rows": 60,
            "n_learned": 60,
            "features": FEATURES,
            "labels": {"normal": 0, "unlabelled": 58, "anomaly": 2},
        }

    def test_by_default_several_are_combined_and_the_reasons_are_printed(self, run, train_csv):
        words = ("--label-column", "label", "--drop", "id", "--set", "time_budget=0.5", "-o", "m", "--json")
        outcome = run("fit", train_csv, *words)
        about = json.loads(outcome.out)
        assert about["detector"] == "auto"
        model = askew.load("m")
        assert isinstance(model, askew.AutoDetector)
        assert about["chosen"] == pytest.approx(model.chosen_)
        assert about["reasons"] == list(model.reasons_)
        for reason in model.reasons_:
            assert f"  {reason}" in outcome.err.splitlines()

    def test_column_that_looks_like_labels_is_pointed_out(self, run, train_csv):
        outcome = run("fit", train_csv, "--drop", "id", *QUICK, "-o", "m")
        assert outcome.code == 0
        assert (
            "note: 'label' is learned from like any column; if it holds labels, use --label-column"
            in outcome.err
        )
        assert "4 columns; no labels" in outcome.err

    def test_failed_training_exits_with_1_and_keeps_the_old_model(
        self, run, train_csv, tmp_path, monkeypatch
    ):
        def fit(self, X, y):
            raise TrainingError("every member of DPVAE failed: the loss is NaN.")

        monkeypatch.setattr(askew.DPVAE, "fit", fit)
        (tmp_path / "m").write_text("old")
        outcome = run("fit", train_csv, "--drop", "id", "--drop", "label", *QUICK, "-o", "m")
        assert outcome.code == 1
        assert outcome.err.splitlines()[-1] == "error: every member of DPVAE failed: the loss is NaN."
        assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "train.csv"]
        assert (tmp_path / "m").read_text() == "old"


class TestScore:
    @pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
    @pytest.mark.parametrize("source", ["csv", "parquet"])
    def test_files_equal_python(self, run, model, tmp_path, kind, source):
        data = table(seed=1)
        data.to_csv("new.csv", index=False)
        data.to_parquet("new.parquet")
        outcome = run("score", model, f"new.{source}", "--id-column", "id", "-o", f"scores.{kind}")
        assert outcome.code == 0, outcome.err
        assert outcome.out == ""
        detector = askew.load(model)
        scores = read_scores(tmp_path / f"scores.{kind}")
        assert scores.columns.tolist() == ["id", "score", "anomaly_score", "prediction"]
        assert scores["id"].tolist() == data["id"].tolist()
        np.testing.assert_allclose(scores["score"], detector.score_samples(data[FEATURES]), rtol=1e-6)
        np.testing.assert_array_equal(scores["anomaly_score"], -scores["score"])
        np.testing.assert_array_equal(scores["prediction"], detector.predict(data[FEATURES]))
        flagged = int((scores["prediction"] == -1).sum())
        assert flagged >= 3
        assert f"60 rows, {flagged} flagged as anomalies" in outcome.err
        assert "note: the model does not use 'label'." in outcome.err

    def test_types_in_parquet(self, run, model, tmp_path):
        table().assign(id=range(60)).to_csv("new.csv", index=False)
        assert run("score", model, "new.csv", "--id-column", "id", "-o", "s.parquet").code == 0
        types = [str(field.type) for field in pq.read_schema(tmp_path / "s.parquet")]
        assert types == ["int64", "double", "double", "int8"]

    def test_rows_are_numbered_without_ids(self, run, model, tmp_path):
        table().to_csv("new.csv", index=False)
        assert run("score", model, "new.csv", "-o", "s.csv").code == 0
        scores = read_scores(tmp_path / "s.csv")
        assert scores.columns[0] == "row" and scores["row"].tolist() == list(range(1, 61))

    def test_stdout_is_csv(self, run, model):
        table().to_csv("new.csv", index=False)
        outcome = run("score", model, "new.csv")
        lines = outcome.out.splitlines()
        assert lines[0] == "row,score,anomaly_score,prediction"
        assert len(lines) == 61
        assert lines[1].startswith("1,")

    def test_stdout_is_json_when_asked(self, run, model):
        table().to_csv("new.csv", index=False)
        found = json.loads(run("score", model, "new.csv", "--json").out)
        assert (found["n_rows"], len(found["rows"]), found["output"]) == (60, 60, None)
        assert list(found["rows"][0]) == ["row", "score", "anomaly_score", "prediction"]

    @pytest.mark.parametrize("output", [(), ("-o", "s.csv")])
    def test_top_rows_come_most_anomalous_first(self, run, model, output):
        table().to_csv("new.csv", index=False)
        found = json.loads(
            run("score", model, "new.csv", "--id-column", "id", "--top", 3, "--json", *output).out
        )
        assert {row["id"] for row in found["rows"]} == {"p57", "p58", "p59"}
        scores = [row["score"] for row in found["rows"]]
        assert scores == sorted(scores)
        lines = run("score", model, "new.csv", "--id-column", "id", "--top", 3, *output).out.splitlines()
        assert len(lines) == 4
        assert lines[1].split()[0] == found["rows"][0]["id"]

    def test_more_top_rows_than_rows(self, run, model):
        table(5).to_csv("new.csv", index=False)
        assert len(json.loads(run("score", model, "new.csv", "--top", 9, "--json").out)["rows"]) == 5

    def test_batches_change_nothing(self, run, model, monkeypatch):
        table(400, seed=2).to_csv("new.csv", index=False)
        words = ("score", model, "new.csv", "--id-column", "id", "--json")
        whole, top = (json.loads(run(*words, *more).out)["rows"] for more in ((), ("--top", 9)))
        monkeypatch.setattr(csv_table, "_BLOCK", 512)
        monkeypatch.setattr(csv_table, "_TOGETHER", 1)
        for expected, more in ((whole, ()), (top, ("--top", 9))):
            found = json.loads(run(*words, *more).out)["rows"]
            assert [row["id"] for row in found] == [row["id"] for row in expected]
            scores = [row["score"] for row in found]
            np.testing.assert_allclose(scores, [row["score"] for row in expected], rtol=1e-12)
        rows = run("score", model, "new.csv").out.splitlines()[1:]
        assert [int(row.split(",")[0]) for row in rows] == list(range(1, 401))

    def test_order_of_columns_does_not_matter(self, run, model):
        table().to_csv("new.csv", index=False)
        table()[["c", "label", "a", "id", "b"]].to_csv("mixed.csv", index=False)
        assert run("score", model, "new.csv").out == run("score", model, "mixed.csv").out

    def test_one_row(self, run, model):
        table(60)[:1].to_csv("new.csv", index=False)
        assert len(run("score", model, "new.csv").out.splitlines()) == 2

    def test_model_without_names_takes_columns_in_order(self, run, tmp_path):
        X = table()[FEATURES]
        askew.VAE(n_members=1, random_state=0).set_params(training__epochs=3).fit(X.to_numpy()).save("plain")
        X.to_csv("new.csv", index=False)
        found = [float(line.split(",")[1]) for line in run("score", "plain", "new.csv").out.splitlines()[1:]]
        np.testing.assert_allclose(found, askew.load("plain").score_samples(X.to_numpy()), rtol=1e-6)
        table().to_csv("more.csv", index=False)
        outcome = run("score", "plain", "more.csv", "--id-column", "id")
        assert outcome.code == 2
        assert "must be the 3 the model was fitted on (it has no names); got 4" in outcome.err

    def test_error_in_a_late_batch_leaves_nothing(self, run, model, tmp_path, monkeypatch):
        monkeypatch.setattr(csv_table, "_BLOCK", 512)
        monkeypatch.setattr(csv_table, "_TOGETHER", 1)
        data = table(400).astype({"b": object})
        data.loc[390, "b"] = "oops"
        data.to_csv("new.csv", index=False)
        (tmp_path / "s.csv").write_text("old")
        for output in (("-o", "s.csv"), ()):
            outcome = run("score", model, "new.csv", *output)
            assert outcome.code == 2
            assert outcome.out == ""
            assert "got 'oops' in row 391 (line 392)" in outcome.err
        assert (tmp_path / "s.csv").read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["model.askew", "new.csv", "s.csv"]
