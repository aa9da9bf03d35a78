"""Outcomes as text."""

import pytest

from askew.benchmarks.report.phrases import direction
from askew.benchmarks.result_tables.paired_tests import Comparison


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
    assert direction(row) == expected
