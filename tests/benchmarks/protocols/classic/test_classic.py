"""run_classic from call to files."""

import csv
import json
import sys

import pyarrow.parquet as pq
import pytest

from askew.benchmarks import run_classic
from askew.errors import InvalidInputError

CALL = {"methods": ["fake", "nan"], "datasets": ["cardio", "thyroid"], "seeds": [0, 1, 2]}


def test_writes_the_folder_and_returns_the_table(fakes, tmp_path):
    out, events = tmp_path / "new" / "results", []
    result = run_classic(**CALL, out=out, progress=events.append)
    assert sorted(path.name for path in out.iterdir()) == ["runs", "runs.parquet", "table.csv", "table.md"]
    assert pq.read_table(out / "runs.parquet").num_rows == 12
    assert (out / "table.md").read_text() == result.markdown()
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert [float(row["auroc_mean"]) for row in rows] == [row.auroc_mean for row in result.rows]
    assert result.to_json()["coverage"] == [12, 12]
    assert (events[0].kind, events[0].done, events[-1].kind, events[-1].done) == ("begin", 0, "end", 12)
    assert events[-1].failed == 2


def test_presets_share_runs(fakes, tmp_path):
    run_classic("quick", **CALL, out=tmp_path)
    fakes.fitted.clear()
    result = run_classic("paper", methods=["fake"], datasets=["cardio"], seeds=range(4), out=tmp_path)
    assert fakes.fitted == [("fake", (3,))]
    assert (result.preset, result.done, result.planned) == ("paper", 4, 4)
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 13


def test_leaky_runs_are_other_runs(fakes, tmp_path):
    clean = run_classic(**CALL, out=tmp_path)
    result = run_classic(**CALL, out=tmp_path, split="leaky")
    assert (result.split, result.done) == ("leaky", 12)
    assert result.row("cardio", "fake").auroc_mean != clean.row("cardio", "fake").auroc_mean
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 24


def test_no_resume_refuses_a_folder_in_use_and_touches_nothing(fakes, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(InvalidInputError, match=r"out of run_classic must be empty .* resume=True"):
        run_classic(**CALL, out=tmp_path, resume=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert run_classic(**CALL, out=tmp_path / "fresh", resume=False).done == 12


def test_names_are_checked_before_anything_is_written(fakes, tmp_path):
    with pytest.raises(InvalidInputError, match="Choose from: fake, weak"):
        run_classic(methods=["dp_vea"], out=tmp_path / "results")
    assert not (tmp_path / "results").exists()


def test_an_interrupt_leaves_the_tables_of_what_is_finished(fakes, tmp_path, monkeypatch):
    def stop(detectors, data):
        if fakes.fitted:
            raise KeyboardInterrupt
        fakes.fit_together(detectors, data)

    monkeypatch.setattr(sys.modules["askew.base"], "fit_together", stop)
    with pytest.raises(KeyboardInterrupt):
        run_classic(**CALL, out=tmp_path)
    assert pq.read_table(tmp_path / "runs.parquet").num_rows == 3
    assert "3 of 12 runs" in (tmp_path / "table.md").read_text()


def test_published_numbers_stand_beside_ours(fakes, tmp_path, monkeypatch):
    monkeypatch.setitem(fakes.METHODS, "dp_vae", {})
    monkeypatch.setattr("askew.benchmarks.protocols.classic.protocol.params", lambda method, dataset: {})
    result = run_classic(methods=["dp_vae"], datasets=["cardio"], seeds=[0, 1], out=tmp_path)
    row = json.loads(json.dumps(result.to_json()))["rows"][0]
    assert row["published_mean"] == 0.991 and row["difference"] == pytest.approx(row["auroc_mean"] - 0.991)
