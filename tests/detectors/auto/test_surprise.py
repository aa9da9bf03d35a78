"""Surprise: one scale for all scores, with a tail beyond the reference."""

import numpy as np
import pytest
from scipy.stats import expon, genpareto

from askew.detectors.auto.surprise import Surprise
from detector_cases import table

X, Y = table(rows=120, anomalies=10, shift=2.0)
FAST = ("isolation_forest", "kernel_ssad", "logistic_regression")


class TestSurprise:
    def test_it_is_minus_the_logarithm_of_the_share_that_is_stranger(self):
        surprise = Surprise(np.arange(1001.0))
        np.testing.assert_allclose(
            surprise(np.array([0.0, 500.0, 800.0])), -np.log([1.0, 0.5, 0.2]), rtol=1e-3
        )

    @pytest.mark.parametrize("law", [expon(), genpareto(0.4, scale=2.0)])
    def test_far_beyond_the_reference_it_follows_the_law_that_drew_it(self, law):
        surprise = Surprise(law.rvs(20_000, random_state=0))
        far = law.isf([1e-2, 1e-3, 1e-5])
        np.testing.assert_allclose(surprise(far), -law.logsf(far), rtol=0.12)

    def test_it_never_falls_and_rises_beyond_the_reference_for_giants_too(self):
        surprise = Surprise(np.random.default_rng(0).normal(size=40))
        values = np.r_[-1e300, np.linspace(-5, 20, 200), 1e30, 1e60]
        steps = np.diff(surprise(values))
        assert (steps >= 0).all() and (steps[-100:] > 0).all()
        assert np.isfinite(surprise(np.array([np.inf, -np.inf]))).all()

    @pytest.mark.parametrize("reference", [np.zeros(30), np.ones(1), np.r_[np.zeros(99), 5.0]])
    def test_references_of_few_values_give_finite_surprise(self, reference):
        surprise = Surprise(reference)
        found = surprise(np.array([-1.0, 0.0, 1.0, 6.0]))
        assert np.isfinite(found).all() and (np.diff(found) >= 0).all() and found[-1] > found[0]


def test_the_last_digit_of_a_score_that_many_rows_share_does_not_matter():
    shared = np.r_[np.zeros(300), np.full(400, 0.4), np.linspace(1, 2, 300)]
    surprise = Surprise(shared)
    near = surprise(np.array([0.4 - 1e-12, 0.4, 0.4 + 1e-12]))
    assert np.ptp(near) < 1e-9
    assert np.all(np.diff(surprise.knots) > 0)
    values = np.linspace(-1, 3, 999)
    assert np.all(np.diff(surprise(values)) >= 0)
    assert Surprise(np.ones(50))(np.array([0.0, 1.0, 2.0])).shape == (3,)
