"""Kernel methods: the median heuristic."""

import numpy as np
import pytest

from askew.families.kernels import median_gamma


def test_the_median_heuristic_of_rows_that_are_mostly_or_all_equal():
    rng, mostly = np.random.default_rng(0), np.zeros((20, 1))
    mostly[0] = 2.0
    assert median_gamma(mostly, rng) == 0.25 and median_gamma(np.ones((5, 2)), rng) == 1.0
    # of many rows a thousand are looked at
    assert median_gamma(rng.normal(size=(5000, 3)), rng) == pytest.approx(1 / (2 * 2.366), rel=0.1)
