"""Files are scored in batches, as one: counts, the most anomalous rows, whole outputs."""

import numpy as np
import pandas as pd
import pytest
from scoring_tables import MODELS, Notes, every_model, numbers, prepared, words

from askew.inputs import parquet_table
from askew.scoring import ReadOptions, Scoring, score_file


@pytest.fixture
def rows(tmp_path):
    words(seed=2).to_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


@every_model
def test_scores_are_the_models_whatever_the_batches(name, rows, tmp_path, monkeypatch):
    if name == "unnamed":
        numbers(seed=2).to_parquet(rows)
    model, frame = MODELS[name](), pd.read_parquet(rows)
    features = ["a", "b", "word"] if name == "prepared" else ["a", "b"]
    expected = model.score_samples(frame[features].to_numpy() if name == "unnamed" else frame[features])
    for size in (1 << 16, 7):
        monkeypatch.setattr(parquet_table, "ROWS", size)
        summary = score_file(model, rows, tmp_path / "s.parquet", ReadOptions("id", ignore_extra=True), 3)
        found = pd.read_parquet(tmp_path / "s.parquet")
        assert found["id"].tolist() == frame["id"].tolist()
        np.testing.assert_array_equal(found["score"], expected)
        assert summary.n_rows == len(found) and summary.n_anomalies == (found["prediction"] == -1).sum()
        top = found.nsmallest(3, "score")["id"].tolist()
        assert [row["id"] for row in summary.top_rows()] == top and top[0] == "p39"
        assert ("p_value" in found) == (name in ("quantile", "conformal"))


def test_a_model_may_be_a_file_and_the_listener_hears_what_is_new(rows, tmp_path):
    prepared().save(tmp_path / "m.askew")
    frame = words(seed=3)
    frame.loc[4, "word"] = "new"
    frame.assign(more=1).to_csv(tmp_path / "new.csv", index=False)
    listener = Notes()
    options = ReadOptions(ignore_extra=True)
    summary = score_file(tmp_path / "m.askew", tmp_path / "new.csv", None, options, listener=listener)
    assert listener.titles == ["scoring"]
    novelty = "column 'word': 1 unseen category in 1 row ('new')."
    assert listener.lines == ["note: the model does not use 'more'.", novelty]
    assert summary.notes == [novelty] and summary.top_rows() == []


def test_what_fails_leaves_no_output(rows, tmp_path, monkeypatch):
    def batches(self):
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(Scoring, "batches", batches)
    (tmp_path / "s.csv").write_text("old")
    with pytest.raises(OSError, match="No space left"):
        score_file(prepared(), rows, tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.parquet", "s.csv"]


class TestParts:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "parts" / "may").mkdir(parents=True)
        frame = words(seed=2)
        frame.iloc[:15].to_csv(tmp_path / "parts" / "b.csv", index=False)
        frame.iloc[15:].to_csv(tmp_path / "parts" / "may" / "a.csv", index=False)
        return tmp_path / "parts"

    @pytest.mark.parametrize("name", ["kde", "prepared", "conformal"])
    def test_results_name_the_file_and_the_row_in_it(self, name, folder, rows, tmp_path):
        model, options = MODELS[name](), ReadOptions(ignore_extra=True)
        score_file(model, folder, tmp_path / "s.parquet", options)
        found = pd.read_parquet(tmp_path / "s.parquet")
        assert list(found)[:3] == ["file", "row", "score"]
        assert found["file"].tolist() == ["b.csv"] * 15 + ["may/a.csv"] * 25
        assert found["row"].tolist() == [*range(1, 16), *range(1, 26)]
        score_file(model, rows, tmp_path / "whole.parquet", options)
        np.testing.assert_array_equal(found["score"], pd.read_parquet(tmp_path / "whole.parquet")["score"])
        by_id = score_file(model, folder / "**" / "*.csv", None, ReadOptions("id", True), top=1)
        assert by_id.top_rows()[0]["file"] == "may/a.csv" and by_id.top_rows()[0]["id"] == "p39"
