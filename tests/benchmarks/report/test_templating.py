"""The sentences: counts that add up."""

from report_records import grid, messy, record

from askew.benchmarks.report.method_section import MethodSection
from askew.benchmarks.report.templating import REPORT
from askew.benchmarks.result_tables.paired_tests import Comparison

collect = MethodSection.collect


def test_summary_of_whole_runs():
    (section,) = collect(grid(6))
    done, full, best, published = section.summary
    assert done == "72 of 72 runs are done (4 methods × 3 data sets × 6 seeds); none failed."
    assert "0 of them are here; 72 runs here are not in it" in full  # made up without settings
    assert best.startswith("dp_vae has the highest mean AUROC, 95.9 % over 3 data sets")
    assert "6 are within one published standard deviation of it, 1 above by more and 2 below" in published


def test_summary_counts_failures_and_gaps():
    text = " ".join(collect(messy())[0].summary)
    assert "102 of 240 runs are done" in text and "5 runs failed" in text


def test_summary_says_one_where_it_is_one():
    (section,) = collect([record("x", "vae", 3, None, protocol="other")])
    lines = section.summary
    assert lines == ["1 of 1 runs are done (1 method × 1 data set × 1 seed); 1 run failed."]


def test_rank_words_name_what_is_left_out():
    lines = REPORT.say("ranking", collect(messy())[0].ranks)
    assert "over 3 data sets" in lines[0] and "critical difference" in lines[1]
    assert "arrhythmia" in lines[2] and "deep_svdd" in lines[2]
    (section,) = collect([record("x", "vae", 0, 0.5)])
    assert REPORT.say("ranking", section.ranks) == []


def test_the_smallest_wilcoxon_p_is_stated():
    (section,) = collect(grid(3))
    assert "with 3 pairs a Wilcoxon p cannot be below 0.250" in REPORT.say("tests", section)[0]


def test_a_new_line_in_a_name_parts_no_sentence():
    (section,) = collect([record("x\ny", "vae", 3, 0.5, protocol="other")])
    assert section.summary[1:] == ["vae has the highest mean AUROC, 50.0 % over 1 data set."]
    rows = [Comparison("the\nfamily", "x", "a", "b", 9, 0.1, 0.0, 0.0)]
    assert REPORT.say("family", "the\nfamily", rows, ["above"]) == [
        "the\nfamily: above on average in 1 of 1 columns; shown by both paired tests in 1, the opposite in 0."
    ]
