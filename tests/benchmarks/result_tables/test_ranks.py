"""Ranks against Demšar's worked example, scipy and cases done by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from askew.benchmarks.result_tables.ranks import Ranks, average_ranks, complete_block, nemenyi
from askew.errors import InvalidInputError

# Demšar (2006), Table 6: AUC of C4.5 with and without tuning on 14 data sets
DEMSAR = """
.763 .768 .771 .798
.599 .591 .590 .569
.954 .971 .968 .967
.628 .661 .654 .657
.882 .888 .886 .898
.936 .931 .916 .931
.661 .668 .609 .685
.583 .583 .563 .625
.775 .838 .866 .875
1.00 1.00 1.00 1.00
.940 .962 .965 .962
.619 .666 .614 .669
.972 .981 .9751 .975
.957 .978 .946 .970
"""  # his ranks of the last but one tell apart what he prints as two .975


def means(table, names="abcdefgh"):
    return {(str(row), names[i]): value for row, line in enumerate(table) for i, value in enumerate(line)}


def rank(table):
    cells = means(table)
    return average_ranks(cells, sorted({of for of, _ in cells}), sorted({name for _, name in cells}))


def demsar():
    return [[float(value) for value in line.split()] for line in DEMSAR.split("\n") if line]


def test_demsars_ranks_and_critical_difference():
    found = rank(demsar())
    assert found.methods == ("d", "b", "c", "a")
    assert found.average == pytest.approx([1.964, 2.000, 2.893, 3.143], abs=5e-4)
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    assert (found.alpha, found.critical_difference) == (0.05, nemenyi(4, 14)) == (0.05, nemenyi(4, 14, 0.05))
    assert nemenyi(4, 14, alpha=0.10) == pytest.approx(1.12, abs=5e-3)


def test_friedman_agrees_with_scipy_and_with_demsar_up_to_ties():
    found = rank(demsar())
    expected = stats.friedmanchisquare(*np.transpose(demsar()))
    assert (found.chi2, found.chi2_p) == pytest.approx((expected.statistic, expected.pvalue))
    # he has no correction for ties, which only enlarges the statistic: 9.28 / (1 - sum(t^3 - t) / N k (k^2 - 1))
    ties = 3 * (2**3 - 2) + (4**3 - 4)
    assert found.chi2 == pytest.approx(9.28 / (1 - ties / (14 * 4 * 15)), abs=0.02)
    assert found.f == pytest.approx(13 * found.chi2 / (14 * 3 - found.chi2))
    assert found.f_p == pytest.approx(stats.f.sf(found.f, 3, 39))


@pytest.mark.parametrize(
    "k, q", [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (8, 3.031), (10, 3.164)]
)
def test_critical_values_of_demsars_table(k, q):
    assert nemenyi(k, 1) / math.sqrt(k * (k + 1) / 6) == pytest.approx(q, abs=1e-3)


def test_ranks_by_hand_with_ties():
    found = rank([[0.9, 0.8, 0.8, 0.1], [0.5, 0.5, 0.5, 0.5]])
    assert dict(zip(found.methods, found.average, strict=True)) == {"a": 1.75, "b": 2.5, "c": 2.5, "d": 3.25}
    assert (found.rank("d"), found.rank("z")) == (3.25, None)


def test_friedman_by_hand():
    # two data sets agree on three methods: rank sums 2, 4, 6; 12 / (2 3 4) (4 + 16 + 36) - 3 2 4 = 4, the most
    found = rank([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4]])
    assert found.chi2 == pytest.approx(4) and found.chi2_p == pytest.approx(math.exp(-2))
    assert (found.f, found.f_p) == (math.inf, 0.0)


def test_nearly_all_data_sets_agree():
    # rank sums 4, 5, 9 of three data sets: chi2 = 14 / 3, and 2 chi2 / (6 - chi2) = 7
    found = rank([[0.9, 0.8, 0.7], [0.6, 0.5, 0.4], [0.5, 0.6, 0.4]])
    assert (found.chi2, found.f) == pytest.approx((14 / 3, 7))
    # rank sums 2, 5, 5 of two: chi2 = 12 / 24 (4 + 25 + 25) - 24 = 3 of at most 4, and 3 / (4 - 3)
    nearly = rank([[0.9, 0.8, 0.7], [0.6, 0.4, 0.5]])
    assert (nearly.chi2, nearly.f) == pytest.approx((3, 3))


def test_all_tied():
    found = rank([[0.5] * 3] * 4)
    assert found.average == (2.0, 2.0, 2.0) and (found.chi2, found.chi2_p) == (0.0, 1.0)
    assert (found.f, found.f_p) == (0.0, 1.0)
    assert found.groups == (("a", "b", "c"),)


def test_a_method_that_failed_everywhere_on_a_data_set_is_last_there():
    found = rank([[0.9, 0.8, -math.inf], [0.9, 0.95, 0.99]])
    assert (found.rank("a"), found.rank("b"), found.rank("c")) == ((1 + 3) / 2, (2 + 2) / 2, (3 + 1) / 2)
    assert found.chi2 == 0.0


def test_too_little_to_test():
    one = rank([[0.9, 0.8, 0.7]])
    assert one.average == (1.0, 2.0, 3.0) and one.chi2 is None and one.critical_difference is None
    assert one.groups == ()
    assert rank([[0.9], [0.8]]).critical_difference is None
    assert rank([[0.9, 0.8], [0.7, 0.6]]).critical_difference == nemenyi(2, 2)
    two = rank([[0.9, 0.8], [0.7, 0.6], [0.5, 0.4]])
    assert two.chi2 is None and two.critical_difference == pytest.approx(1.96 * math.sqrt(6 / 18), abs=1e-3)
    assert average_ranks({}, ["a"], ["x"]) == Ranks((), (), (), ("a", "x"))


def test_groups_are_maximal_and_a_difference_of_exactly_the_critical_one_counts():
    ranks = Ranks(tuple("abcde"), ("1", "2"), (1.0, 1.5, 2.5, 3.5, 5.0), critical_difference=1.5)
    assert ranks.groups == (("a", "b"), ("b", "c"), ("c", "d"))


def test_gaps_leave_out_what_has_most_of_them():
    cells = means(demsar())
    methods, datasets = list("abcd"), [str(i) for i in range(14)]
    for of in datasets[1:]:
        del cells[of, "c"]
    del cells["0", "a"]
    assert complete_block(cells, datasets, methods) == (datasets[1:], ["a", "b", "d"])
    found = average_ranks(cells, datasets, methods)
    assert found.left_out == ("0", "c") and len(found.datasets) == 13


@pytest.mark.parametrize("bad", [(1, 5, 0.05), (3, 0, 0.05), (3, 5, 0.0), (3, 5, 1.0), (3, 5, 1.5)])
def test_refusals(bad):
    with pytest.raises(InvalidInputError, match="of nemenyi must be"):
        nemenyi(*bad)


def test_a_data_set_goes_before_a_method_with_the_same_share_of_gaps():
    cells = {("1", "b"): 0.5, ("2", "a"): 0.5, ("2", "b"): 0.5}
    assert complete_block(cells, ["1", "2"], ["a", "b"]) == (["2"], ["a", "b"])
