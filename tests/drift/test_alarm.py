"""The alarm: p-values of ranks, false alarms at the stated rate, and drift that is found."""

import numpy as np
import pytest

from askew.drift.alarm import ScoreAlarm
from askew.drift.held_out_scores import HeldOutScores


def stream(n_held_out, seed, *parts, rows_per_alarm=1e4):
    drawn = np.random.default_rng(seed)
    alarm = ScoreAlarm(HeldOutScores.of(drawn.normal(size=n_held_out), ""), rows_per_alarm, seed)
    for mean, n in parts:
        alarm.add(drawn.normal(mean, 1, n))
    return alarm


def test_false_alarms_are_no_more_than_stated():
    raised = [stream(300, seed, (0, 1000)).raised for seed in range(100)]
    assert np.mean(raised) <= 0.1 + 0.05  # of 1,000 rows at one in 10,000


@pytest.mark.parametrize("mean", [-0.5, 0.5])
def test_a_drift_raises_it_also_after_a_long_time_without(mean):
    alarm = stream(1000, 0, (0, 3000), (mean, 1500), rows_per_alarm=1e6)
    assert alarm.raised and alarm.evidence >= 1e6
    alarm.add(np.random.default_rng(0).normal(size=5_000))
    assert alarm.raised and alarm.evidence <= 1.001e12 and alarm.n_rows == 9_500


def test_p_values_are_ranks_among_all_rows_before():
    alarm = ScoreAlarm(HeldOutScores.of(np.arange(9.0), ""), seed=0)
    p = alarm._p_values(np.array([-5.0, -4.0, 100.0]))
    low, high = np.array([0, 0, 9 + 2]) / [10, 11, 12], np.array([2, 3, 12]) / [10, 11, 12]
    assert ((low <= p) & (p <= high)).all()
    drawn = np.random.default_rng(0)
    many = ScoreAlarm(HeldOutScores.of(drawn.normal(size=400), ""), seed=0)._p_values(drawn.normal(size=400))
    assert abs(many.mean() - 0.5) < 0.05 and abs(np.corrcoef(many[1:], many[:-1])[0, 1]) < 0.15
