"""How many rows are labelled and how many pollute, against arithmetic done by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askew.datasets.ratios import Ratios
from askew.datasets.splits import n_labelled, n_polluted
from askew.errors import InvalidInputError


@pytest.mark.parametrize(
    ("labelled_ratio", "m"),
    [
        (0.0, 0),
        (0.01, 50),  # 5000 * 1/99 = 50.5
        (0.05, 263),  # 5000 * 5/95 = 263.2
        (0.1, 555),  # 5000 * 1/9 = 555.6
        (0.2, 1250),  # 5000 * 1/4, exactly: no rounding error may make it 1249
    ],
)
def test_labelled_of_5000(labelled_ratio, m):
    assert n_labelled(5000, labelled_ratio) == m


@pytest.mark.parametrize(
    ("pollution_ratio", "polluted", "m"),
    [
        (0.0, 0, 263),  # 5000 normal, all unlabelled rows: 5000 * 5/95 = 263.2
        (0.01, 50, 265),  # 5000 * 1/99 = 50.5; unlabelled 5000/0.99 = 5050.5; 5050.5 * 5/95 = 265.8
        (0.05, 263, 277),  # 5000 * 5/95 = 263.2; unlabelled 5000/0.95 = 5263.2; 5263.2 * 5/95 = 277.01
        (0.1, 555, 292),  # 5000 * 1/9 = 555.6; unlabelled 5000/0.9 = 5555.6; 5555.6 * 5/95 = 292.4
        (0.2, 1250, 328),  # 5000 * 1/4 = 1250; unlabelled 5000/0.8 = 6250; 6250 * 5/95 = 328.9
    ],
)
def test_scenario_ii_and_iii_of_5000(pollution_ratio, polluted, m):
    assert n_polluted(5000, pollution_ratio) == polluted
    assert n_labelled(5000, 0.05, pollution_ratio) == m


def test_the_linear_system_it_solves():
    """Total = normal + polluted + m; m = gamma_l total; polluted = gamma_p (normal + polluted)."""
    gamma_l, gamma_p, normal = 0.05, 0.1, 5000
    system = np.array(
        [
            [1.0, 0.0, 0.0],  # normal = 5000
            [-gamma_l, -gamma_l, 1 - gamma_l],  # m = gamma_l (normal + polluted + m)
            [-gamma_p, 1 - gamma_p, 0.0],  # polluted = gamma_p (normal + polluted)
        ]
    )
    _, polluted, m = np.linalg.solve(system, [normal, 0.0, 0.0])
    assert (int(polluted), int(m)) == (n_polluted(normal, gamma_p), n_labelled(normal, gamma_l, gamma_p))


@given(st.integers(1, 10**6), st.integers(0, 99), st.integers(0, 99))
def test_integer_arithmetic_agrees(n, labelled_percent, polluted_percent):
    exact = 100 * n * labelled_percent // ((100 - labelled_percent) * (100 - polluted_percent))
    assert n_labelled(n, labelled_percent / 100, polluted_percent / 100) == (
        max(exact, 1) if labelled_percent else 0
    )
    assert n_polluted(n, polluted_percent / 100) == n * polluted_percent // (100 - polluted_percent)


def test_at_least_one_is_labelled_when_any_should_be():
    assert n_labelled(10, 0.01) == 1  # 10 * 1/99 = 0.1
    assert n_labelled(10, 0) == 0
    assert n_polluted(10, 0.01) == 0


def test_numpy_numbers():
    assert n_labelled(np.int64(5000), np.float64(0.2), np.float64(0.0)) == 1250
    assert n_polluted(np.int64(5000), np.float64(0.1)) == 555


@pytest.mark.parametrize("ratio", [-0.01, 1, 1.5, math.nan, math.inf, None, "many"])
def test_ratios_outside_their_range_are_refused(ratio):
    with pytest.raises(InvalidInputError, match=r"labelled_ratio of n_labelled must be a number in \[0, 1\)"):
        n_labelled(5000, ratio)
    with pytest.raises(InvalidInputError, match=r"pollution_ratio of n_labelled"):
        n_labelled(5000, 0.1, ratio)
    with pytest.raises(InvalidInputError, match=r"pollution_ratio of n_polluted"):
        n_polluted(5000, ratio)


def test_shares_of_the_normal_rows():
    counts = [Ratios(labelled, 0.1, "test", of_normals=True).counts(109) for labelled in (0, 0.001, 0.05)]
    assert counts == [(0, 10), (1, 10), (5, 10)]  # 5.45 and 10.9 are rounded down
