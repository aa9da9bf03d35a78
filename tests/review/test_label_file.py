"""Answers as a table that askew itself takes: a label column beside ids, or beside the whole data."""

import json

import numpy as np
import pandas as pd
import pytest
from review_cases import N, session

import askew
from askew.errors import InvalidInputError
from askew.review import ReviewSession, ReviewSettings

SETTINGS = ReviewSettings(refit_every=0)


def test_a_line_says_which_answer_holds_and_whose_it_is(tmp_path):
    ann = session(reviewer="ann")
    ben = ann.as_reviewer("ben")
    ann.answer(
        [0, 1, 2, 3, 9], ["anomaly", "anomaly", "unsure", "normal", "skip"], 'a "reason", with ; in it\n=1'
    )
    ben.answer([0, 1, 4], ["anomaly", "normal", "normal"])
    ben.answer(3, "anomaly")
    ben.settle(3, "normal", "settled")
    for name in ("a.csv", "a.parquet"):
        assert ann.export(tmp_path / name) == 5
    found = pd.read_csv(tmp_path / "a.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(found, pd.read_parquet(tmp_path / "a.parquet"), check_dtype=False)
    assert list(found) == ["index", "label", "answer", "reason", "reviewer", "at"]
    assert list(found["index"]) == [0, 1, 2, 3, 4]
    assert list(found["label"]) == [-1, 0, 0, 1, 1]
    assert list(found["answer"]) == ["anomaly", "conflict", "unsure", "normal", "normal"]
    assert list(found["reviewer"]) == ["ann; ben", "ann; ben", "ann", "ben", "ben"]
    assert found["reason"][0].startswith('a "reason"') and found["reason"][3] == "settled"
    assert found["at"].str.endswith("+00:00").all()
    assert ann.export(tmp_path / "a.json") == 5
    assert json.loads((tmp_path / "a.json").read_text())[0]["label"] == -1


def test_all_rows_with_their_labels_are_what_fit_takes(tmp_path):
    frame = pd.DataFrame({"key": [f"k{i}" for i in range(N)], "x": np.arange(N), "label": "old"}).set_index(
        "key"
    )
    y = np.zeros(N, int)
    y[7] = -1
    reviewed = ReviewSession(askew.KDE(bandwidth=1.0), frame[["x"]], y, settings=SETTINGS)
    reviewed.answer(["k1", "k2"], ["anomaly", "normal"])
    assert reviewed.export(tmp_path / "d.csv", data=True) == N
    found = pd.read_csv(tmp_path / "d.csv")
    assert list(found) == ["key", "x", "label"] and list(found["key"]) == list(frame.index)
    assert dict(found["label"].value_counts()) == {0: N - 3, -1: 2, 1: 1}
    assert list(found["label"][[1, 2, 7]]) == [-1, 1, -1]
    with pytest.raises(InvalidInputError, match="must be no column of the data; got 'x'"):
        reviewed.export(tmp_path / "d.csv", data=True, column="x")


def test_numbers_of_rows_are_no_column_to_learn_from(tmp_path):
    session().export(tmp_path / "d.csv", data=True)
    assert list(pd.read_csv(tmp_path / "d.csv")) == ["x0", "x1", "label"]


def test_what_cannot_be_written_is_refused(tmp_path):
    reviewed = session()
    for path, match in (("a.txt", r"must end in \.csv"), ("no/a.csv", "in a folder that exists")):
        with pytest.raises(InvalidInputError, match=match):
            reviewed.export(tmp_path / path)
    pixels = np.random.default_rng(0).integers(0, 99, (12, 1, 8, 8)).astype(np.uint8)
    images = ReviewSession(askew.KDE(bandwidth=3.0), pixels, settings=SETTINGS)
    with pytest.raises(InvalidInputError, match="left out for images"):
        images.export(tmp_path / "a.csv", data=True)
    frame = pd.DataFrame({"x": np.arange(12.0)}, index=pd.Index(range(12), name="answer"))
    with pytest.raises(InvalidInputError, match="must not be called like a column of the answers"):
        ReviewSession(askew.KDE(bandwidth=3.0), frame, settings=SETTINGS).export(tmp_path / "a.csv")
