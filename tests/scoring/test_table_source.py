"""Rows of a table as a model takes them: their ids, their features in the model's order, columns beside them."""

import pytest
from scoring_tables import kde, numbers, unnamed, words

from askew.errors import InvalidInputError
from askew.inputs import open_table
from askew.scoring import ReadOptions, Scoring, open_source
from askew.scoring.table_source import table_source


def test_features_are_in_the_models_order_and_rows_have_numbers(tmp_path):
    numbers()[["b", "id", "a"]].to_csv(tmp_path / "t.csv", index=False)
    source = table_source(kde(), open_table(tmp_path / "t.csv"), None, ignore_extra=False)
    (batch,) = source.batches()
    assert list(batch.X) == ["a", "b"] and batch.ids.tolist() == list(range(1, 41))
    assert (source.id_name, source.extra, source.in_parts) == ("row", ("id",), False)
    numbers().drop(columns="id").to_csv(tmp_path / "t.csv", index=False)
    (batch,) = table_source(unnamed(), open_table(tmp_path / "t.csv"), None, False).batches()
    assert batch.X.shape == (40, 2)


@pytest.mark.parametrize("name", ["a", "score"])
def test_an_id_is_no_feature_and_no_column_of_the_result(name, tmp_path):
    numbers().rename(columns={"id": "score"}).to_parquet(tmp_path / "t.parquet")
    source = open_source(kde(), tmp_path / "t.parquet", ReadOptions(name, ignore_extra=True))
    with pytest.raises(InvalidInputError, match="id column must be one of words or numbers"):
        Scoring(source)


def test_an_id_may_not_be_called_as_the_file_is_where_there_are_several(tmp_path):
    for name in ("a", "b"):
        words().rename(columns={"id": "file"}).to_csv(tmp_path / f"{name}.csv", index=False)
    source = open_source(kde(), tmp_path / "*.csv", ReadOptions("file", True))
    with pytest.raises(
        InvalidInputError, match="not called score, anomaly_score, prediction, file; got 'file'"
    ):
        Scoring(source)
