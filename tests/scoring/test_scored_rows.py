"""Batches in memory have the scores of the file that holds them."""

import numpy as np
import pyarrow as pa
import pytest
from scoring_tables import MODELS, every_model, kde, numbers, words

from askew.errors import InvalidInputError
from askew.scoring import ReadOptions, Scoring, open_source, score_batches, score_schema


@every_model
@pytest.mark.parametrize("id_column", ["id", None])
def test_batches_have_the_scores_of_a_file(name, id_column, tmp_path):
    model = MODELS[name]()
    frame = words(seed=2) if name == "prepared" else numbers(seed=2)
    frame = frame if id_column or name == "prepared" else frame.drop(columns="id")
    frame.to_parquet(tmp_path / "t.parquet")
    source = open_source(model, tmp_path / "t.parquet", ReadOptions(id_column))
    expected = pa.Table.from_batches([rows for rows, _ in Scoring(source).batches() if rows.num_rows])
    batches = pa.Table.from_pandas(frame, preserve_index=False).to_batches(max_chunksize=16)
    found = [rows for rows in score_batches(model, iter(batches), id_column) if rows.num_rows]
    assert len(batches) == 3 and len(found) == 3
    assert pa.Table.from_batches(found).equals(expected)


def test_batches_are_scored_as_they_come():
    taken = []

    def batches():
        for start in (0, 20):
            taken.append(start)
            yield pa.RecordBatch.from_pandas(numbers()[["a", "b"]][start : start + 20])

    scored = score_batches(kde(), batches())
    assert next(scored).num_rows == 20 and taken == [0]
    assert next(scored)["row"].to_pylist()[0] == 21


def test_nothing_gives_nothing():
    assert list(score_batches(kde(), [])) == []


@every_model
def test_batches_may_be_empty_and_the_columns_are_known_before(name):
    model = MODELS[name]()
    frame = (words if name == "prepared" else numbers)(seed=2)
    frame = frame.drop(columns="id") if name == "unnamed" else frame
    id_column = None if name == "unnamed" else "id"
    rows = pa.RecordBatch.from_pandas(frame, preserve_index=False)
    some, none = (
        pa.Table.from_batches(list(score_batches(model, batches, id_column)))
        for batches in ([rows.slice(0, 0), rows, rows.slice(0, 0)], [rows.slice(0, 0)])
    )
    assert (some.num_rows, none.num_rows) == (40, 0)
    field = None if name == "unnamed" else rows.schema.field("id")
    assert some.schema == none.schema == score_schema(model, field)


def test_decisions_are_those_of_predict():
    model, frame = kde(), numbers(seed=4)[["a", "b"]]
    (found,) = score_batches(model, [pa.RecordBatch.from_pandas(frame)])
    np.testing.assert_array_equal(found["prediction"], model.predict(frame))
    np.testing.assert_array_equal(found["anomaly_score"], model.anomaly_score(frame))


def test_a_missing_column_is_named():
    with pytest.raises(InvalidInputError, match="columns of the batches must include every column"):
        list(score_batches(kde(), [pa.RecordBatch.from_pandas(numbers()[["a"]])]))
    with pytest.raises(InvalidInputError, match="id column must be a column of the batches; got 'idd'"):
        list(score_batches(kde(), [pa.RecordBatch.from_pandas(numbers())], "idd"))
