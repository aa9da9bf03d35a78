"""A model file -> reasons, and -> an ONNX file that scores alike, from the command line."""

import json

import numpy as np
import pandas as pd
import pytest
from cli_tables import table

import askew
from askew.base.prepared import Prepared

FEATURES = ["a", "b", "c"]


@pytest.fixture
def data(tmp_path):
    frame = table(seed=1)
    frame.loc[5, "b"] = 30.0
    frame.drop(columns="label").to_csv(tmp_path / "new.csv", index=False)
    return frame


@pytest.fixture
def mixed(tmp_path):
    """A file with a column of words, and a model fitted on it."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(10, 1, 200), "kind": rng.choice(["bolt", "nut"], 200)})
    frame.loc[7, ["size", "kind"]] = [11.0, "gear"]
    frame.loc[3, "size"] = 60.0
    frame.loc[9, "size"] = None
    frame.to_csv(tmp_path / "parts.csv", index=False)
    Prepared(askew.IsolationForest(random_state=0)).fit(frame).save(tmp_path / "parts.askew")
    return frame


class TestExplain:
    def test_the_wildest_row_and_its_feature_come_first(self, run, model, data):
        outcome = run("explain", model, "new.csv", "--id-column", "id", "--top", 3, "--features", 2)
        assert outcome.code == 0, outcome.err
        head, first, *_ = outcome.out.splitlines()
        assert head.split() == ["id", "score", "feature", "observed", "expected", "share"]
        assert first.split()[0] == "p5" and first.split()[2:4] == ["b", "30"]
        assert "60 rows" in outcome.err

    def test_json_says_what_python_says(self, run, model, data):
        outcome = run("explain", model, "new.csv", "--id-column", "id", "--top", 4, "--features", 3, "--json")
        found = json.loads(outcome.out)
        detector = askew.load(model)
        worst = np.argsort(detector.score_samples(data[FEATURES]))[:4]
        assert [row["id"] for row in found["rows"]] == [f"p{row}" for row in worst]
        assert found["n_rows"] == 60 and found["rows"][0]["prediction"] == -1
        why = detector.explain(data[FEATURES].iloc[worst])
        top = why.top(3)
        for i, row in enumerate(found["rows"]):
            lines = top[top["row"] == worst[i]]
            assert [each["feature"] for each in row["features"]] == lines["feature"].tolist()
            np.testing.assert_allclose([e["contribution"] for e in row["features"]], lines["contribution"])

    @pytest.mark.parametrize(
        "ending, read", [("csv", pd.read_csv), ("parquet", pd.read_parquet), ("json", pd.read_json)]
    )
    def test_reasons_go_to_a_file(self, run, mixed, ending, read, tmp_path):
        outcome = run("explain", "parts.askew", "parts.csv", "--top", 3, "-o", f"why.{ending}")
        assert outcome.code == 0 and outcome.out == "", outcome.err
        lines = read(tmp_path / f"why.{ending}")
        assert lines.columns.tolist() == ["row", "score", "feature", "observed", "expected", "share"]
        first = lines[lines["row"] == 4].iloc[0]
        assert (first["feature"], float(first["observed"])) == ("size", 60.0)

    def test_words_are_told_as_words(self, run, mixed):
        rows = json.loads(run("explain", "parts.askew", "parts.csv", "--top", 3, "--json").out)["rows"]
        reasons = {row["row"]: row["features"][0] for row in rows}
        assert reasons[8]["feature"] == "kind" and reasons[8]["observed"] == "gear"
        assert reasons[8]["expected"] in ("bolt", "nut")

    def test_batches_make_no_difference(self, run, mixed, monkeypatch):
        whole = run("explain", "parts.askew", "parts.csv", "--top", 4).out
        monkeypatch.setattr("askew.inputs.csv_table._BLOCK", 512)
        assert run("explain", "parts.askew", "parts.csv", "--top", 4).out == whole

    def test_bad_input_is_one_line(self, run, model, data):
        for words, message in (
            (("explain", "m.onnx", "new.csv"), "must be one that `askew fit` wrote"),
            (("explain", model, "new.csv", "-o", "why.txt"), "output file must end in"),
            (("explain", model, "new.csv", "--id-column", "key"), "id column must be a column of"),
        ):
            outcome = run(*words)
            assert outcome.code == 2 and message in outcome.err and outcome.err.count("\n") == 1


class TestExport:
    pytest.importorskip("onnxruntime", reason="the extra askew[onnx] is not installed")

    def test_an_onnx_file_scores_as_the_model_does(self, run, mixed):
        outcome = run("export", "parts.askew", "-o", "parts.onnx", "--json")
        assert outcome.code == 0, outcome.err
        assert json.loads(outcome.out)["checked_rows"] == 512
        scores = []
        for model in ("parts.askew", "parts.onnx"):
            outcome = run("score", model, "parts.csv", "--json")
            assert outcome.code == 0, outcome.err
            scores.append(pd.DataFrame(json.loads(outcome.out)["rows"]))
        pd.testing.assert_frame_equal(*scores, rtol=1e-6)

    def test_an_onnx_file_refuses_what_the_model_refuses(self, run, mixed, tmp_path):
        assert run("export", "parts.askew", "-o", "parts.onnx").code == 0
        mixed.rename(columns={"size": "Size"}).to_csv(tmp_path / "renamed.csv", index=False)
        told = [run("score", model, "renamed.csv").err for model in ("parts.askew", "parts.onnx")]
        assert told[0] == told[1] and "Did you mean 'Size'" in told[0]

    def test_bad_input_is_one_line(self, run, model):
        for words, message in (
            (("export", model, "-o", "m.foo"), "output file must end in .onnx"),
            (("export", "m.onnx", "-o", "n.onnx"), "must be one that `askew fit` wrote"),
            (("score", "m.onnx", model), "table"),
        ):
            outcome = run(*words)
            assert outcome.code == 2 and message in outcome.err and outcome.err.count("\n") == 1
