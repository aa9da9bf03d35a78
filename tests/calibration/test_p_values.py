"""p-values and severities: by hand, valid for any number of rows, and the same for every threshold."""

import numpy as np
import pytest
from calibration_cases import KINDS, model, on_scores, rows

from askew.calibration import Quantile


def test_by_hand():
    threshold = on_scores(Quantile, [4.0, 1.0, 3.0, 2.0], contamination=0.5)
    judged = threshold.judge(np.array([0.0, 1.0, 1.5, 4.0, 9.0]))
    np.testing.assert_allclose(judged.p_value, [0.2, 0.4, 0.4, 1.0, 1.0], rtol=1e-15)
    np.testing.assert_allclose(judged.severity, [80, 60, 60, 0, 0], atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_uniform_when_the_new_row_is_any_of_n_plus_one(n):
    """Exchangeable rows: each of the n + 1 places is as likely, so this is the whole distribution."""
    scores = np.random.default_rng(n).normal(size=n + 1)
    found = [
        on_scores(Quantile, np.delete(scores, place), contamination=0.5).judge(scores[[place]]).p_value[0]
        for place in range(n + 1)
    ]
    np.testing.assert_allclose(np.sort(found), np.arange(1, n + 2) / (n + 1), rtol=1e-12)


def test_ties_make_p_values_larger():
    scores = np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    found = np.array(
        [
            on_scores(Quantile, np.delete(scores, place), contamination=0.5).judge(scores[[place]]).p_value[0]
            for place in range(5)
        ]
    )
    for level in np.arange(1, 6) / 5:
        assert (found <= level + 1e-12).mean() <= level + 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_known_anomalies_are_no_calibration_rows(kind):
    normal, anomalies = np.linspace(0, 1, 999), [-5.0, -4.0]
    threshold = on_scores(kind, normal, anomalies)
    np.testing.assert_array_equal(threshold.calibration_, normal)
    np.testing.assert_allclose(threshold.judge(np.array([-6.0])).p_value, [0.001], rtol=1e-12)


def test_hidden_anomalies_make_p_values_larger():
    rng = np.random.default_rng(0)
    clean, new = rng.normal(size=500), rng.normal(size=2000)
    polluted = np.r_[clean, rng.normal(-4, 1, size=20)]
    before, after = (on_scores(Quantile, held_out).judge(new).p_value for held_out in (clean, polluted))
    low = before < 0.5
    assert (after >= before)[low].all() and (after > before + 0.018)[low].all()


def test_methods_agree_with_judge():
    detector = model()
    X, y = rows(150, 12, seed=1)
    threshold = Quantile(detector, 0.1).fit(X, y)
    judged = threshold.judge(detector.score_samples(X))
    np.testing.assert_array_equal(threshold.p_values(X), judged.p_value)
    np.testing.assert_array_equal(threshold.severity(X), judged.severity)
    np.testing.assert_array_equal(threshold.predict(X), judged.prediction)
    np.testing.assert_array_equal(threshold.score_samples(X), detector.score_samples(X))
    np.testing.assert_array_equal(threshold.anomaly_score(X), -detector.score_samples(X))
