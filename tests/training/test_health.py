"""Health checks speak up when something is wrong, and only then."""

import numpy as np
import pytest

from askew.training.health import check_codes, check_critic, check_labels, check_posterior, check_scores

RNG = np.random.default_rng(0)


def test_healthy_scores_codes_and_labels_pass():
    scores = RNG.normal(size=50)
    y = np.zeros(50, dtype=np.int8)
    y[np.argsort(scores)[:5]] = -1
    assert check_scores(scores) is None
    assert check_codes(RNG.normal(size=(50, 3))) is None
    assert check_labels(scores, y) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_counted(bad):
    scores = np.array([0.0, bad, 1.0, bad])
    assert "2 of 4 training rows have a NaN or infinite score" in check_scores(scores)


@pytest.mark.parametrize("level", [0.0, 1.0, -1e9])
def test_constant_scores_are_found_at_any_size(level):
    scores = np.full(20, level) + np.arange(20) * abs(level) * 1e-15
    assert "every training row has the same score" in check_scores(scores)


def test_small_differences_are_not_constant():
    assert check_scores(1.0 + np.arange(20) * 1e-9) is None


def test_anomalies_scored_as_normal_are_found():
    scores = np.arange(10.0)
    y = np.zeros(10, dtype=np.int8)
    y[-5:] = -1
    assert "the known anomalies are scored as normal (AUROC 0.00" in check_labels(scores, y)


@pytest.mark.parametrize("anomalies", [1, 4])
def test_a_few_anomalies_are_too_few_to_say(anomalies):
    scores = np.arange(10.0)
    y = np.zeros(10, dtype=np.int8)
    y[-anomalies:] = -1
    assert check_labels(scores, y) is None


def test_a_collapsed_code_is_found_also_when_far_from_zero():
    codes = np.full((10, 2), 1e6) + RNG.normal(size=(10, 2)) * 1e-3
    assert "collapse" in check_codes(codes)


def test_one_coordinate_that_still_moves_is_no_collapse():
    codes = np.zeros((10, 3))
    codes[:, 1] = np.arange(10)
    assert check_codes(codes) is None


def test_a_posterior_that_says_nothing_is_found():
    assert "posterior collapse: the codes tell next to nothing of a row (1.0e-03 nats" in check_posterior(
        np.full(9, 1e-3)
    )
    assert check_posterior(np.full(9, 0.5)) is None


@pytest.mark.parametrize(("values", "distance"), [(0.0, 1.0), (1.0, 0.0)])
def test_a_critic_that_is_half_collapsed_is_found(values, distance):
    assert "critic collapse" in check_critic(values, distance)
    assert check_critic(1.0, 1.0) is None
