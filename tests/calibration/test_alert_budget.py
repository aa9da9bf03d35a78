"""The budget is kept as often as it says: by counting all orders, and by simulation."""

import itertools

import numpy as np
import pytest
from calibration_cases import on_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from askew.calibration import AlertBudget
from askew.errors import InvalidInputError


@pytest.mark.parametrize("confidence", [0.5, 0.6, 0.8, 0.9])
@pytest.mark.parametrize("n_held_out, alerts, per_rows", [(6, 1, 3), (7, 2, 4), (8, 1, 2)])
def test_probability_by_counting_all_orders(n_held_out, alerts, per_rows, confidence):
    total = n_held_out + per_rows
    kept = np.zeros(n_held_out + 1)  # by level: how many orders keep to the budget
    orders = list(itertools.combinations(range(total), per_rows))  # the places of the new rows, lowest first
    for new in orders:
        held_out = np.setdiff1d(np.arange(total), new)
        for level in range(1, n_held_out + 1):
            kept[level] += (np.array(new) < held_out[level - 1]).sum() <= alerts
    allowed = [level for level in range(1, n_held_out + 1) if kept[level] / len(orders) >= confidence - 1e-12]
    held_out = np.arange(1.0, n_held_out + 1)
    budget = {"alerts": alerts, "per_rows": per_rows, "confidence": confidence}
    if not allowed:
        with pytest.raises(InvalidInputError, match="Hold out about"):
            on_scores(AlertBudget, held_out, **budget)
    else:
        assert on_scores(AlertBudget, held_out, **budget).offset_ == max(allowed)


def simulate(n_held_out=800, per_rows=500, alerts=10, n_repetitions=2000, decimals=None, **parameters):
    """Return the alerts of a day for each of many sets of held-out rows; one row in a hundred is an anomaly."""
    budget = {"alerts": alerts, "per_rows": per_rows, **parameters}
    # which of the held-out rows is the cut-off depends on their number alone
    level = int(on_scores(AlertBudget, np.arange(1.0, n_held_out + 1), **budget).offset_)
    rng = np.random.default_rng(5)
    found = np.zeros(n_repetitions)
    for repetition in range(n_repetitions):
        scores = rng.normal(size=n_held_out + per_rows)
        scores[rng.random(len(scores)) < 0.01] -= 4
        scores = scores if decimals is None else scores.round(decimals)
        cut = np.partition(scores[:n_held_out], level - 1)[level - 1]
        found[repetition] = (scores[n_held_out:] < cut).sum()
    return found


def test_days_within_the_budget():
    alerts = simulate()
    error = np.sqrt(0.95 * 0.05 / 2000)
    assert (alerts <= 10).mean() >= 0.95 - 2 * error
    assert (alerts <= 10).mean() < 0.985  # it is used
    assert alerts.mean() > 4


def test_average_day_without_confidence():
    alerts = simulate(confidence=None)
    error = alerts.std(ddof=1) / np.sqrt(2000)
    assert abs(alerts.mean() - 10 * (801 * 10 // 500) / (801 * 10 / 500)) < 3 * error
    assert alerts.mean() <= 10 + 2 * error


def test_equal_scores_only_lower_the_alerts():
    assert (simulate(n_repetitions=300, decimals=1) <= 10).mean() >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 300)


def test_known_anomalies_use_the_budget_too():
    normal, anomalies = np.arange(100.0), np.arange(-10.0, 0.0)
    without = on_scores(AlertBudget, normal, alerts=20, per_rows=200, confidence=None)
    with_them = on_scores(AlertBudget, normal, anomalies, alerts=20, per_rows=200, confidence=None)
    assert (without.offset_, with_them.offset_) == (9.0, 0.0)


def test_the_number_of_rows_that_is_named_is_enough():
    for confidence, fewest in ((None, 49), (0.95, 154)):
        budget = {
            "alerts": 20 if confidence else 2,
            "per_rows": 1000 if confidence else 100,
            "confidence": confidence,
        }
        with pytest.raises(InvalidInputError, match=f"Hold out about {fewest} rows or more"):
            on_scores(AlertBudget, np.arange(20.0), **budget)
        assert on_scores(AlertBudget, np.arange(float(fewest)), **budget).offset_ == 0.0


def test_a_budget_for_every_row_is_refused():
    with pytest.raises(InvalidInputError, match="alerts of AlertBudget must be below per_rows, 20; got 20"):
        on_scores(AlertBudget, np.arange(50.0), alerts=20, per_rows=20)
    with pytest.raises(
        InvalidInputError, match=r"alerts of AlertBudget must be an integer of at least 1; got 0.5"
    ):
        on_scores(AlertBudget, np.arange(50.0), alerts=0.5)
    for confidence in (0, 1):
        with pytest.raises(
            InvalidInputError, match=rf"confidence of AlertBudget must be in \(0, 1\); got {confidence}"
        ):
            on_scores(AlertBudget, np.arange(50.0), alerts=1, confidence=confidence)


def test_average_budget_by_hand():
    # of 10 rows at most 1: the k-th of N rows with 10 k / (N + 1) <= 1, and not one row earlier
    for n_rows, offset in ((9, 0.0), (18, 0.0), (19, 1.0), (28, 1.0), (29, 2.0)):
        kept = on_scores(AlertBudget, np.arange(float(n_rows)), alerts=1, per_rows=10, confidence=None)
        assert kept.offset_ == offset
    # nine of ten rows may be flagged: up to the last of nine held-out rows, and everything with ten
    wide = {"alerts": 9, "per_rows": 10, "confidence": None}
    assert on_scores(AlertBudget, np.arange(9.0), **wide).offset_ == 8.0
    assert on_scores(AlertBudget, np.arange(100.0), **wide | {"alerts": 99, "per_rows": 100}).offset_ == 98.0
    assert on_scores(AlertBudget, np.arange(5.0), **wide | {"confidence": 0.3}).offset_ == 4.0
    # of one held-out row and three new ones, all orders alike, at most one comes before it in two of four
    half = {"alerts": 1, "per_rows": 3, "confidence": 0.5}
    assert on_scores(AlertBudget, [0.0], **half).offset_ == 0.0


@settings(max_examples=settings.default.max_examples // 3)
@given(st.lists(st.integers(0, 4), min_size=9, max_size=9), st.sampled_from([0.5, 0.7]))
def test_ties_keep_the_budget_as_often_as_it_says(scores, confidence):
    """All ways to take three of nine scores as new, which is what exchangeable means."""
    scores, kept = np.array(scores, dtype=float), []
    for new in itertools.combinations(range(9), 3):
        held_out = np.delete(scores, new)
        cut = on_scores(AlertBudget, held_out, alerts=1, per_rows=3, confidence=confidence).offset_
        kept.append((scores[list(new)] < cut).sum() <= 1)
    assert np.mean(kept) >= confidence
