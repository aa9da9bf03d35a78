"""The table: numbers, shape of the JSON, and what is printed."""

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from askew.benchmarks import Plan, Run, summarise
from askew.benchmarks.protocols.classic.protocol import DATASETS, METHODS
from askew.benchmarks.result_tables.published import published
from askew.benchmarks.runs.store import Record

AUROC = {
    ("cardio", "vae"): [0.90, 0.92, 0.94],
    ("cardio", "dp_vae"): [0.95, 0.96, 1.00],
    ("cardio", "isolation_forest"): [0.93, 0.93, 0.93],
    ("thyroid", "vae"): [0.80, 0.85, 0.90],
    ("thyroid", "dp_vae"): [0.99, None, 0.97],
    ("thyroid", "isolation_forest"): [0.98, 0.98],
}


def record(run, auroc):
    nothing = dict.fromkeys(("fit_seconds", "score_seconds", "n_train", "n_labelled", "n_test", "warnings"))
    fine = auroc is not None
    metrics = {"auroc": auroc, "auprc": 0.5 if fine else None, "fpr80": 0.25 if fine else None}
    error = None if fine else "NaN"
    status = "ok" if fine else "failed"
    return Record(run, "quick", status, error, **metrics, **nothing, group_size=1, versions={}, started="now")


def test_rows_tuned_on_test_rows_have_the_papers_number_and_compete_with_nothing():
    both = {("cardio", "oc_svm"): [0.9, 0.9, 0.9], ("cardio", "oc_svm_test_tuned"): [0.99, 0.99, 0.98]}
    result = summarise(*make(both), published())
    tuned = result.row("cardio", "oc_svm_test_tuned")
    assert tuned.published_mean == result.row("cardio", "oc_svm").published_mean == 0.985
    text = result.markdown()
    assert "**90.0 ± 0.0**" in text and "**98.7" not in text and "explain gaps" in text
    assert not any("tuned" in f"{test.first}{test.second}" for test in result.comparisons)
    alone = {("cardio", "oc_svm"): [0.9, 0.9, 0.9]}
    assert "explain gaps" not in summarise(*make(alone), published()).markdown()


def make(aurocs, n_seeds=3):
    runs, records = [], {}
    for (dataset, method), values in aurocs.items():
        for seed in range(n_seeds):
            runs.append(Run("classic", dataset, method, {}, seed))
            if seed < len(values):
                records[runs[-1].key] = record(runs[-1], values[seed])
    return Plan("classic", "quick", tuple(runs), grid=480), records


@pytest.fixture
def result():
    return summarise(*make(AUROC), published("classic"))


def test_numbers_by_hand(result):
    row = result.row("cardio", "dp_vae")
    assert row.auroc_mean == pytest.approx(0.97)
    assert row.auroc_std == pytest.approx(((0.02**2 + 0.01**2 + 0.03**2) / 2) ** 0.5)  # divisor n - 1
    assert (row.n_runs, row.n_failed, row.auprc_mean, row.fpr80_mean) == (3, 0, 0.5, 0.25)
    assert (row.published_mean, row.published_std) == (0.991, 0.004)
    assert row.difference == pytest.approx(0.97 - 0.991)


def test_failed_runs_count_and_do_not_enter_the_mean(result):
    row = result.row("thyroid", "dp_vae")
    assert (row.n_runs, row.n_failed) == (3, 1)
    assert row.auroc_mean == pytest.approx(0.98)


def test_cells_without_a_published_number(result):
    row = result.row("cardio", "isolation_forest")
    assert (row.published_mean, row.published_std, row.difference) == (None, None, None)


def test_coverage_counts_failed_runs_as_done(result):
    assert (result.done, result.planned, result.grid) == (17, 18, 480)


def test_overall_is_the_mean_of_the_cells_or_nothing(result):
    assert result.overall("dp_vae") == pytest.approx(((0.97 + 0.98) / 2, (0.991 + 0.999) / 2))
    assert result.overall("isolation_forest") == (pytest.approx((0.93 + 0.98) / 2), None)
    partial = dict(AUROC) | {("thyroid", "vae"): []}
    assert summarise(*make(partial), published("classic")).overall("vae")[0] is None


def test_json_has_the_agreed_shape(result):
    found = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert list(found) == ["protocol", "preset", "coverage", "rows"]
    assert (found["protocol"], found["preset"], found["coverage"]) == ("classic", "quick", [17, 18])
    assert len(found["rows"]) == 6
    needed = {"dataset", "method", "auroc_mean", "auroc_std", "n_runs", "n_failed", "published_mean"}
    assert all(needed <= row.keys() for row in found["rows"])


def test_csv_has_the_same_rows(result):
    rows = list(csv.DictReader(io.StringIO(result.csv())))
    for text, row in zip(rows, result.to_json()["rows"], strict=True):
        assert text == {name: "" if value is None else str(value) for name, value in row.items()}


def test_records_of_other_plans_are_left_out():
    plan, records = make(AUROC)
    other = record(replace(plan.runs[0], split="leaky"), 0.1)
    with_other = summarise(plan, records | {other.run.key: other}, published("classic"))
    assert with_other == summarise(plan, records, published("classic"))


def test_order_of_records_does_not_matter():
    plan, records = make(AUROC)
    backwards = dict(reversed(records.items()))
    assert summarise(plan, backwards, published("classic")) == summarise(plan, records, published("classic"))


def test_comparisons(result):
    rows = [(row.family, row.dataset, row.first, row.second, row.n_pairs) for row in result.comparisons]
    assert rows == [
        ("best against second", "cardio", "dp_vae", "isolation_forest", 3),
        ("best against second", "thyroid", "dp_vae", "isolation_forest", 1),
        ("dp_vae against vae", "cardio", "dp_vae", "vae", 3),
        ("dp_vae against vae", "thyroid", "dp_vae", "vae", 2),
    ]


def test_markdown(result):
    text = result.markdown()
    lines = text.splitlines()
    assert lines[0] == "# classic, preset quick, clean split: 17 of 18 runs (the full grid has 480)"
    assert lines[2] == "| method | cardio | thyroid | mean |"
    assert lines[4] == "| vae | 92.0 ± 2.0 (95.5 ± 0.8) | 85.0 ± 5.0 (86.9 ± 3.7) | 88.5 (91.2) |"
    assert lines[5].startswith(
        "| dp_vae | **97.0 ± 2.6** (99.1 ± 0.4) | **98.0 ± 1.4** (99.9 ± 0.0) *1 failed* |"
    )
    assert "98.0 ± 0.0** (–) *2/3 runs*" in lines[6], "two methods share the best mean, both are bold"
    assert "| cardio | dp_vae | vae | +5.00 |" in text
    assert "Failed runs: 1." in text and "Runs not done yet: 1." in text


def test_random_splits_have_the_corrected_t_test():
    plan, records = make(AUROC)
    sized = {key: replace(one, n_train=600, n_test=400) for key, one in records.items()}
    result = summarise(plan, sized, published("classic"))
    found = {(row.family, row.dataset): row for row in result.comparisons}["dp_vae against vae", "cardio"]
    # differences .05, .04, .06: t = .05 / (.01 sqrt(1/3 + 2/3)) = 5 with two degrees of freedom
    assert found.resampled_p == pytest.approx(1 - 5 / 27**0.5)
    assert "| corrected t | Holm |" in result.markdown() and "| 0.038 |" in result.markdown()
    assert "share rows" in result.markdown()


def printed(result, width=100):
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(result.table())
    return console.file.getvalue()


def test_the_whole_classic_table_fits_in_100_columns():
    values = {(dataset, method): [0.85, 0.95, None] for dataset in DATASETS for method in METHODS}
    values["shuttle", "vae"] = [0.1, 1.0, 1.0]
    values["cardio", "isolation_forest"], values["cardio", "mml_dp_vae"] = [1.0, 1.0, 1.0], [0.99, 1.0, 1.0]
    result = summarise(*make(values), published("classic"))
    text = printed(result)
    assert "…" not in text and max(len(line.rstrip()) for line in text.splitlines()) <= 100
    for name in (*DATASETS, *METHODS):
        assert name in text
    assert "70.0 ±52.0" in text and "1 failed" in text and "(98.1)" in text


def test_terminal_table_names_preset_split_and_coverage(result):
    text = printed(result)
    assert "classic, preset quick, clean split: 17 of 18 runs (the full grid has 480)" in text
    assert "97.0 ±2.6" in text and "(99.1)" in text and "2/3 runs" in text


def test_leaky_says_so():
    plan, _ = make(AUROC)
    runs = tuple(replace(run, split="leaky") for run in plan.runs)
    text = summarise(replace(plan, runs=runs), {}, published("classic")).markdown()
    assert "leaky split: 0 of 18 runs" in text and "test rows are also in the training pool" in text
