"""The sentences: counts that add up, and reasons that are not lost."""

import pytest
from report_records import grid, messy, record

from askew.benchmarks.report import words
from askew.benchmarks.report.collect import collect
from askew.benchmarks.tables.paired_tests import Comparison


def test_summary_of_whole_runs():
    (section,) = collect(grid(6))
    done, full, best, published = words.summary(section)
    assert done == "72 of 72 runs are done (4 methods × 3 data sets × 6 seeds); none failed."
    assert "0 of them are here; 72 runs here are not in it" in full  # made up without settings
    assert best.startswith("dp_vae has the highest mean AUROC, 95.9 % over 3 data sets")
    assert published.startswith("7 of 9 cells")  # not dp_vae on thyroid, not vae on cardio


def test_summary_counts_failures_and_gaps():
    text = " ".join(words.summary(collect(messy())[0]))
    assert "102 of 240 runs are done" in text and "5 runs failed" in text


def test_summary_says_one_where_it_is_one():
    (section,) = collect([record("x", "vae", 3, None, protocol="other")])
    lines = words.summary(section)
    assert lines == ["1 of 1 runs are done (1 method × 1 data set × 1 seed); 1 run failed."]


def test_failures_of_a_cell_with_the_same_reason_stand_together():
    found = words.troubles(collect(messy())[0], "error")
    assert [(one.method, one.dataset, one.seeds, one.text) for one in found] == [
        ("deep_svdd", "thyroid", "4", "the loss became NaN"),
        ("mml_vae (beta_kl=default)", "cardio", "0–2, 5", "a <b>bad</b> | loss"),
    ]
    (section,) = collect([record("x", "vae", 0, None, error=None)])
    assert words.troubles(section, "error")[0].text == "no reason was recorded"
    assert words.troubles(section, "warnings") == []


def test_rank_words_name_what_is_left_out():
    lines = words.rank_words(collect(messy())[0].ranks)
    assert "over 3 data sets" in lines[0] and "critical difference" in lines[1]
    assert "arrhythmia" in lines[2] and "deep_svdd" in lines[2]
    (section,) = collect([record("x", "vae", 0, 0.5)])
    assert words.rank_words(section.ranks) == []


@pytest.mark.parametrize(
    "difference, wilcoxon, t, expected",
    [
        (0.01, 0.01, 0.02, "above"),
        (-0.01, 0.01, 0.02, "below"),
        (0.01, 0.01, 0.05, "within"),
        (0.01, 0.05, 0.01, "within"),
        (None, None, None, "within"),
    ],
)
def test_a_difference_is_shown_when_both_tests_show_it(difference, wilcoxon, t, expected):
    row = Comparison("f", "x", "a", "b", 9, difference, 0.0, 0.0, wilcoxon_holm=wilcoxon, t_holm=t)
    assert words.direction(row) == expected


def test_the_smallest_wilcoxon_p_is_stated():
    (section,) = collect(grid(3))
    assert "with 3 pairs a Wilcoxon p cannot be below 0.250" in words.test_words(section)


def test_settings_are_one_value_or_one_per_data_set():
    runs = [record(of, "vae", 0, 0.9, {"lr": lr, "n": 5}) for of, lr in (("a", 1e-3), ("b", 5e-4))]
    runs += [record("a", "isolation_forest", 0, 0.8), record("a", "x", 0, 0.1, {"network": "mlp", "n": None})]
    (section,) = collect(runs)
    found = {(one.method, one.name): one.values for one in words.settings(section)}
    assert found == {
        ("vae", "lr"): ("0.001", "0.0005"),
        ("vae", "n"): ("5",),
        ("isolation_forest", "all"): ("defaults",),
        ("x", "network"): ("mlp",),
        ("x", "n"): ("null",),
    }


def test_sizes_and_versions():
    runs = [record("a", "vae", 0, 0.9), record("a", "vae", 1, 0.9, n_train=1200, versions={"askew": "0.2"})]
    runs[1] = record("a", "vae", 1, 0.9, n_train=1200, versions={"askew": "0.2"}, started="2026-11-21T01:00")
    (section,) = collect(runs)
    assert words.sizes(section) == [("a", "100–1,200", "3", "80")]
    assert words.versions(runs) == [
        ("askew", "0.1.0 (1 run), 0.2 (1 run)"),
        ("torch", "2.13.0 (1 run), not recorded (1 run)"),
        ("run on", "2026-11-20 to 2026-11-21"),
        ("time spent fitting", "4 s"),
    ]
