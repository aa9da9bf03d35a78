"""Reasons beside scores: those that `explain` gives, for the rows that are flagged and for the lowest ones."""

import numpy as np
import pandas as pd
import pytest
from scoring_tables import MODELS, conformal, every_model, kde, numbers, prepared, unnamed, words

import askew
from askew.errors import InvalidInputError
from askew.inputs import open_table, parquet_table
from askew.scoring import ReadOptions, cell_text, score_file

PARTS = ("", "_value", "_expected", "_share")


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "t.parquet"
    words(n_rows=60, seed=1).to_parquet(path)
    return path


@every_model
def test_scores_are_the_same_and_reasons_are_those_of_the_model(name, rows, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_table, "ROWS", 17)
    model, frame = MODELS[name](), pd.read_parquet(rows)
    if name == "unnamed":
        frame = frame.drop(columns=["word"])
        frame.to_parquet(rows)
    options = ReadOptions("id", ignore_extra=True)
    score_file(model, rows, tmp_path / "plain.parquet", options)
    summary = score_file(model, rows, tmp_path / "s.parquet", options, top=3, reasons=2)
    plain, found = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("plain", "s"))
    pd.testing.assert_frame_equal(found[plain.columns], plain)
    assert list(found)[len(plain.columns) :] == [f"reason_{n}{part}" for n in (1, 2) for part in PARTS]
    explained = (found["prediction"] == -1) | (found["score"].rank() <= 3)
    assert (found["reason_1"].notna() == explained).all() and explained.sum() >= 3
    assert [row["id"] for row in summary.top_rows()] == found.nsmallest(3, "score")["id"].tolist()
    far = found.iloc[-1]
    assert {far["reason_1"], far["reason_2"]} == ({"x0", "x1"} if name == "unnamed" else {"a", "b"})
    column = {"x0": "a", "x1": "b"}.get(far["reason_1"], far["reason_1"])
    assert far["reason_1_value"] == cell_text(frame[column].iloc[-1])
    assert abs(float(far["reason_1_expected"])) < 3
    assert far["reason_1_share"] + far["reason_2_share"] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_every_kind_of_file_has_them(ending, rows, tmp_path):
    score_file(prepared(), rows, tmp_path / f"s{ending}", ReadOptions("id"), reasons=1)
    found = pd.read_csv(tmp_path / "s.csv") if ending == ".csv" else pd.read_json(tmp_path / "s.json")
    assert set(found["reason_1"].dropna()) <= {"a", "b", "word"}
    assert found["reason_1"].notna().sum() == (found["prediction"] == -1).sum() > 0


def test_ties_give_no_more_reasons_than_rows_asked_for(tmp_path):
    model = askew.KDE(bandwidth=1.0).fit(numbers()[["a", "b"]])
    pd.DataFrame({"a": [0.0] * 40, "b": [0.0] * 40}).to_csv(tmp_path / "t.csv", index=False)
    score_file(model, tmp_path / "t.csv", tmp_path / "s.csv", top=2, reasons=1)
    assert (pd.read_csv(tmp_path / "s.csv")["prediction"] == 1).all()
    summary = score_file(model, tmp_path / "t.csv", top=2, reasons=1)
    assert [row["row"] for row in summary.top_rows()] == [1, 2]


def test_counts_of_new_values_are_not_doubled_by_reading_twice(rows, tmp_path):
    frame = pd.read_parquet(rows)
    frame.loc[:4, "word"] = "new"
    frame.to_parquet(rows)
    plain = score_file(prepared(), rows, None, ReadOptions("id"))
    assert score_file(prepared(), rows, None, ReadOptions("id"), reasons=1).notes == plain.notes != []


@pytest.mark.parametrize(
    ("model", "data", "options", "message"),
    [
        ("m.onnx", "t.parquet", ReadOptions(), r"askew score --reasons must be one that `askew fit` wrote"),
        (kde(), "images", ReadOptions(), "--reasons must be left out for images"),
        (
            conformal(),
            "n.parquet",
            ReadOptions("reason_1_share"),
            "id column must not be called like a column",
        ),
        (
            unnamed(),
            "few.parquet",
            ReadOptions("id"),
            "background of explain must be given where fewer than 10",
        ),
    ],
)
def test_refusals(model, data, options, message, rows, tmp_path):
    (tmp_path / "images").mkdir()
    frame = numbers(seed=1)
    frame.rename(columns={"id": "reason_1_share"}).to_parquet(tmp_path / "n.parquet")
    frame.tail(3).assign(a=99.0).to_parquet(tmp_path / "few.parquet")
    with pytest.raises(InvalidInputError, match=message):
        score_file(
            tmp_path / model if isinstance(model, str) else model, tmp_path / data, None, options, reasons=1
        )


def test_cells_are_read_as_they_are_written():
    cells = [None, np.nan, 0.123456789, 1234567.0, -3.0, "word", 3, pd.Timestamp("2024-05-01T10:00:00+02:00")]
    assert list(map(cell_text, cells)) == [
        *("missing", "missing", "0.123457", "1234567", "-3", "word", "3", "2024-05-01 10:00:00+02:00")
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("zone", "written"), [("Asia/Kolkata", "+05:30"), ("Etc/GMT+3", "-03:00"), ("UTC", "+00:00"), (None, "")]
)
def test_dates_are_shown_in_the_zone_of_the_file(zone, written, ending, tmp_path):
    def write():
        options = {"csv": {"index": False}, "jsonl": {"orient": "records", "lines": True}}.get(ending, {})
        getattr(frame, {"jsonl": "to_json"}.get(ending, f"to_{ending}"))(path, **options)

    path = tmp_path / f"t.{ending}"
    frame = numbers(seed=3).assign(day=pd.date_range("2024-01-01", periods=40, freq="h", tz=zone))
    frame.loc[39, "day"] += pd.Timedelta(days=400)
    frame["day"] = [each.isoformat() for each in frame["day"]]
    write()
    train = open_table(path).read_mixed(["a", "b", "day"]).table
    model = askew.Prepared(askew.KDE(bandwidth=1.0), other_columns=["id"]).fit(train)
    frame.loc[0, "day"] = ""
    write()
    summary = score_file(model, path, None, ReadOptions("id"), 3, reasons=3)
    (row,) = [row for row in summary.top_rows() if row["id"] == "p39"]
    (told,) = [n for n in (1, 2, 3) if row[f"reason_{n}"] == "day"]
    assert row[f"reason_{told}_value"] == "2025-02-05 15:00:00" + written
    assert row[f"reason_{told}_expected"].startswith("2024-01-0")
    assert row[f"reason_{told}_expected"].endswith(written)
    whole = open_table(path).read_mixed(["a", "b", "day"]).table
    assert row["score"] == pytest.approx(model.score_samples(whole)[39])
