"""Normal scores: ranks in standard deviations, whatever the units and tails."""

import numpy as np
from scipy.stats import norm

from askew.detectors.auto.normal_scores import NormalScores


def test_a_normal_column_is_its_own_score_and_tails_are_cut_off():
    x = norm.ppf((np.arange(4000) + 0.5) / 4000)[:, None]
    scores = NormalScores(x)(np.array([[-9.0], [-1.0], [0.3], [1e300]]))
    np.testing.assert_allclose(scores[:, 0], [-3.2, -1.0, 0.3, 3.2], atol=0.02)


def test_only_the_order_matters_and_values_that_many_rows_share_get_one_score():
    rng = np.random.default_rng(0)
    x = np.c_[rng.normal(size=500), np.repeat([0.0, 1.0], 250), np.ones(500)]
    scores = NormalScores(x)(x)
    stretched = np.c_[np.exp(9 * x[:, 0]), 1e200 * x[:, 1], -x[:, 2]]
    # knots are rows, of which the quarter at most lie between
    np.testing.assert_allclose(NormalScores(stretched)(stretched)[:, 1:], scores[:, 1:])
    assert np.abs(NormalScores(stretched)(stretched)[:, 0] - scores[:, 0]).max() < 0.2
    assert scores[:, 1].std() > 0.5 and np.ptp(scores[:, 2]) == 0.0
    assert np.isfinite(NormalScores(stretched)(np.array([[1e308, -1e308, 0.0]]))).all()
