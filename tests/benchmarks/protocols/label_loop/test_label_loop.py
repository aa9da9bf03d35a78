"""The label_loop protocol, end to end on a tiny table: runs, resume, files; what is missing is said."""

import json

import numpy as np
import pytest

from askew.benchmarks.protocols.label_loop import protocol, strategies, tables
from askew.benchmarks.protocols.label_loop.protocol import plan, run_label_loop
from askew.benchmarks.protocols.label_loop.record import LoopStore
from askew.errors import DataFileError, InvalidInputError


@pytest.fixture
def tiny(monkeypatch):
    """Replace the tables by 40 rows with six anomalies, the detector by one that fits in no time."""

    def load(name, seed):
        X = np.random.default_rng(seed).normal(size=(40, 2))
        X[:6] += 4
        return X, np.arange(40) < 6

    monkeypatch.setattr(tables, "load", load)
    monkeypatch.setattr(tables, "require", lambda names: None)
    monkeypatch.setattr(protocol, "DETECTOR", "mahalanobis")


OURS = [name for name in strategies.METHODS if name != "aad_forest"]


def test_everything_is_run_once_and_written(tiny, tmp_path, monkeypatch):
    result = run_label_loop("quick", methods=OURS, datasets=["cardio"], seeds=[0], out=tmp_path)
    assert (result.done, result.planned, result.grid) == (6, 6, 7 * 19 * 10)
    assert all(
        (row.n_runs, row.n_failed, row.found_100, row.share_100) == (1, 0, 6.0, 1.0) for row in result.rows
    )
    assert result.by_key["cardio", "anomalous"].n_fits == 4 and result.by_key["cardio", "random"].n_fits == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "runs",
        "runs.parquet",
        "table.csv",
        "table.md",
        "curves.png",
    }
    monkeypatch.setattr(protocol, "simulate", None)
    assert (
        run_label_loop("quick", methods=OURS, datasets=["cardio"], seeds=[0], out=tmp_path).rows
        == result.rows
    )


def test_the_same_seed_finds_the_same(tiny, tmp_path):
    first, second = (
        run_label_loop(
            "quick", methods=["anomalous_random"], datasets=["cardio"], seeds=[3], out=tmp_path / name
        )
        for name in "ab"
    )
    records = [next(iter(LoopStore(tmp_path / name).read()[0].values())) for name in "ab"]
    assert records[0].found == records[1].found and first.rows[0].average == second.rows[0].average


def test_what_goes_wrong_is_the_runs_record(tiny, tmp_path, monkeypatch):
    def broken(*_):
        raise ValueError("broken on purpose")

    monkeypatch.setattr(protocol, "simulate", broken)
    result = run_label_loop("quick", methods=["static"], datasets=["cardio"], seeds=[0], out=tmp_path)
    assert result.n_failed == 1 and "Failed runs: 1" in result.markdown()
    (record,) = LoopStore(tmp_path).read()[0].values()
    assert record.error == "ValueError: broken on purpose" and record.average is None


def test_without_coniferest_its_runs_are_left_out_and_said_to_be(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(strategies, "find_spec", lambda name: None)
    chosen = {"methods": ["aad_forest", "static"], "datasets": ["cardio"], "seeds": [0]}
    result = run_label_loop("quick", **chosen, out=tmp_path)
    assert (result.done, result.planned) == (1, 2)
    assert 'coniferest is not installed: pip install "askew[peers]"' in result.markdown()


def test_the_grid_is_that_of_the_machine_unless_tables_are_named(monkeypatch, tmp_path):
    monkeypatch.delenv("ASKEW_DATA", raising=False)
    assert plan("paper").datasets == tables.BUNDLED and "Not on this machine" in plan("paper").notes[0]
    assert len(plan("paper").runs) == 6 * 7 * 10 and plan("paper").grid == 1330
    message = r"the table glass of label_loop must be in the folder that ASKEW_DATA names, as adbench_small"
    with pytest.raises(DataFileError, match=message):
        run_label_loop("quick", datasets=["glass"], methods=["random"], seeds=[0], out=tmp_path)
    assert LoopStore(tmp_path).read()[0] == {}
    with pytest.raises(DataFileError, match=message):
        tables.load("glass", 0)
    with pytest.raises(
        InvalidInputError, match="datasets of run_label_loop must be a known name; got 'smtp'"
    ):
        plan(datasets=["smtp"])


def test_runs_are_planned_seed_by_seed():
    seeds = [run.seed for run in plan(seeds=[0, 1]).runs]
    assert seeds == sorted(seeds)
    assert json.loads(json.dumps(dict(plan().runs[0].params)))["refit_every"] == 10
