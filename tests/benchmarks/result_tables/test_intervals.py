"""Bootstrap intervals: against scipy, against every resample of a small case, and how often they cover."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from askew.benchmarks.result_tables.intervals import mean_interval
from askew.errors import InvalidInputError


def values(n=10, seed=0):
    return np.random.default_rng(seed).beta(40, 3, n)


def test_agrees_with_scipy():
    options = {"method": "BCa", "n_resamples": 9999, "random_state": np.random.default_rng(7)}
    expected = stats.bootstrap((values(),), np.mean, confidence_level=0.9, **options).confidence_interval
    assert mean_interval(list(values()), 0.9, seed=7) == pytest.approx((expected.low, expected.high))


def test_near_the_quantiles_of_all_resamples():
    # of a symmetric sample the corrections vanish, and the interval is that of the 5^5 resamples themselves
    sample = [0.7, 0.8, 0.85, 0.9, 1.0]
    every = np.mean(list(product(sample, repeat=5)), axis=1)
    assert mean_interval(sample) == pytest.approx(np.quantile(every, [0.025, 0.975]), abs=0.006)


def test_the_same_twice_and_inside_the_values():
    found = mean_interval(values())
    assert found == mean_interval(values())
    assert values().min() < found.low < values().mean() < found.high < values().max()


def test_wider_with_more_confidence_and_narrower_with_more_values():
    narrow, wide = mean_interval(values(), 0.5), mean_interval(values(), 0.99)
    assert wide.low < narrow.low < narrow.high < wide.high
    many = mean_interval(np.tile(values(), 9))
    assert many.high - many.low < (mean_interval(values()).high - mean_interval(values()).low) / 2


def test_covers_the_true_mean():
    rng = np.random.default_rng(0)
    found = [mean_interval(rng.normal(size=30), 0.9) for _ in range(100)]
    assert 80 <= sum(low < 0 < high for low, high in found) <= 98


def test_too_few_or_equal_values():
    assert mean_interval([]) is None and mean_interval([0.5]) is None
    assert mean_interval([0.75] * 4) == (0.75, 0.75)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_refuses_a_confidence_that_is_no_share(confidence):
    with pytest.raises(InvalidInputError, match=r"confidence of mean_interval must be in \(0, 1\)"):
        mean_interval([0.1, 0.2], confidence)


def test_two_values_are_enough():
    found = mean_interval([0.5, 0.75])
    assert 0.5 <= found.low < found.high <= 0.75


def test_by_default_it_is_at_95_percent_of_the_first_seed():
    assert mean_interval(list(values())) == mean_interval(list(values()), confidence=0.95, seed=0)
