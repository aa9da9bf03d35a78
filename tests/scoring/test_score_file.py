"""Files are scored in batches, as one: counts, the most anomalous rows, whole outputs."""

import json

import numpy as np
import pandas as pd
import pytest
from scoring_tables import MODELS, Notes, every_model, kde, numbers, prepared, words

from askew.errors import InvalidInputError
from askew.inputs import parquet_table
from askew.scoring import ReadOptions, Scoring, open_source, score_file


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


def test_endings_say_how_scores_are_written(rows, tmp_path):
    for ending in (".csv", ".json", ".JSON", ".parquet"):
        score_file(prepared(), rows, tmp_path / f"s{ending}", ReadOptions("id"))
    found = [
        pd.read_csv(tmp_path / "s.csv"),
        pd.DataFrame(json.loads((tmp_path / "s.json").read_text())),
        pd.DataFrame(json.loads((tmp_path / "s.JSON").read_text())),
        pd.read_parquet(tmp_path / "s.parquet"),
    ]
    for other in found[:-1]:
        pd.testing.assert_frame_equal(other, found[-1], check_dtype=False)
    with pytest.raises(InvalidInputError, match=r"output file must end in \.parquet, \.csv, \.json; got"):
        score_file(prepared(), rows, tmp_path / "s.txt")


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


@pytest.mark.parametrize("name", ["a", "score"])
def test_an_id_is_no_feature_and_no_column_of_the_result(name, tmp_path):
    numbers().rename(columns={"id": "score"}).to_parquet(tmp_path / "t.parquet")
    source = open_source(kde(), tmp_path / "t.parquet", ReadOptions(name, ignore_extra=True))
    with pytest.raises(InvalidInputError, match="id column must be one of words or numbers"):
        Scoring(source)


def test_an_option_of_the_other_kind_is_refused(rows, tmp_path):
    with pytest.raises(InvalidInputError, match="--skip-corrupt must be left out unless DATA is a folder"):
        open_source(kde(), rows, ReadOptions(skip_corrupt=True))
    (tmp_path / "images").mkdir()
    with pytest.raises(InvalidInputError, match="--id-column must be left out for a folder of images"):
        open_source(kde(), tmp_path / "images", ReadOptions("id"))


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

    def test_a_result_that_the_next_reading_would_take_for_a_part_is_refused(self, folder, tmp_path):
        for data, output in [
            (folder, folder / "may" / "scores.csv"),
            (folder / "*.csv", folder / "scores.csv"),
            (folder / "**" / "*.csv", folder / "may" / "scores.csv"),
        ]:
            with pytest.raises(InvalidInputError, match="must be elsewhere than in the table"):
                score_file(kde(), data, output)
        with pytest.raises(InvalidInputError, match="must be another file than the input"):
            score_file(kde(), folder, folder / "b.csv")
        score_file(kde(), folder / "*.csv", folder / "scores.parquet", ReadOptions(ignore_extra=True))

    def test_an_id_may_not_be_called_as_the_file_is(self, folder):
        for path in folder.rglob("*.csv"):
            pd.read_csv(path).rename(columns={"id": "file"}).to_csv(path, index=False)
        with pytest.raises(
            InvalidInputError, match="not called score, anomaly_score, prediction, file; got 'file'"
        ):
            score_file(kde(), folder, None, ReadOptions("file", True))
