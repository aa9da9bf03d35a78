"""Tests of two samples: values of scipy where it has them, level where there is no difference."""

import numpy as np
import pytest
from scipy import stats

from askew.drift.two_samples import detectable, more_in_the_tail, other_shares, shift


def cells_of(values, points):
    return np.bincount(np.searchsorted(points, values), minlength=len(points) + 1)


def test_a_shift_is_that_of_the_values_if_every_value_is_a_point():
    drawn = np.random.default_rng(0)
    x, y = drawn.normal(size=300), drawn.normal(0.3, 1, size=200)
    points = np.unique(np.r_[x, y])
    found = shift(cells_of(x, points), cells_of(y, points))
    known = stats.ks_2samp(x, y, method="asymp")
    assert found.distance == pytest.approx(known.statistic)
    assert found.p_value == pytest.approx(known.pvalue, rel=0.03)
    coarse = shift(cells_of(x, points[::40]), cells_of(y, points[::40]))
    assert coarse.p_value >= found.p_value


def test_shares_are_compared_by_the_test_of_chi_squared_or_fisher():
    before, now = np.array([300, 200, 500]), np.array([50, 20, 30])
    found = other_shares(before, now)
    assert found.p_value == pytest.approx(stats.chi2_contingency([before, now]).pvalue)
    assert (found.cell, found.before, found.now) == (0, 0.3, 0.5)
    gaps = other_shares(np.array([1000, 0]), np.array([97, 3]))
    assert gaps.p_value == pytest.approx(stats.fisher_exact([[1000, 0], [97, 3]])[1])


def test_rare_cells_are_joined():
    before, now = np.r_[500, np.ones(40)], np.r_[480, np.zeros(40), 0][:41]
    assert other_shares(before, now).p_value == pytest.approx(stats.fisher_exact([[500, 40], [480, 0]])[1])
    assert other_shares(np.array([3, 3, 3]), np.array([1, 0, 0])).p_value == 1.0


@pytest.mark.parametrize("compare", [shift, other_shares])
def test_nothing_to_compare_is_no_difference(compare):
    assert compare(np.array([5, 5]), np.array([0, 0])).p_value == 1.0


def test_level_of_the_tail_is_exact():
    drawn = np.random.default_rng(0)
    ps = []
    for _ in range(400):
        old, new = np.sort(drawn.random(200)), drawn.random(300)
        ps.append(more_in_the_tail(200, 10, 300, int((new <= old[9]).sum())))
    assert 0.02 < np.mean(np.array(ps) <= 0.1) <= 0.13
    few, many = (more_in_the_tail(500, 25, m, int(0.06 * m)) for m in (100_000, 100_100))
    assert few == pytest.approx(many, rel=0.03)


def test_what_can_be_told_shrinks_with_rows():
    assert detectable(1000, 100, 0.01) < detectable(1000, 50, 0.01) < detectable(1000, 50, 0.001)
    n = 400
    told = detectable(n, n, 0.05)
    assert stats.kstwo.sf(told, n // 2) == pytest.approx(0.05, abs=0.01)
    assert detectable(0, 5, 0.05) == 1.0


def test_the_side_that_grew_is_told():
    up = shift(np.array([50, 50]), np.array([20, 80]))
    down = shift(np.array([50, 50]), np.array([80, 20]))
    assert (up.below, up.now, down.below, down.now) == (False, 0.8, True, 0.8)
