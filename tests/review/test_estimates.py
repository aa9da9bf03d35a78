"""Estimates: values by hand, intervals that cover over whole sessions, and what nobody knows."""

import numpy as np
import pytest

from askew.calibration.expectations import Estimate, share
from askew.review.asking import Rows, n_draws, next_questions, random_sample
from askew.review.estimates import FlaggedDraw, anomaly_rate, in_words, precision_at_threshold


def test_the_rate_is_that_of_the_draws_within_what_is_certain():
    drawn = np.array([-1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    assert anomaly_rate(drawn, 10_000) == share(1, 10)
    few = anomaly_rate(drawn, 100, n_anomalies=20, n_normals=70)
    assert few == (0.2, 0.2, pytest.approx(0.3))


def test_do_not_know_widens_the_interval_on_both_sides():
    sure, unsure = (anomaly_rate(np.array(drawn), 1000) for drawn in ([-1, 1, 1], [-1, 1, 1, 0, 0]))
    assert unsure.value == sure.value and unsure.low < sure.low and unsure.high > sure.high


def test_precision_counts_answers_as_they_are_and_estimates_the_rest():
    flagged = np.array([-1, -1, 1, 0, 0, 0])
    draws = [FlaggedDraw.of(answer, flagged) for answer in (-1, 1, 1, 1)]
    expected = tuple((2 + 3 * each) / 6 for each in share(1, 4))
    assert precision_at_threshold(flagged, draws) == pytest.approx(expected)
    assert precision_at_threshold(flagged[:3], []) == pytest.approx((2 / 3,) * 3)
    certain = precision_at_threshold(np.array([-1, -1, -1, 0]), draws)
    assert certain == (0.75, 0.75, 0.75)


@pytest.mark.parametrize("nothing", [[], [0, 0]])
def test_without_a_draw_nothing_is_known(nothing):
    assert anomaly_rate(np.array(nothing), 100, 5) is None
    draws = [FlaggedDraw(answer, 2, 0, 2) for answer in nothing]
    assert precision_at_threshold(np.array([0, 1]), draws) is None
    assert precision_at_threshold(np.array([]), [FlaggedDraw(1, 2, 0, 2)]) is None
    assert [sentence.count("not known yet") for sentence in in_words(None, None, 0)] == [1, 1]


@pytest.mark.parametrize(
    "estimate, words",
    [
        ((0.05, 0.001, 0.25), "Of 100 flagged rows about 5 are anomalies (0.1 to 25)."),
        ((0.02, 0.02, 0.8), "Of 100 flagged rows at least 2 are anomalies, at most 80."),
        ((0.999, 0.4, 0.999), "Of 100 flagged rows at least 40 are anomalies, at most 100."),
        ((0.5, 0.5, 0.5), "Of 100 flagged rows 50 are anomalies: all have an answer."),
    ],
)
def test_a_bound_is_not_called_an_estimate(estimate, words):
    assert in_words(None, Estimate(*estimate), 0)[1] == words


def test_the_intervals_cover_though_the_other_questions_look_for_anomalies():
    rng, covered = np.random.default_rng(0), []
    for seed in range(200):
        anomaly = rng.random(300) < 0.2
        scores = rng.normal(size=300) - 1.5 * anomaly
        rows = Rows(scores, np.zeros(300, bool), -1.0)
        asked = next_questions(rows, 60, random_share=0.4, seed=seed)
        answers, draws, flagged = np.zeros(300, np.int8), [], scores < -1.0
        for row, reason in asked:
            answer = -1 if anomaly[row] else 1
            if reason.startswith("random") and flagged[row]:
                draws.append(FlaggedDraw.of(answer, answers[flagged]))
            answers[row] = answer
        sample = random_sample(300, n_draws(60, 0.4), seed)
        rate = anomaly_rate(answers[sample], 300, (answers < 0).sum(), (answers > 0).sum())
        precision = precision_at_threshold(answers[flagged], draws)
        covered.append(
            [
                rate.low <= anomaly.mean() <= rate.high,
                precision.low <= anomaly[flagged].mean() <= precision.high,
            ]
        )
    assert np.all(np.mean(covered, axis=0) >= 0.95 - 0.03)  # two standard errors of 200
