"""Scores of parts, joined, are those of the whole file, to the byte."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
from scoring_tables import MODELS, words

from askew.errors import InvalidInputError
from askew.inputs import parquet_rows, parquet_table
from askew.scoring import ReadOptions, score_file
from askew.scoring.file_parts import RowPart, join_parts, part_paths, score_part

OPTIONS = ReadOptions(ignore_extra=True)


@pytest.fixture
def rows(tmp_path, monkeypatch):
    for module in (parquet_rows, parquet_table):
        monkeypatch.setattr(module, "ROWS", 8)
    frame = words(seed=2).assign(more=0)
    frame.loc[30, "word"] = "new"
    frame.to_parquet(tmp_path / "rows.parquet", row_group_size=10)
    return tmp_path / "rows.parquet"


@pytest.mark.parametrize("kind", [".parquet", ".csv", ".json"])
@pytest.mark.parametrize("name", ["quantile", "prepared"])
def test_joined_parts_are_the_whole(name, kind, rows, tmp_path):
    model, parts = MODELS[name](), [(0, 16), (16, 32), (32, 40)]
    whole = score_file(model, rows, tmp_path / f"whole{kind}", OPTIONS)
    paths = part_paths(tmp_path / "out", "a/rows", {"model": "m"}, 3)
    told = []
    for number, part in enumerate(parts):
        score_part(model, rows, OPTIONS, RowPart(number, 3, *part), paths[number], told.append)
    summary = join_parts(paths, tmp_path / f"joined{kind}", kind)
    assert (tmp_path / f"joined{kind}").read_bytes() == (tmp_path / f"whole{kind}").read_bytes()
    assert (summary.n_rows, summary.n_anomalies) == (whole.n_rows, whole.n_anomalies)
    assert told == [0.5, 1.0, 0.5, 1.0, 1.0]
    unknown = "'id', 'word', 'more'" if name == "quantile" else "'more'"
    note, *new = summary.notes
    assert note == f"note: the model does not use {unknown}."
    assert new == [f"rows 17 to 32: {line}" for line in whole.notes] and bool(new) == (name == "prepared")


def test_paths_of_parts_differ_with_what_they_are_of(tmp_path):
    origins = [{"model": "a"}, {"model": "b"}]
    paths = [
        path for origin in origins for count in (2, 3) for path in part_paths(tmp_path, "x", origin, count)
    ]
    assert len(set(paths)) == 10


def test_a_part_that_fails_leaves_no_file(rows, tmp_path):
    frame = pd.read_parquet(rows).assign(a="word")
    pq.write_table(parquet_rows.pa.Table.from_pandas(frame), rows, row_group_size=10)
    path = tmp_path / "parts" / "0.arrow"
    with pytest.raises(InvalidInputError, match="'a'"):
        score_part(MODELS["quantile"](), rows, OPTIONS, RowPart(0, 2, 0, 16), path, lambda done: None)
    assert not list(path.parent.iterdir())
