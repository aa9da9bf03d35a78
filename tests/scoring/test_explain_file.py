"""The most anomalous rows of a file, explained as the model explains them."""

import pandas as pd
import pytest
from scoring_tables import Notes, kde, numbers, prepared, words

from askew.errors import InvalidInputError
from askew.inputs import parquet_table
from askew.scoring import ReadOptions, cell_text, explain_file


@pytest.mark.parametrize("make", [kde, prepared])
def test_the_lowest_scores_whatever_the_batches(make, tmp_path, monkeypatch):
    model, frame = make(), words(seed=2) if make is prepared else numbers(seed=2)
    frame.to_parquet(tmp_path / "t.parquet")
    listener = Notes()
    whole = explain_file(model, tmp_path / "t.parquet", None, ReadOptions("id"), top=3, listener=listener)
    monkeypatch.setattr(parquet_table, "ROWS", 7)
    found = explain_file(
        model, tmp_path / "t.parquet", tmp_path / "e.csv", ReadOptions("id"), top=3, features=1
    )
    scores = model.score_samples(frame if make is prepared else frame[["a", "b"]])
    lowest = frame["id"][scores.argsort()[:3]].tolist()
    assert [row["id"] for row in whole.as_dict()["rows"]] == lowest == found.lines["id"].tolist()
    assert [row["score"] for row in whole.as_dict()["rows"]] == sorted(scores)[:3]
    assert pd.read_csv(tmp_path / "e.csv")["id"].tolist() == lowest
    flagged = (scores < model.offset_).sum()
    assert whole.sentences("t")[0] == f"t: 40 rows, {flagged} flagged as anomalies."
    assert listener.titles == ["reading"]


def test_options_and_outputs_are_checked_first(tmp_path):
    numbers().to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(InvalidInputError, match="output file must end in"):
        explain_file(kde(), tmp_path / "t.csv", tmp_path / "e.png")
    with pytest.raises(InvalidInputError, match="--id-column must be left out for a folder of images"):
        explain_file(kde(), tmp_path / "a.npy", options=ReadOptions("id"))


def test_cells_as_a_person_reads_them():
    assert [cell_text(cell) for cell in (None, float("nan"), 0.123456789, "word", 3)] == [
        "missing",
        "missing",
        "0.123457",
        "word",
        "3",
    ]


def test_of_several_files_the_one_of_a_row_is_named(tmp_path):
    (tmp_path / "parts").mkdir()
    for place in (0, 1):
        numbers(seed=place).to_csv(tmp_path / "parts" / f"{place}.csv", index=False)
    why = explain_file(
        kde(), tmp_path / "parts", tmp_path / "why.csv", ReadOptions(None, True), top=2, features=1
    )
    assert set(zip(why.lines["file"], why.lines["row"], strict=True)) == {("0.csv", 40), ("1.csv", 40)}
    assert why.as_dict()["rows"][0]["file"] in ("0.csv", "1.csv")
    assert (tmp_path / "why.csv").read_text().startswith("file,row,score,feature")
