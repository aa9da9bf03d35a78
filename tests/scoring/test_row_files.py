"""Files of rows: their endings, and places where none can be written."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scoring_tables import kde, prepared, words

from askew.errors import InvalidInputError
from askew.inputs import open_table
from askew.scoring import ReadOptions, score_file
from askew.scoring.row_files import open_writer


@pytest.fixture
def rows(tmp_path):
    words(seed=2).to_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


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


def test_a_result_that_the_next_reading_would_take_for_a_part_is_refused(tmp_path):
    folder = tmp_path / "parts"
    (folder / "may").mkdir(parents=True)
    (folder / "may" / "all").mkdir()
    for name in ("b.csv", "may/a.csv"):
        words(seed=2).to_csv(folder / name, index=False)
    for data, output in [
        (folder, folder / "may" / "scores.csv"),
        (folder / "**" / "*.csv", folder / "may" / "all" / "scores.csv"),
        (folder / "*.csv", folder / "scores.csv"),
        (folder / "**" / "*.csv", folder / "may" / "scores.csv"),
    ]:
        with pytest.raises(InvalidInputError, match="must be elsewhere than in the table"):
            score_file(kde(), data, output)
    with pytest.raises(InvalidInputError, match="must be another file than the input"):
        score_file(kde(), folder, folder / "b.csv")
    score_file(kde(), folder / "*.csv", folder / "scores.parquet", ReadOptions(ignore_extra=True))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCHEMA = pa.schema([("id, 1", pa.string()), ("score", pa.float64())])


@pytest.mark.parametrize("kind", [".csv", ".parquet", ".json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(TEXTS, NUMBERS), min_size=1, max_size=6))
def test_any_text_and_number_is_read_back_equal(kind, rows, tmp_path):
    path, batch = (
        tmp_path / f"s{kind}",
        pa.RecordBatch.from_arrays(list(map(pa.array, zip(*rows, strict=True))), schema=SCHEMA),
    )
    with open_writer(path, kind, SCHEMA) as write:
        write(batch.slice(0, 1))
        write(batch.slice(1))
    if kind == ".json":
        assert json.loads(path.read_text(encoding="utf-8")) == batch.to_pylist()
        return
    (found,) = open_table(path).batches(["score"], keep=["id, 1"])
    assert found.values.ravel().tolist() == [score for _, score in rows]
    assert found.kept["id, 1"].to_pylist() == [text for text, _ in rows]


def test_of_parquet_scores_are_plain_and_row_numbers_are_differences(tmp_path):
    path, row = tmp_path / "s.parquet", pa.field("row", pa.int64())
    schema = pa.schema([row, ("score", pa.float64()), ("p_value", pa.float64()), ("id", pa.string())])
    with open_writer(path, ".parquet", schema) as write:
        write(pa.RecordBatch.from_pylist([dict.fromkeys(schema.names[:3], 1) | {"id": "a"}], schema=schema))
    columns = pq.ParquetFile(path).metadata.row_group(0)
    row, score, p_value, words = (columns.column(place) for place in range(4))
    assert row.compression == score.compression == "UNCOMPRESSED"
    assert p_value.compression == words.compression == "SNAPPY"
    assert "DELTA_BINARY_PACKED" in row.encodings
    assert [of.has_dictionary_page for of in (row, score, p_value, words)] == [False, False, False, True]
