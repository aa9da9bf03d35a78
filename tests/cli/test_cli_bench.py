"""``askew bench classic``: options reach the protocol, and its result is printed."""

import json

import pytest

from askew import benchmarks
from askew.benchmarks import Plan, Run, summarise
from askew.benchmarks.result_tables.published import published
from askew.benchmarks.runs.store import Record


def record(run, auroc):
    """Return a finished run, failed without an AUROC."""
    nothing = dict.fromkeys(("fit_seconds", "score_seconds", "n_train", "n_labelled", "n_test", "warnings"))
    measures = {"auroc": auroc, "auprc": None, "fpr80": None}
    status, error = ("ok", None) if auroc is not None else ("failed", "NaN")
    return Record(
        run, "quick", status, error, **measures, **nothing, group_size=1, versions={}, started="now"
    )


def result(n_failed):
    """Return a result with two of three runs, of which one may have failed; the other's AUROC is then NaN."""
    runs = tuple(Run("classic", "thyroid", "vae", {}, seed) for seed in range(3))
    aurocs = (float("nan"), None) if n_failed else (0.7, 0.8)
    records = {run.key: record(run, auroc) for run, auroc in zip(runs, aurocs, strict=False)}
    return summarise(Plan("classic", "quick", runs, grid=480), records, published())


@pytest.fixture
def protocol(monkeypatch):
    """Stand in for the protocol: note how it is called."""
    calls = []

    def run_classic(preset, **options):
        calls.append({"preset": preset, **options})
        return result(n_failed=0)

    monkeypatch.setattr(benchmarks, "run_classic", run_classic, raising=False)
    return calls


def test_defaults_are_the_presets(run, protocol):
    assert run("bench", "classic").code == 0
    (call,) = protocol
    assert callable(call.pop("progress"))
    assert 1 <= call.pop("workers") <= 8
    assert str(call.pop("out")) == "results"
    nothing = dict.fromkeys(("methods", "datasets", "seeds", "cluster"))
    assert call == {"preset": "quick", "resume": True, "split": "clean", **nothing}


def test_options(run, protocol):
    words = "--preset paper --methods vae,dp_vae --methods deep_sad --datasets cardio --seeds 2-4 --workers 3"
    assert run("bench", "classic", *words.split(), "--no-resume", "--split", "leaky", "-o", "there").code == 0
    (call,) = protocol
    assert (call["preset"], call["methods"]) == ("paper", ["vae", "dp_vae", "deep_sad"])
    assert (call["datasets"], call["seeds"], call["workers"]) == (["cardio"], [2, 3, 4], 3)
    assert (call["resume"], call["split"], str(call["out"])) == (False, "leaky", "there")


def test_a_cluster_in_place_of_processes(run, protocol):
    assert run("bench", "classic", "--cluster", "local:3").code == 0
    assert protocol[0]["cluster"] == "local:3"
    both = run("bench", "classic", "--cluster", "local:3", "--workers", 2)
    assert both.code == 2 and "--workers and --cluster must not be given together" in both.err
    wrong = run("bench", "few-labels", "--cluster", "somewhere", "--methods", "isolation_forest")
    assert wrong.code == 2 and "that of a Dask scheduler, or local:N; got 'somewhere'" in wrong.err


def test_table(run, protocol):
    outcome = run("bench", "classic")
    assert "thyroid" in outcome.out and "75.0" in outcome.out
    assert "Results are in results" in outcome.err


def test_json(run, protocol):
    found = json.loads(run("bench", "classic", "--json").out)
    assert found["coverage"] == [2, 3]
    assert found["rows"][0]["auroc_mean"] == 0.75


def test_failed_runs_exit_with_1(run, protocol, monkeypatch):
    monkeypatch.setattr(benchmarks, "run_classic", lambda *_, **__: result(n_failed=1), raising=False)
    outcome = run("bench", "classic", "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["rows"][0]["auroc_mean"] is None
    assert "warning: 1 of 2 runs failed" in outcome.err


def test_interrupt_says_how_to_go_on(run, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(benchmarks, "run_classic", stop, raising=False)
    outcome = run("bench", "classic", "-o", "there")
    assert (outcome.code, outcome.out) == (130, "")
    assert "what is done is in there, and the same command continues" in outcome.err


def test_real_runs(run, tmp_path):
    words = ("bench", "classic", "--methods", "isolation_forest", "--datasets", "thyroid", "--seeds", 2)
    outcome = run(*words, "--workers", 1, "-o", "there", "--json")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert (found["protocol"], found["coverage"]) == ("classic", [2, 2])
    (row,) = found["rows"]
    assert (row["dataset"], row["method"], row["n_runs"]) == ("thyroid", "isolation_forest", 2)
    assert 0.9 < row["auroc_mean"] < 1
    assert {"runs.parquet", "table.csv", "table.md"} <= {path.name for path in (tmp_path / "there").iterdir()}
    assert run(*words, "--workers", 1, "-o", "there", "--no-resume").code == 2


def test_few_labels_options(run, monkeypatch):
    calls = []

    def run_few_labels(preset, **options):
        calls.append({"preset": preset, **options})
        return result(n_failed=0)

    monkeypatch.setattr(benchmarks, "run_few_labels", run_few_labels, raising=False)
    words = "--preset paper --methods dp_vae,catboost --datasets cardio --seeds 3 --workers 2 --no-resume"
    assert run("bench", "few-labels", *words.split(), "-o", "there").code == 0
    (call,) = calls
    assert callable(call.pop("progress")) and str(call.pop("out")) == "there"
    assert call == {
        "preset": "paper",
        "methods": ["dp_vae", "catboost"],
        "datasets": ["cardio"],
        "seeds": [0, 1, 2],
        "workers": 2,
        "cluster": None,
        "resume": False,
    }


def test_few_labels_real_runs(run, tmp_path):
    words = ("bench", "few-labels", "--methods", "logistic_regression,isolation_forest", "--workers", 1)
    outcome = run(*words, "--datasets", "arrhythmia", "--seeds", 1, "-o", "there", "--json")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert (found["protocol"], found["coverage"]) == ("few_labels", [12, 12])
    cells = {(row["method"], row["regime"], row["m"]): row["auroc_mean"] for row in found["rows"]}
    assert cells["logistic_regression", "seen", 20] > cells["logistic_regression", "seen", 1]
    assert 0.6 < cells["isolation_forest", "unseen", 0] < 1
    assert "| isolation_forest |" in (tmp_path / "there" / "table.md").read_text()
