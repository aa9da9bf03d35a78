"""The coverage page is what the results say, and says of a cell where it lies."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from askew.benchmarks.result_tables.published import cells

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module")
def coverage():
    spec = importlib.util.spec_from_file_location("coverage_page", TOOLS / "coverage.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["coverage_page"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["coverage_page"]


def test_the_page_is_up_to_date(coverage):
    """If this fails, run ``python tools/coverage.py``."""
    assert coverage.page() == coverage.PAGE.read_text(encoding="utf-8")


def printed(experiment, **values):
    return next(
        cell
        for cell in cells(experiment)
        if all(getattr(cell, name) == value for name, value in values.items())
    )


def test_within_above_and_below_one_published_deviation(coverage):
    cell = printed("classic", dataset="satellite", method="dp_vae")  # 89.2 ± 1.6
    means = {0.876: "within", 0.9084: "within", 0.909: "above", 0.875: "below"}
    found = [coverage.Found(cell, "paper", 10, mean, 0.01) for mean in means]
    assert [one.verdict for one in found] == list(means.values())
    assert coverage.counts(found) == "2 / 1 / 1"
    bare = coverage.Found(replace(cell, std=None), "paper", 10, 0.5, None)
    assert coverage.counts([*found, bare]) == "2 / 1 / 1, 1 without a deviation"
    assert found[2].row() == (
        "| satellite | dp_vae | γ_l = 0.01 | paper, 10 | 90.9 ± 1.0 | 89.2 ± 1.6 | +1.7 (+1.1) |"
    )


def test_deep_svdd_as_printed_is_the_best_of_three_on_test_rows(coverage):
    cell = printed("classic", dataset="cardio", method="deep_svdd")
    three = [replace(cell, method=f"deep_svdd{part}") for part in ("", "_soft_1", "_soft_10")]
    means = [coverage.found(one)[0].mean for one in three]
    best = coverage.best_of_three(cell)
    assert best.mean == max(means) and best.n_runs == 10 and "best of three" in best.row()
    assert coverage.best_of_three(printed("classic", dataset="shuttle", method="deep_svdd")) is None


def test_a_cell_has_the_runs_of_its_setting(coverage):
    cell = printed("labelled_ratio", dataset="mnist", method="deep_sad", ratio_labelled=0.01)
    assert {one.preset: one.n_runs for one in coverage.found(cell)} == {"paper": 9, "quick": 10}
    unlabelled = printed("labelled_ratio", dataset="mnist", method="dp_vae", ratio_labelled=0.0)
    runs = [run for run in coverage.runs() if coverage.fits(unlabelled, run)]
    assert {run["method"] for run in runs} == {"vae"} and len(runs) == 10
    one = printed("ablation", dataset="cardio", ensemble_size=1, encoder="separate", decoder="freeze")
    params = [run["params"] for run in coverage.runs() if coverage.fits(one, run)]
    assert len(params) == 3 and all(each["separate_encoder"] and each["freeze_decoder"] for each in params)
    digit = printed("one_vs_rest", dataset="mnist", method="ama", normal_class="2")
    assert [run["normal_class"] for run in coverage.runs() if coverage.fits(digit, run)] == ["2"]
