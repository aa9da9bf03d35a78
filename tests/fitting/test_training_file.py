"""The file of a fit: what stands of it in a model, and how it is found again."""

from pathlib import Path

import pytest

from askew.fitting import TrainingOptions
from askew.fitting.training_file import data_beside, options_of, record_of
from askew.inputs import Meaning, TextFormat, data_at
from askew.scoring import Labelling

OPTIONS = TrainingOptions(
    Labelling("state", Meaning(anomaly=("bad",), any_spelling=True)),
    "id",
    ("note",),
    n_most=50,
    seed=4,
    text_format=TextFormat(decimal=",", missing=("-9",)),
)


def test_options_come_back():
    assert options_of(record_of(Path("t.csv"), OPTIONS)) == OPTIONS


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (Path("data/t.csv"), "data/t.csv"),
        (Path("/data/t.csv"), "t.csv"),
        (data_at("s3://bucket/t.csv"), ""),
        (data_at("shop.duckdb", query="from t"), ""),
        (data_at("/data/book.xlsx", sheet="May"), "book.xlsx"),
    ],
)
def test_no_folder_of_the_machine_and_no_address_is_kept(data, kept):
    assert record_of(data, OPTIONS)["data"] == kept


def test_the_file_is_found_from_here_or_beside_the_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    record, model = record_of(Path("t.csv"), OPTIONS), tmp_path / "models" / "m.askew"
    assert data_beside(record, model) is None
    (tmp_path / "models" / "t.csv").touch()
    assert data_beside(record, model) == tmp_path / "models" / "t.csv"
    (tmp_path / "t.csv").touch()
    assert data_beside(record, model) == Path("t.csv")
    assert data_beside(record | {"sheet": "May"}, model) == data_at("t.csv", sheet="May")
    assert data_beside(record | {"data": ""}, model) is None
