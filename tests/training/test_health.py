"""Health checks speak up when something is wrong, and only then."""

import numpy as np
import pytest

from askew.training.health import (
    FEWEST_ROWS,
    check_codes,
    check_critic,
    check_gan,
    check_labels,
    check_posterior,
    check_rows,
    check_scores,
    check_slopes,
)

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
    assert check_scores(np.array([0.0, 1.1e-12])) is None and check_scores(np.array([0.0, 1e-12]))


def test_anomalies_scored_as_normal_are_found():
    scores = np.arange(10.0)
    y = np.zeros(10, dtype=np.int8)
    y[-5:] = -1
    assert "the known anomalies are scored as normal (AUROC 0.00" in check_labels(scores, y)


def test_scores_that_tell_nothing_or_a_little_are_not_called_wrong():
    y = np.repeat(np.array([0, -1], dtype=np.int8), 5)
    assert check_labels(np.zeros(10), y) is None  # AUROC 0.5: no better than chance, but no worse
    assert check_labels(np.arange(10.0), np.full(10, -1, dtype=np.int8)) is None  # nothing to compare with


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


@pytest.mark.parametrize("level", [0.0, 3.0, -1e6])
def test_a_code_may_differ_by_rounding_of_its_size(level):
    assert check_codes(np.full((4, 2), level)) is not None
    assert check_codes(np.array([[0.0], [1e-6]])) is not None
    size = max(abs(level), 1.0)
    assert check_codes(level + 0.9e-6 * size * np.arange(2.0)[:, None]) is not None
    assert check_codes(level + 1.1e-6 * size * np.arange(2.0)[:, None]) is None


def test_rows_to_learn_from_are_counted_without_known_anomalies():
    x, y = RNG.normal(size=(20, 2)), np.zeros(20, dtype=np.int8)
    y[0] = 1
    assert check_rows(x, y, "rows") is None
    y[FEWEST_ROWS:] = -1
    assert check_rows(x, y, "rows") is None
    y[FEWEST_ROWS - 1] = -1
    assert "5 training images without -1 are too few" in check_rows(x, y, "images")
    x[: FEWEST_ROWS - 1] = 3.0
    assert "all 5 training rows without -1 are the same" in check_rows(x, y, "rows")
    assert "all 1 training rows" in check_rows(x[:1], y[:1], "rows")
    x[2, 1] = 4.0  # one number of one row
    assert "too few" in check_rows(x, y, "rows")


def test_a_posterior_that_says_nothing_is_found():
    assert "posterior collapse: the codes tell next to nothing of a row (1.0e-03 nats" in check_posterior(
        np.full(9, 1e-3)
    )
    assert check_posterior(np.full(9, 0.5)) is None


@pytest.mark.parametrize(("values", "distance"), [(0.0, 1.0), (1.0, 0.0)])
def test_a_critic_that_is_half_collapsed_is_found(values, distance):
    assert "critic collapse" in check_critic(values, distance)
    assert check_critic(1.0, 1.0) is None


def test_a_critic_is_collapsed_up_to_a_limit():
    assert check_critic(1.1e-6, 1.1e-6) is None
    assert check_critic(1e-6, 1.0) is not None and check_critic(1.0, 1e-6) is not None


def test_a_posterior_of_exactly_the_limit_is_enough():
    assert check_posterior(np.array([0.005, 0.015])) is None


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [(1e-6, 1.0, "critic"), (1.1e-6, 1.0, None), (1.0, 0.02, "mode"), (1.0, 0.021, None)],
)
def test_either_network_of_a_gan_may_have_collapsed(values, share, found):
    said = check_gan(values, share)
    assert said is None if found is None else said.startswith(f"{found} collapse")


def test_a_slope_far_above_one_is_reported_with_the_remedies_that_there_are():
    assert check_slopes(10.0) is None
    assert "the critic's slope is 10.1 " in check_slopes(10.1)
    assert "spectral_norm=True" in check_slopes(11.0)
    assert "spectral_norm" not in check_slopes(11.0, spectral=False)
