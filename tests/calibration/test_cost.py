"""Costs: the cut-off by hand, its honest expectation, and that over many repetitions it is what comes."""

import numpy as np
import pytest
from calibration_cases import on_scores
from hypothesis import given
from hypothesis import strategies as st

from askew.calibration import Cost
from askew.errors import InvalidInputError, LabelError

NORMAL = np.arange(1.0, 100.0)  # 99 of them: a rank is a per cent


def test_cut_off_by_hand():
    # a miss costs 0.1 * 10 * a quarter = 0.25 per row, a false alarm 0.9 * 0.01 per rank: up to 27 ranks are worth it
    anomalies = [-1.0, 5.5, 20.5, 60.5]
    threshold = on_scores(Cost, NORMAL, anomalies, miss=10, anomaly_rate=0.1)
    assert threshold.offset_ == 21.0  # just above 20.5, as high as it goes without another false alarm
    # 20 ordinary rows are flagged, and left out in turn half of the anomalies: 0.5 misses, 21 of 100 alarms
    assert threshold.expected_.cost == pytest.approx(1000 * (0.1 * 10 * 0.5 + 0.9 * 0.21))
    dearer = on_scores(Cost, NORMAL, anomalies, miss=20, anomaly_rate=0.1)
    assert dearer.offset_ == 61.0
    cheaper = on_scores(Cost, NORMAL, anomalies, miss=3, anomaly_rate=0.1)
    assert cheaper.offset_ == 6.0


def test_only_the_ratio_of_the_costs_matters():
    anomalies = [-1.0, 5.5, 20.5, 60.5]
    one, other = (on_scores(Cost, NORMAL, anomalies, miss=10 * k, false_alarm=k) for k in (1, 7))
    assert one.offset_ == other.offset_
    assert other.expected_.cost == pytest.approx(7 * one.expected_.cost)


def test_nothing_is_flagged_when_that_is_cheapest():
    threshold = on_scores(Cost, NORMAL, [40.5, 50.5], miss=1, anomaly_rate=0.01)
    assert threshold.offset_ == -np.inf
    assert threshold.judge(np.array([-1e9])).prediction.tolist() == [1]
    assert threshold.expected_.alerts.value == 0.0 and threshold.expected_.precision is None
    assert threshold.expected_.cost == pytest.approx(1000 * 0.01)  # every anomaly is missed


def test_everything_is_flagged_when_a_miss_is_dear_and_anomalies_score_highest():
    threshold = on_scores(Cost, NORMAL, [200.0, 300.0], miss=1000, anomaly_rate=0.5)
    assert threshold.judge(np.array([1e9])).prediction.tolist() == [-1]


def test_the_rate_is_that_of_the_held_out_rows_unless_given():
    anomalies = [-1.0, 5.5, 20.5, 60.5]
    estimated = on_scores(Cost, NORMAL, anomalies, miss=10)
    given = on_scores(Cost, NORMAL, anomalies, miss=10, anomaly_rate=4 / 103)
    assert estimated.offset_ == given.offset_ and estimated.expected_.cost == pytest.approx(
        given.expected_.cost
    )
    assert on_scores(Cost, NORMAL, anomalies, miss=10, anomaly_rate=0.5).offset_ > given.offset_


def leave_one_out(anomalies, **parameters):
    """Return how many anomalies are flagged by the cut-off that is fitted on the others: a plain loop."""
    found = 0
    for place in range(len(anomalies)):
        others = on_scores(Cost, NORMAL, np.delete(anomalies, place), **parameters)
        found += anomalies[place] < others.offset_
    return found


@pytest.mark.parametrize("miss", [2, 10, 50])
def test_recall_leaves_each_anomaly_out(miss):
    anomalies = np.random.default_rng(miss).uniform(0, 60, size=12)
    said = on_scores(Cost, NORMAL, anomalies, miss=miss, anomaly_rate=0.1)
    expected = leave_one_out(anomalies, miss=miss, anomaly_rate=0.1)
    assert said.expected_.recall.value == pytest.approx(expected / 12)
    if miss == 50:
        assert expected < (anomalies < said.offset_).sum()  # what it flags itself is too good


def test_one_anomaly_says_nothing_of_others():
    assert on_scores(Cost, NORMAL, [0.5]).expected_.recall.value == 0.0


def test_expected_cost_is_what_comes():
    rng = np.random.default_rng(2)
    said, true = [], []
    for _ in range(300):
        threshold = on_scores(
            Cost, rng.normal(size=400), rng.normal(-2, 1, size=20), miss=30, anomaly_rate=0.05
        )
        missed = np.mean(rng.normal(-2, 1, size=2000) >= threshold.offset_)
        false = np.mean(rng.normal(size=2000) < threshold.offset_)
        said.append(threshold.expected_.cost)
        true.append(1000 * (0.05 * 30 * missed + 0.95 * false))
    error = np.std(np.subtract(said, true), ddof=1) / np.sqrt(300)
    # leaving one out is fitted on one anomaly fewer, so it says a little too much, never too little
    assert -3 * error < np.mean(said) - np.mean(true) < 0.1 * np.mean(true)
    best = min(
        1000
        * (
            0.05 * 30 * np.mean(rng.normal(-2, 1, 20000) >= cut)
            + 0.95 * np.mean(rng.normal(size=20000) < cut)
        )
        for cut in np.linspace(-4, 2, 61)
    )
    assert np.mean(true) < 1.25 * best


def test_without_anomalies_it_is_refused():
    with pytest.raises(LabelError, match=r"y of Cost must be labels with at least one -1 .*such as Quantile"):
        on_scores(Cost, NORMAL)


@pytest.mark.parametrize("parameter", ["miss", "false_alarm"])
@pytest.mark.parametrize("value", [0, -1.0, np.inf, np.nan, True, "dear"])
def test_costs_are_checked(parameter, value):
    with pytest.raises(InvalidInputError, match=f"{parameter} of Cost must be above 0 and finite; got"):
        on_scores(Cost, NORMAL, [0.5], **{parameter: value})


def plain_cut(normal, anomalies, miss, rate):
    """Return the cut-off of least cost among all that there are, by a plain loop; of equal costs the fewest alarms."""
    normal = np.sort(normal)
    levels = [0, *sorted((normal <= score).sum() + 1 for score in anomalies)]
    cuts = [-np.inf, *(np.r_[normal, np.inf][level - 1] for level in levels[1:])]
    costs = [
        rate * miss * np.mean(np.asarray(anomalies) >= cut) + (1 - rate) * level / (len(normal) + 1)
        for cut, level in zip(cuts, levels, strict=True)
    ]
    return cuts[int(np.argmin(np.round(costs, 12)))]


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=9),
    st.lists(st.integers(0, 12), min_size=2, max_size=5),
    st.sampled_from([0.7, 3.0, 11.0]),
)
def test_ties_are_cut_where_it_costs_least_and_each_anomaly_is_left_out_in_turn(normal, anomalies, miss):
    threshold = on_scores(Cost, normal, anomalies, miss=miss, anomaly_rate=0.3)
    assert threshold.offset_ == plain_cut(normal, anomalies, miss, 0.3)
    found = [
        anomalies[place] < plain_cut(normal, np.delete(anomalies, place), miss, 0.3)
        for place in range(len(anomalies))
    ]
    assert threshold.expected_.recall.value == np.mean(found)


def test_what_nothing_and_everything_cost_is_said_for_comparison():
    said = on_scores(Cost, NORMAL, [0.5], miss=10, false_alarm=2, anomaly_rate=0.25).expected_.guarantee
    assert "flagging nothing costs 2,500 per 1,000 rows and flagging everything 1,500, " in said
    assert said.endswith("if anomalies are 25.00% of the rows (as given).")
    estimated = on_scores(Cost, NORMAL, [0.5], miss=10).expected_.guarantee
    assert "1.00% of the rows (estimated: the known anomalies' share of the held-out rows)." in estimated
