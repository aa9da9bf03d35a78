"""``askew bench planning``: options reach the protocol, and its result is printed."""

import json

import pytest

from askew import benchmarks
from askew.benchmarks import Plan, Run
from askew.benchmarks.protocols.motion_planning.record import PlanningRecord
from askew.benchmarks.protocols.motion_planning.result import PlanningResult


def record(run, is_failed):
    fine = {
        "collision": 0.25,
        "unscreened": 0.3,
        "coverage": None,
        "success": {"8": 0.5},
        "cost": {"8": None},
    }
    lost = {"collision": None, "unscreened": None, "coverage": None, "success": {}, "cost": {}}
    empty = dict.fromkeys(("error", "seconds", "cpu_seconds", "warnings"))
    status = "failed" if is_failed else "ok"
    return PlanningRecord(run, status, shown=[], versions={}, **(lost if is_failed else fine), **empty)


def result(n_failed):
    """Return a result with two of three runs, of which `n_failed` failed."""
    runs = tuple(Run("planning", "narrow_passages", "dp_cvae", {"samples": [8]}, seed) for seed in range(3))
    records = {run.key: record(run, run.seed < n_failed) for run in runs[:2]}
    return PlanningResult.of(Plan("planning", "quick", runs, grid=40), records)


@pytest.fixture
def protocol(monkeypatch):
    calls = []

    def run_planning(preset, **options):
        calls.append({"preset": preset, **options})
        return result(n_failed=0)

    monkeypatch.setattr(benchmarks, "run_planning", run_planning, raising=False)
    return calls


def test_options(run, protocol):
    words = "--preset paper --methods cvae,dp_cvae --seeds 2-4 --workers 3 --no-resume -o there"
    assert run("bench", "planning", *words.split()).code == 0
    (call,) = protocol
    assert (call["preset"], call["methods"], call["seeds"]) == ("paper", ["cvae", "dp_cvae"], [2, 3, 4])
    assert (call["workers"], call["resume"], str(call["out"])) == (3, False, "there")


def test_defaults(run, protocol):
    assert run("bench", "planning").code == 0
    (call,) = protocol
    assert (call["preset"], call["methods"], call["seeds"], call["resume"]) == ("quick", None, None, True)


def test_table_and_json(run, protocol):
    text = run("bench", "planning").out
    assert "planning, preset quick: 2 of 3 runs" in text and "25.0" in text and "2/3" in text
    data = json.loads(run("bench", "planning", "--json").out)
    assert data["coverage"] == [2, 3] and data["rows"][0]["mean"]["collision"] == 0.25


def test_failed_runs_are_the_exit_code(run, monkeypatch):
    monkeypatch.setattr(benchmarks, "run_planning", lambda preset, **options: result(1), raising=False)
    outcome = run("bench", "planning")
    assert outcome.code == 1 and "warning: 1 of 2 runs failed" in outcome.err
