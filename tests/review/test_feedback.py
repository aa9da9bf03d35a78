"""Feedback: an answer moves the rows like it, by hand, and a loop that learns at once finds more."""

import numpy as np
import pytest

from askew.review import feedback
from askew.review.asking import Rows, next_questions
from askew.review.feedback import ANOMALY, NORMAL, RIDGE, Feedback


@pytest.fixture(scope="module")
def clusters():
    """60 rows in three places: ordinary rows, a cluster of normal outliers, and one of anomalies."""
    rng = np.random.default_rng(0)
    z = 0.1 * rng.normal(size=(60, 2))
    z[:8] += 9
    z[8:16] -= 5
    return z, Feedback.of(z)


def test_by_hand():
    similar = Feedback(np.array([[0, 0], [0, 1], [1, 1]], dtype=np.uint8))
    scores = np.array([1.0, 2.0, 3.0])
    ranks = -np.log(np.array([1, 2, 3]) / 3) / np.log(3)
    for answer, aim in ((-1, ANOMALY), (1, NORMAL)):
        corrected = similar.corrected(scores, np.array([answer, 0, 0]))
        weight = (aim - ranks[0]) / (1 + RIDGE)
        np.testing.assert_allclose(corrected, -(ranks + weight * np.array([1, 0.5, 0])))


def test_without_answers_the_order_is_the_scores(clusters):
    scores = np.random.default_rng(1).normal(size=60)
    corrected = clusters[1].corrected(scores, np.zeros(60, np.int8))
    np.testing.assert_array_equal(np.argsort(corrected), np.argsort(scores))


def test_rows_like_a_normal_one_come_later_and_like_an_anomaly_sooner(clusters):
    z, likes = clusters
    scores = -np.linalg.norm(z, axis=1)
    before = likes.corrected(scores, np.zeros(60, np.int8))
    for answer in (1, -1):
        labels = np.zeros(60, np.int8)
        labels[0] = answer
        moved = answer * (likes.corrected(scores, labels) - before)  # a higher score is asked later
        assert moved[:8].min() > 0.1 > 0.01 > np.abs(moved[16:]).max()


def test_of_many_answers_those_count_that_were_most_wrong(clusters, monkeypatch):
    z, likes = clusters
    scores, labels = -np.linalg.norm(z, axis=1), np.ones(60, np.int8)
    labels[40] = -1
    monkeypatch.setattr(feedback, "MOST_ANSWERS", 1)
    alone = np.zeros(60, np.int8)
    alone[40] = -1
    np.testing.assert_array_equal(likes.corrected(scores, labels), likes.corrected(scores, alone))


@pytest.mark.parametrize("learns, found", [(True, 7), (False, 1)])
def test_a_person_finds_the_anomalies_behind_the_normal_outliers(clusters, learns, found):
    z, likes = clusters
    scores, labels = -np.linalg.norm(z, axis=1), np.zeros(60, np.int8)
    for _ in range(9):
        corrected = likes.corrected(scores, labels) if learns else None
        rows = Rows(scores, labels != 0, threshold=-1.0, corrected=corrected)
        ((row, _),) = next_questions(rows, 1, random_share=0)
        labels[row] = -1 if 8 <= row < 16 else 1
    assert (labels < 0).sum() >= found if learns else (labels < 0).sum() == found
