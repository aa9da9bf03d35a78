"""The runner: what is run, together with what, and what becomes of failures."""

import os
import sys
import time
from dataclasses import replace

import pytest

from askew.benchmarks import Plan, Run, Store, execute
from askew.benchmarks.protocols.classic.method_settings import params
from askew.benchmarks.protocols.classic.protocol import CLASSIC, table_cost
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.plan import Group, grouped
from askew.errors import InvalidInputError


def outcome(records):
    return {
        (one.run.dataset, one.run.method, one.run.seed): (one.status, one.error, one.auroc) for one in records
    }


def test_runs_everything_once_and_stores_it(fakes, tmp_path):
    plan = fakes.plan()
    records = execute(plan, Store(tmp_path))
    assert list(records) and records == Store(tmp_path).read()[0]
    assert records.keys() == {run.key for run in plan.runs}
    assert all(one.status == "ok" and 0 <= one.auroc <= 1 for one in records.values())
    one = next(iter(records.values()))
    assert (one.n_train + one.n_test, one.n_labelled, one.group_size) == (fakes.ROWS[one.run.dataset], 1, 4)
    assert one.versions.keys() == {"askew", "torch", "numpy", "sklearn"}


def test_seeds_train_together(fakes, tmp_path):
    execute(fakes.plan(), Store(tmp_path))
    assert len(fakes.fitted) == 4 and {seeds for _, seeds in fakes.fitted} == {(0, 1, 2, 3)}


def test_seconds_of_a_group_are_shared_among_its_runs(fakes, tmp_path, monkeypatch):
    monkeypatch.setattr(fakes, "fit_delay", 0.01)
    monkeypatch.setattr(fakes, "score_delay", 0.005)
    begun = time.perf_counter()
    records = execute(fakes.plan(methods=["fake"], datasets=["tiny"]), Store(tmp_path))
    seconds = time.perf_counter() - begun
    assert all(one.fit_seconds >= 0.01 and one.score_seconds >= 0.005 for one in records.values())
    assert sum(one.fit_seconds + one.score_seconds for one in records.values()) <= seconds


def test_metrics_are_those_of_the_runs_own_detector_and_split(fakes, tmp_path):
    from sklearn.metrics import roc_auc_score

    records = execute(fakes.plan(methods=["weak"], datasets=["medium"]), Store(tmp_path))
    for one in records.values():
        part = fakes.classic_split(fakes.load("medium"), one.run.seed, 0.01, 0.0, "clean")
        alone = fakes.detector_class("weak")().set_params(random_state=one.run.seed)
        assert one.auroc == roc_auc_score(part.anomaly_test, -alone.score_samples(part.X_test))
    assert len({one.auroc for one in records.values()}) > 1


def test_resume_runs_only_what_is_missing(fakes, tmp_path):
    store, plan = Store(tmp_path), fakes.plan(methods=["fake"], datasets=["tiny"])
    first = execute(plan, store)
    store.path(plan.runs[2].key).unlink()
    fakes.fitted.clear()
    again = execute(plan, store)
    assert fakes.fitted == [("fake", (2,))]
    assert outcome(again.values()) == outcome(first.values())


def test_damaged_run_is_named_and_run_again(fakes, tmp_path):
    store, plan, events = Store(tmp_path), fakes.plan(methods=["fake"], datasets=["tiny"]), []
    first = execute(plan, store)
    path = store.path(plan.runs[1].key)
    path.write_text(path.read_text()[:100])
    fakes.fitted.clear()
    again = execute(plan, store, progress=events.append)
    assert fakes.fitted == [("fake", (1,))] and outcome(again.values()) == outcome(first.values())
    assert [path.name in event.text for event in events if event.kind == "message"] == [True]


def test_a_finished_plan_fits_nothing(fakes, tmp_path):
    execute(fakes.plan(), Store(tmp_path))
    fakes.fitted.clear()
    events = []
    execute(fakes.plan(), Store(tmp_path), progress=events.append)
    assert fakes.fitted == [] and [event.kind for event in events] == ["begin", "end"]
    assert (events[-1].done, events[-1].planned, events[-1].fraction) == (16, 16, 1.0)


def test_one_bad_seed_takes_no_other_down(fakes, tmp_path):
    records = execute(fakes.plan(methods=["odd_seed_raises"], datasets=["tiny"]), Store(tmp_path))
    found = {one.run.seed: (one.status, one.error) for one in records.values()}
    failed = ("failed", "ValueError: an odd seed")
    assert found == {0: ("ok", None), 1: failed, 2: ("ok", None), 3: failed}
    assert fakes.fitted[0][1] == (0, 1, 2, 3) and [seeds for _, seeds in fakes.fitted[1:]] == [
        (0,),
        (1,),
        (2,),
        (3,),
    ]
    assert {one.group_size for one in records.values()} == {1}


def test_fit_error_fails_its_own_run(fakes, tmp_path):
    records = execute(fakes.plan(methods=["odd_seed_fit_error"], datasets=["tiny"]), Store(tmp_path))
    assert {one.run.seed: one.error for one in records.values()} == {
        seed: "the loss of every member became NaN" if seed % 2 else None for seed in range(4)
    }
    assert all((one.auroc is None) == (one.status == "failed") for one in records.values())


def test_a_group_that_fails_as_a_whole_is_done_one_by_one(fakes, tmp_path):
    records = execute(fakes.plan(methods=["group_raises"], datasets=["tiny"]), Store(tmp_path))
    assert {one.status for one in records.values()} == {"ok"}


def test_nan_scores_are_a_failure(fakes, tmp_path):
    records = execute(fakes.plan(methods=["nan"], datasets=["tiny"]), Store(tmp_path))
    (failed,) = [one for one in records.values() if one.status == "failed"]
    assert failed.run.seed == 1 and failed.error.startswith("3 of 20 scores are not finite")


def test_unknown_parameter_is_a_failure_that_names_it(fakes, tmp_path):
    run = Run("classic", "tiny", "fake", {"no_such": 1}, 0)
    (record,) = execute(Plan("classic", "quick", (run,), 1), Store(tmp_path)).values()
    assert record.error == "ValueError: no parameter no_such"


def test_failed_runs_are_kept_until_their_file_is_deleted(fakes, tmp_path):
    store, plan = Store(tmp_path), fakes.plan(methods=["nan"], datasets=["tiny"])
    events = []
    execute(plan, store, progress=events.append)
    (message,) = [event.text for event in events if event.kind == "message"]
    assert message.startswith("failed: nan on tiny, seed 1: 3 of 20 scores")
    assert message.endswith(f"delete {store.path(plan.runs[1].key)}")
    fakes.fitted.clear()
    execute(plan, store)
    assert fakes.fitted == []
    store.path(plan.runs[1].key).unlink()
    execute(plan, store)
    assert fakes.fitted == [("nan", (1,))]


def test_warnings_are_kept_in_the_record(fakes, tmp_path):
    records = execute(fakes.plan(methods=["warns"], datasets=["tiny"]), Store(tmp_path))
    assert {one.warnings for one in records.values()} == {"UserWarning: the codes look collapsed"}


def test_a_table_that_cannot_be_loaded_stops_before_any_work(fakes, tmp_path, monkeypatch):
    def load(name):
        raise InvalidInputError("the file is damaged")

    monkeypatch.setattr("askew.datasets.load", load)
    with pytest.raises(InvalidInputError, match="the file is damaged"):
        execute(fakes.plan(), Store(tmp_path))
    assert fakes.fitted == [] and os.listdir(tmp_path / "runs") == []


@pytest.mark.parametrize("workers", [0, -1, 1.5])
def test_workers_is_checked(fakes, tmp_path, workers):
    with pytest.raises(InvalidInputError, match="workers of execute must be an integer of at least 1"):
        execute(fakes.plan(), Store(tmp_path), workers=workers)


def test_interrupt_keeps_what_is_finished(fakes, tmp_path, monkeypatch):
    def stop(detectors, data):
        if len(fakes.fitted) == 2:
            raise KeyboardInterrupt
        fakes.fit_together(detectors, data)

    monkeypatch.setattr(sys.modules["askew.base"], "fit_together", stop)
    with pytest.raises(KeyboardInterrupt):
        execute(fakes.plan(), Store(tmp_path))
    assert len(Store(tmp_path).read()[0]) == 8


def test_runs_of_another_version_are_kept_and_said(fakes, tmp_path):
    store, plan, events = Store(tmp_path), fakes.plan(methods=["fake"], datasets=["tiny"]), []
    for one in execute(plan, store).values():
        store.write(replace(one, versions={**one.versions, "askew": "0.0.0-old"}))
    execute(plan, store, progress=events.append)
    (message,) = [event.text for event in events if event.kind == "message"]
    assert message.startswith("kept 4 runs of another askew version")


def test_groups_hold_ten_seeds_at_most_and_a_workers_share():
    runs = [Run("classic", "tiny", "fake", {}, seed) for seed in range(25)]
    assert [len(group.runs) for group in grouped(runs, CLASSIC.group_key)] == [10, 10, 5]
    assert [len(group.runs) for group in grouped(runs[:10], CLASSIC.group_key, workers=2)] == [5, 5]
    assert [len(group.runs) for group in grouped(runs[:1], CLASSIC.group_key, workers=2)] == [1]
    mixed = [replace(run, params={"a": run.seed % 2}) for run in runs[:10]]
    assert [{run.seed % 2 for run in group.runs} for group in grouped(mixed, CLASSIC.group_key)] == [{0}, {1}]


def test_longest_first(fakes, tmp_path):
    order = []
    plan = fakes.plan(methods=["fake"], datasets=["small", "tiny", "medium"])
    execute(plan, Store(tmp_path), progress=lambda e: order.append(e.text) if e.kind == "done" else None)
    assert order == [f"fake on {name}, seeds 0-3" for name in ("medium", "small", "tiny")]


def test_estimated_work_grows_with_everything():
    def work(n_rows=100, n_columns=6, seeds=1, **params):
        runs = tuple(Run("classic", "t", "m", params, seed) for seed in range(seeds))
        return table_cost(Group(runs), n_rows, n_columns)

    assert work() < work(n_rows=200) and work() < work(n_columns=300)
    assert work() < work(seeds=10)
    assert work() < work(training__epochs=150) < work(training__epochs=150, n_members=5)


def test_group_names():
    runs = [Run("classic", "cardio", "vae", {}, seed) for seed in (0, 1, 2, 7)]
    assert Group(tuple(runs[:1])).title(CLASSIC.words) == "vae on cardio, seed 0"
    assert Group(tuple(runs[:3])).title(CLASSIC.words) == "vae on cardio, seeds 0-2"
    assert Group(tuple(runs)).title(CLASSIC.words) == "vae on cardio, seeds 0, 1, 2, 7"


def test_real_training_tells_its_progress(tmp_path):
    """End to end with a real detector and a real table, and the epochs arrive as parts."""
    runs = tuple(
        Run("classic", "thyroid", "vae", {"n_members": 1, "training__epochs": 4}, seed) for seed in (0, 1)
    )
    events = []
    records = execute(Plan("classic", "quick", runs, 2), Store(tmp_path), progress=events.append)
    assert [one.status for one in records.values()] == ["ok", "ok"] and records[runs[0].key].auroc > 0.5
    parts = [event.fraction for event in events if event.kind == "part"]
    assert parts == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert {one.n_labelled for one in records.values()} == {22}


@pytest.mark.parametrize("seeded", [True, False])
def test_only_what_has_a_seed_is_given_one(seeded, monkeypatch):
    class Takes:
        def __init__(self):
            if seeded:
                self.random_state = None

        def set_params(self, **params):
            self.given = params

    run = Run("classic", "cardio", "mahalanobis", {"ridge": 0.1}, 3)
    monkeypatch.setattr("askew.index.detector_class", lambda name: Takes)
    assert detector_for(run).given == {"ridge": 0.1} | ({"random_state": 3} if seeded else {})


def test_columns_are_scaled_as_in_the_papers():
    scales = {
        name: {key: value for key, value in detector_for(run).get_params().items() if key.endswith("scale")}
        for name in ("vae", "kde", "isolation_forest", "if_hybrid", "oc_svm_hybrid")
        for run in [Run("classic", "cardio", name, params(name, "cardio"), 0)]
    }
    assert scales == {
        "vae": {"scale": "standard"},
        "kde": {"scale": "standard"},
        "isolation_forest": {"scale": None},
        "if_hybrid": {"encoder__scale": "standard", "detector__scale": None},
        "oc_svm_hybrid": {"encoder__scale": "standard", "detector__scale": "standard"},
    }
    assert detector_for(Run("classic", "cardio", "vae", {"scale": None}, 0)).scale is None
