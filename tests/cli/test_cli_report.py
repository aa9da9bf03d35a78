"""``askew report``: the files are written, and what cannot be used is one line and exit code 2."""

import json
import shutil

import pytest

from askew.benchmarks import Run, Store
from askew.benchmarks.runs.store import Record


@pytest.fixture
def results(tmp_path):
    """A results folder with two methods, one run of which failed."""
    home = Store(tmp_path / "results")
    for method, seed in (("vae", 0), ("vae", 1), ("dp_vae", 0), ("dp_vae", 1)):
        fine = (method, seed) != ("vae", 1)
        numbers = dict.fromkeys(("auroc", "auprc", "fpr80"), 0.75 + seed / 10 if fine else None)
        counts = dict.fromkeys(("n_train", "n_labelled", "n_test", "warnings"))
        outcome = {"status": "ok", "error": None} if fine else {"status": "failed", "error": "NaN"}
        more = {"fit_seconds": 1.0, "score_seconds": 0.1, "group_size": 2, "versions": {}, "started": "now"}
        run = Run("classic", "cardio", method, {}, seed)
        home.write(Record(run=run, preset="paper", **outcome, **numbers, **counts, **more))
    return tmp_path / "results"


def test_report(run, results):
    outcome = run("report", "results")
    assert outcome.code == 0
    assert "4 of 4 runs are done" in outcome.out and "1 run failed" in outcome.out
    assert "Written: results/report.html, results/report.md, results/report.csv" in outcome.err
    assert (results / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_options_and_json(run, results, tmp_path):
    outcome = run("report", "results", "-o", "mine.html", "--reference", "dp_vae", "--json")
    assert outcome.code == 0 and outcome.err == ""
    found = json.loads(outcome.out)
    assert [found[key] for key in ("page", "markdown", "table")] == ["mine.html", "mine.md", "mine.csv"]
    assert (found["runs"], found["failed"]) == (4, 1)
    assert "Against dp_vae" in (tmp_path / "mine.html").read_text()


@pytest.mark.parametrize("case", ["missing", "empty", "damaged", "reference", "output"])
def test_refusals_are_one_line(run, results, case):
    words = ["report", "results"]
    if case == "missing":
        shutil.rmtree(results)
    elif case == "empty":
        for path in (results / "runs").iterdir():
            path.unlink()
    elif case == "damaged":
        next((results / "runs").iterdir()).write_text("no run")
    elif case == "reference":
        words += ["--reference", "gan"]
    else:
        words += ["-o", "results"]
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ") and outcome.err.count("\n") == 1
