"""Paired tests against scipy and against values worked out by hand."""

import numpy as np
import pytest
from scipy import stats

from askew.benchmarks.result_tables.paired_tests import (
    against,
    best_against_second,
    corrected_t_test,
    holm,
    paired_test,
)


def seeds(values):
    return dict(enumerate(values))


def test_agrees_with_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.95, 0.01, 10), rng.normal(0.94, 0.01, 10)
    found = paired_test(seeds(a), seeds(b))
    assert found.n_pairs == 10
    assert found.difference == pytest.approx(a.mean() - b.mean())
    assert found.wilcoxon_p == pytest.approx(stats.wilcoxon(a, b).pvalue)
    assert found.t_p == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_wilcoxon_by_hand():
    # five differences of the same sign: of the 2^5 equally likely signings, two are as extreme
    better = paired_test(seeds([0.51, 0.52, 0.53, 0.54, 0.55]), seeds([0.5] * 5))
    assert better.wilcoxon_p == pytest.approx(2 / 32)


def test_t_by_hand():
    # differences 1, 2, 3: mean 2, standard error 1/sqrt(3), t = 2 sqrt(3) with 2 degrees of freedom,
    # for which P(|T| > t) = 1 - t / sqrt(2 + t^2)
    t = 2 * np.sqrt(3)
    assert paired_test(seeds([1, 2, 3]), seeds([0, 0, 0])).t_p == pytest.approx(1 - t / np.sqrt(2 + t**2))


def test_corrected_t_by_hand():
    # differences 1, 2, 3 of three 60:40 splits: t = 2 / sqrt(1/3 + 2/3) = 2 with 2 degrees of freedom
    p = corrected_t_test(seeds([1, 2, 3]), seeds([0, 0, 0]), 40 / 60)
    assert p == pytest.approx(1 - 2 / np.sqrt(2 + 2**2))
    assert corrected_t_test(seeds([0, 0, 0]), seeds([1, 2, 3]), 40 / 60) == p


def test_corrected_t_of_two_splits():
    p = corrected_t_test(seeds([1, 3]), seeds([0, 0]), 0.5)
    assert p == pytest.approx(1 - 2 / np.pi * np.arctan(np.sqrt(2)))  # Student's t with one degree of freedom


def test_corrected_t_without_test_rows_is_the_t_test():
    a, b = seeds([0.9, 0.7, 0.8, 0.85]), seeds([0.6, 0.65, 0.7, 0.5])
    assert corrected_t_test(a, b, 0.0) == pytest.approx(paired_test(a, b).t_p)
    assert corrected_t_test(a, b, 0.5) > corrected_t_test(a, b, 0.0)


def test_corrected_t_at_its_ends():
    a = seeds([0.9, 0.9, 0.9])
    assert corrected_t_test(a, a, 0.5) == 1.0 and corrected_t_test(a, seeds([0.8] * 3), 0.5) == 0.0
    assert corrected_t_test(a, seeds([0.9 + 1e-14] * 3), 0.5) == 1.0  # rounding
    assert corrected_t_test(a, {2: 0.1, 9: 0.3}, 0.5) is None


def test_splits_alone_have_a_corrected_t():
    scores = table()
    ratios = {"a": 2 / 3}
    for rows in (best_against_second(scores, ratios), against("vae", ["dp_vae"], scores, ratios)):
        on_a, on_b = rows
        both = scores["a", on_a.first], scores["a", on_a.second]
        assert on_a.resampled_p == on_a.resampled_holm == corrected_t_test(*both, 2 / 3)
        assert on_b.resampled_p is on_b.resampled_holm is None
    ratios["b"] = 2 / 3
    rows = against("vae", ["dp_vae"], scores, ratios)
    assert [row.resampled_holm for row in rows] == holm([row.resampled_p for row in rows])


def test_pairs_are_by_seed_and_not_by_position():
    a = {0: 0.9, 1: 0.8, 2: 0.7, 5: 0.1}
    b = {2: 0.6, 1: 0.75, 0: 0.88, 7: 0.0}
    found = paired_test(a, b)
    assert found.n_pairs == 3
    assert found.difference == pytest.approx((0.02 + 0.05 + 0.1) / 3)


def test_equal_scores_and_constant_differences():
    assert paired_test(seeds([1.0] * 4), seeds([1.0] * 4)) == (4, 0.0, 1.0, 1.0)
    shifted = paired_test(seeds([0.9] * 4), seeds([0.8] * 4))
    assert shifted == pytest.approx((4, 0.1, 2 / 16, 0.0))


def test_too_few_pairs():
    assert paired_test({}, {0: 1.0}) == (0, None, None, None)
    assert paired_test({0: 0.75}, {0: 0.5}) == (1, 0.25, None, None)


def test_holm_by_hand():
    # sorted: .005 x 4, .01 x 3, .03 x 2, .04 x 1 -> .02, .03, .06, .06 (never falling)
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0] and holm([0.7, 0.9]) == [1.0, 1.0]
    assert holm([]) == [] and holm([None]) == [None]


def test_holm_against_an_independent_definition():
    p = np.random.default_rng(3).uniform(0, 0.2, 9)
    for i, corrected in enumerate(holm(list(p))):
        smaller = [min(1, (9 - np.sum(p < q)) * q) for q in p[p <= p[i]]]
        assert corrected == pytest.approx(max(smaller))


def table():
    rng = np.random.default_rng(1)
    means = {("a", "vae"): 0.9, ("a", "dp_vae"): 0.95, ("a", "if"): 0.8}
    means |= {("b", "vae"): 0.9, ("b", "dp_vae"): 0.7, ("b", "if"): 0.95}
    return {cell: seeds(rng.normal(mean, 0.01, 10)) for cell, mean in means.items()}


def test_best_against_second():
    rows = best_against_second(table())
    assert [(row.dataset, row.first, row.second) for row in rows] == [
        ("a", "dp_vae", "vae"),
        ("b", "if", "vae"),
    ]
    assert [row.t_holm for row in rows] == pytest.approx(holm([row.t_p for row in rows]))
    assert [row.wilcoxon_holm for row in rows] == pytest.approx(holm([row.wilcoxon_p for row in rows]))


def test_best_is_by_mean_and_passes_over_a_method_without_scores():
    rows = best_against_second({("a", "x"): {}, ("a", "y"): {0: 0.5, 1: 0.7}, ("a", "z"): {0: 0.9}})
    assert [(row.first, row.second, row.n_pairs) for row in rows] == [("z", "y", 1)]
    assert best_against_second({("a", "x"): {0: 1.0}}) == []


def test_against_a_reference_corrects_over_data_sets_only():
    rows = against("vae", ["dp_vae", "if", "absent"], table())
    assert [(row.dataset, row.first) for row in rows] == [
        ("a", "dp_vae"),
        ("b", "dp_vae"),
        ("a", "if"),
        ("b", "if"),
    ]
    assert rows[0].difference > 0 > rows[1].difference
    assert [row.t_holm for row in rows[:2]] == pytest.approx(holm([row.t_p for row in rows[:2]]))
    assert rows[0].family != rows[2].family


def test_rounding_is_no_difference():
    a = seeds([0.9, 0.8, 0.7, 0.6])
    assert paired_test(a, seeds(np.array(list(a.values())) + 1e-17 * np.array([8, 8, 8, 8])))[1:] == (
        0.0,
        1.0,
        1.0,
    )
    assert paired_test(seeds([0.1 + 0.2] * 4), seeds([0.3] * 4)) == (4, 0.0, 1.0, 1.0)
    assert paired_test(seeds([0.51, 0.5, 0.52]), seeds([0.5, 0.5 + 1e-17, 0.5])).wilcoxon_p == 0.5


def test_small_differences_are_no_rounding():
    # of 1e-7, whose square is below what counts as rounding
    found = paired_test(seeds([0.5 + 1e-7, 0.5 + 3e-7, 0.5 + 2e-7]), seeds([0.5] * 3))
    assert found.difference == pytest.approx(2e-7) and found.t_p < 0.1


def test_a_method_without_scores_on_a_data_set_makes_no_pair():
    scores = {("a", "x"): seeds([0.5, 0.6]), ("a", "y"): {}, ("b", "x"): {}, ("b", "y"): seeds([0.5, 0.6])}
    assert against("x", ["y"], scores) == []
