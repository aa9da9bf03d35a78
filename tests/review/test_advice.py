"""Advice: what the next answers add, by hand, and when to stop."""

import numpy as np
import pytest

from askew.errors import InvalidInputError
from askew.review.advice import advise


def test_recent_answers_count_more():
    anomalies, normals = -np.ones(20), np.ones(20)
    better, worse = advise(np.r_[normals, anomalies]), advise(np.r_[anomalies, normals])
    assert better.expected > 6 > 3 > worse.expected
    assert better.found == worse.found == 20 and better.answers == worse.answers == 40
    old = 0.5**4  # twenty answers are four half-lives
    weight = (1 - old) / (1 - 0.5**0.2)
    expected = 10 * (0.5 + weight) / (1 + weight * (1 + old))
    assert better.expected == pytest.approx(expected)


def test_stop_when_nothing_comes_and_not_before_twenty_answers():
    assert [advise(np.ones(n)).stop for n in (0, 19, 20)] == [False, False, True]
    assert not advise(np.r_[np.ones(40), -np.ones(3)]).stop
    assert advise(np.zeros(30)).stop  # "don't know" adds nothing
    assert advise(-np.ones(30), n_left=0).stop and not advise(-np.ones(30), n_left=1).stop


def test_the_number_is_within_the_interval_nine_times_in_ten():
    rng, within = np.random.default_rng(0), []
    for rate in rng.random(1000):
        answers = np.where(rng.random(60) < rate, -1, 1)
        advice = advise(answers[:50])
        within.append(advice.low <= (answers[50:] < 0).sum() <= advice.high)
    assert np.mean(within) >= 0.9 - 0.02


@pytest.mark.parametrize(
    "answers, n_left, words",
    [
        ([-1], 1, "1 anomaly in 1 answer. The next answer is likely to add less than 1 (0 to 1): go on."),
        ([1] * 90, None, "0 anomalies in 90 answers. The next 10 answers are likely to add less than 1 (0 to 3): "
         "this is a good time to stop."),
        ([-1, -1], 0, "2 anomalies in 2 answers. No row is left to ask about: stop."),
    ],
)  # fmt: skip
def test_words(answers, n_left, words):
    assert advise(np.array(answers), n_left=n_left).sentence() == words


def test_no_answers_ahead_are_refused():
    with pytest.raises(InvalidInputError, match="n of advise must be an integer of at least 1; got 0"):
        advise(np.ones(3), 0)
