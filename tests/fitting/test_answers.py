"""Answers in files: what their columns mean, and that each is of one row."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from askew.errors import AskewError, InvalidInputError
from askew.fitting.answers import AnswerJoin, Answers, read_answers
from askew.inputs import Meaning
from askew.scoring import SILENCE


def read(tmp_path, *frames, ids=("id",), meaning=Meaning(), column=None):  # noqa: B008
    files = [tmp_path / f"a{number}.csv" for number, _ in enumerate(frames)]
    for file, frame in zip(files, frames, strict=True):
        pd.DataFrame(frame).to_csv(file, index=False)
    return read_answers(files, ids, meaning, column, SILENCE)


@pytest.mark.parametrize(
    ("frame", "options"),
    [
        ({"label": [1, -1, 0]}, {}),
        ({"label": [1, -1, 0], "answer": ["normal", "anomaly", "unsure"], "reason": ["a", "b", ""]}, {}),
        ({"label": ["good", "bad", ""]}, {"meaning": Meaning(anomaly=("bad",), normal=("good",))}),
        ({"label": ["normal", "anomaly", "skip"]}, {"meaning": Meaning(anomaly=("bad",))}),
        ({"verdict": ["+1", "-1", ""], "label": [0, 0, 0]}, {"column": "verdict"}),
    ],
)
def test_labels_stand_in_our_numbers_in_words_or_in_those_of_the_data(tmp_path, frame, options):
    answers = read(tmp_path, {"id": [7, 8, 9]} | frame, **options)
    assert answers.labels == {"7": 1, "8": -1, "9": 0}
    assert (
        answers.in_words() == f"{tmp_path}/a0.csv: 3 rows by 'id': 1 anomaly, 1 normal, 1 without an answer."
    )


def test_several_files_add_up_and_the_first_names_the_ids(tmp_path):
    one, other = {"row": [1, 2], "label": [-1, 0]}, {"row": [2, 1], "answer": ["anomaly", "conflict"]}
    answers = read(tmp_path, one, other, ids=("id", "row"))
    assert (answers.labels, answers.id_name, answers.n_conflicts) == ({"1": -1, "2": -1}, "row", 1)
    assert answers.in_words().endswith("2 anomalies, 0 normal (1 because people differ).")


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([{"id": [1, 1], "label": [-1, -1]}], r"id '1' stands in row 1 \(line 2\) and in row 2"),
        (
            [{"id": [1], "label": [-1]}, {"id": ["1.0", 2], "label": [1, -1]}],
            "is an anomaly in .*a0.csv and normal",
        ),
        ([{"id": [1, None], "label": [-1, 1]}], "'id' is empty in row 2"),
        ([{"key": [1], "label": [-1]}], "must have a column 'id' that names the rows; it has 'key', 'label'"),
        ([{"id": [1], "said": [-1]}], "must have a column 'label' of"),
        ([{"id": [], "label": []}], "must have data rows"),
        ([{"id": [1, 2], "label": [0, 1]}], "without doubt; got only '0', '1'"),
        ([{"id": [1, 2], "label": ["bad", "odd"]}], "got 'bad'"),
    ],
)
def test_what_could_mean_two_things_is_refused(tmp_path, frames, message):
    with pytest.raises(AskewError, match=message):
        read(tmp_path, *frames)


def test_answers_find_their_rows_whatever_the_ids_are_written_as():
    answers = Answers({"7": -1, "x 1": 1, "9": 0}, "a.csv", "id")
    join = AnswerJoin(answers, "t.csv")
    assert join.labels(pa.array(["7.0", "8", " x 1 "]), 1).tolist() == [-1, 0, 1]
    with pytest.raises(InvalidInputError, match=r"id '9' is not among them\. .*Remove the lines"):
        join.refuse_unknown()
    assert join.labels([9, 10], 4).tolist() == [0, 0]
    join.refuse_unknown()
    with pytest.raises(InvalidInputError, match=r"id '7' is in rows 1 and 6"):
        join.labels(pa.array([7]), 6)


def test_numbers_of_rows_count_from_one():
    join = AnswerJoin(Answers({"2": -1, "5": 1}, "a.csv", "row"), "t.csv")
    np.testing.assert_array_equal(join.labels(range(1, 4), 1), [0, -1, 0])
    np.testing.assert_array_equal(join.labels(range(4, 6), 4), [0, 1])
    from_zero = AnswerJoin(Answers({"0": -1}, "a.csv", "row"), "t.csv")
    from_zero.labels(range(1, 4), 1)
    with pytest.raises(InvalidInputError, match=r"row '0' is not among them\. They are numbered from 1\."):
        from_zero.refuse_unknown()
