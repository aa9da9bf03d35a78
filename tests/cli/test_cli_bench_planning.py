"""``askew bench planning``: options reach the protocol, and its result is printed."""

import json

import pytest

from askew import benchmarks
from askew.benchmarks.protocols.motion_planning.result import PlanningResult, PlanningRow


def result(n_failed):
    mean = {
        "collision": 0.25,
        "unscreened": 0.3,
        "coverage": None,
        "samples needed": 20.0,
        "success 8": 0.5,
        "cost 8": None,
    }
    row = PlanningRow("dp_cvae", 2, n_failed, 3, mean, dict.fromkeys(mean), 1.5)
    return PlanningResult("quick", 2, 3, 40, (8,), (row,), ())


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
