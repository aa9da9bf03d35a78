"""The planning protocol, end to end at a toy size: runs, resume, table, picture."""

import json
from dataclasses import replace

import pytest

from askew.applications.motion_planning import problems as making
from askew.benchmarks.protocols.motion_planning import protocol as planning
from askew.benchmarks.protocols.motion_planning import trial
from askew.benchmarks.protocols.motion_planning.record import PlanningRecord, PlanningStore
from askew.benchmarks.protocols.motion_planning.result import PlanningResult
from askew.benchmarks.protocols.motion_planning.trial import METHODS, Size
from askew.errors import InvalidInputError

TOY = Size(train=3, test=1, samples=(4, 8), epochs=1)


def run(folder, **options):
    given = {"seeds": [0, 1], "out": folder, "size": TOY} | options
    return planning.run_planning("quick", **given)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planning")
    return folder, run(folder)


def test_everything_is_run_and_written(finished):
    folder, result = finished
    assert (result.done, result.planned, result.grid) == (8, 8, 40)
    assert [row.method for row in result.rows] == list(METHODS)
    assert all((row.n_runs, row.n_failed) == (2, 0) for row in result.rows)
    names = {path.name for path in folder.iterdir()}
    assert names == {"problems-1-13.npz", "runs", "table.csv", "table.md", "worlds.png"}
    assert (folder / "worlds.png").stat().st_size < 300_000
    assert result.markdown() == (folder / "table.md").read_text(encoding="utf-8")


def test_resuming_repeats_nothing_and_does_what_is_missing(finished, monkeypatch):
    folder, result = finished
    store = PlanningStore(folder)
    lost = planning.plan("quick", seeds=[0, 1], size=TOY).runs[-1]
    before = store.path(lost.key).read_text(encoding="utf-8")
    store.path(lost.key).unlink()
    done = []
    measure = trial.measure
    monkeypatch.setattr(trial, "measure", lambda run, *rest: done.append(run) or measure(run, *rest))
    monkeypatch.setattr(making, "make_problems", None)  # the file is there: nothing is made again
    again = run(folder)
    assert [run.key for run in done] == [lost.key]
    timeless = [replace(row, cpu_seconds=None) for row in result.rows]
    assert [replace(row, cpu_seconds=None) for row in again.rows] == timeless
    after = store.path(lost.key).read_text(encoding="utf-8")
    first, second = (json.loads(text)["body"] | {"seconds": 0, "cpu_seconds": 0} for text in (before, after))
    assert first == second


def test_a_damaged_run_is_done_again(finished):
    folder, _ = finished
    store = PlanningStore(folder)
    chosen = planning.plan("quick", seeds=[0, 1], size=TOY).runs[0]
    text = store.path(chosen.key).read_text(encoding="utf-8")
    store.path(chosen.key).write_text(text.replace('"collision": 0.', '"collision": 1.'), encoding="utf-8")
    records, messages = store.read()
    assert chosen.key not in records and "does not match its checksum" in messages[0]
    assert run(folder).done == 8 and chosen.key in store.read()[0]


def test_a_run_that_fails_is_stored_and_counted(tmp_path, monkeypatch):
    def breaks(*arguments):
        raise ValueError("no luck")

    monkeypatch.setattr(trial, "samplers", breaks)
    told = []
    result = run(tmp_path, methods=["uniform"], seeds=[0], progress=told.append)
    assert (result.done, result.rows[0].n_failed) == (1, 1)
    assert "Failed runs: 1." in result.markdown()
    assert any("ValueError: no luck" in event.text for event in told if event.kind == "message")


def test_no_resume_refuses_a_used_folder(finished):
    with pytest.raises(InvalidInputError, match="out of run_planning must be empty"):
        run(finished[0], resume=False)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"methods": ["gan"]}, "methods of run_planning must be a known name"),
        ({"seeds": [-1]}, "seeds of run_planning"),
        ({"workers": 0}, "workers of run_planning"),
    ],
)
def test_bad_options_are_refused(tmp_path, options, words):
    with pytest.raises(InvalidInputError, match=words):
        run(tmp_path / "new", **options)


def test_presets_share_runs():
    paper, quick = planning.plan("paper"), planning.plan("quick")
    assert len(paper.runs) == paper.grid == 40
    assert {run.key for run in quick.runs} < {run.key for run in paper.runs}


def record(run, collision, success):
    shares = {"8": success, "16": 1.0}
    empty = dict.fromkeys(("error", "seconds", "warnings"))
    return PlanningRecord(
        run=run,
        status="ok",
        collision=collision,
        unscreened=2 * collision,
        coverage=0.5,
        success=shares,
        cost={"8": None, "16": 1.5},
        shown=[],
        cpu_seconds=2.0,
        versions={},
        **empty,
    )


def test_printed_settings_are_rows_of_their_own_and_screen_nothing(tmp_path):
    assert not {run.method for run in planning.plan("paper").runs} & {"cvae_printed", "dp_cvae_printed"}
    result = run(tmp_path, methods=["cvae_printed", "dp_cvae_printed"], seeds=[0])
    plain, dual = (one.params for one in result.plan.runs)
    assert plain["dropout"] == dual["dropout"] == 0.5 and dual["depth"] == 0 and plain["kept"] == 1
    for row in result.rows:
        mean = row.mean
        assert (row.n_runs, mean["collision"]) == (1, mean["unscreened"])
        assert [mean["raw success 8"], mean["raw coverage"]] == [mean["success 8"], mean["coverage"]]


def test_what_is_planned_before_the_screen_is_of_all_samples(finished):
    _, result = finished
    uniform, dual = result.row("uniform").mean, result.row("dp_cvae").mean
    assert uniform["raw success 8"] == uniform["success 8"] and uniform["raw cost 8"] == uniform["cost 8"]
    assert dual["raw coverage"] is not None and dual["raw samples needed"] is not None
    assert "before screening | passages covered | samples for 80%" in result.markdown()


def test_table_by_hand():
    chosen = planning.plan(
        "paper", methods=["cvae", "dp_cvae"], seeds=range(3), size=TOY._replace(samples=(8, 16))
    )
    numbers = {"cvae": (0.4, 0.6), "dp_cvae": (0.1, 0.8)}
    records = {
        run.key: record(run, numbers[run.method][0] + 0.01 * run.seed, numbers[run.method][1])
        for run in chosen.runs
    }
    result = PlanningResult.of(chosen, records)
    plain, dual = result.row("cvae"), result.row("dp_cvae")
    assert plain.mean["collision"] == pytest.approx(0.41) and plain.std["collision"] == pytest.approx(0.01)
    assert dual.mean["samples needed"] == 8 and plain.mean["samples needed"] == pytest.approx(8 * 2**0.5)
    assert plain.mean["cost 8"] is None and plain.mean["cost 16"] == 1.5
    assert plain.cpu_seconds == 6
    (test,) = [one for one in result.comparisons if one.dataset == "collision"]
    assert (test.first, test.second, test.n_pairs) == ("dp_cvae", "cvae", 3)
    assert test.difference == pytest.approx(-0.3)
    assert "| dp_cvae | 11.0 ±1.0 | 22.0 ±2.0 | 50.0 ±0.0 | 8 ±0.00 | 3/3 |" in result.markdown()
    assert result.to_json()["coverage"] == [6, 6] and json.dumps(result.to_json())
