"""Likeness: nearest rows, distance to what has an answer, and rows that one answer may do for."""

import numpy as np
import pytest

from askew.review.likeness import alike, nearest, scaled, unlikeness

NONE = np.zeros(200, bool)


@pytest.fixture
def clusters():
    """200 rows: a tight cluster of ten away from the others."""
    rng = np.random.default_rng(0)
    return np.r_[8 + 0.02 * rng.normal(size=(10, 3)), rng.normal(size=(190, 3))]


def test_scaling_does_not_follow_the_unit_of_a_column(clusters):
    np.testing.assert_allclose(scaled(clusters * [1, 1000, 1e-6]), scaled(clusters))
    assert scaled(clusters.reshape(200, 3, 1)).shape == (200, 3)


def test_one_answer_does_for_a_cluster_and_no_more(clusters):
    assert sorted(alike(clusters, 0, ~NONE, NONE)) == list(range(1, 10))
    assert len(alike(clusters, 0, ~NONE, NONE, most=4)) == 4
    some = NONE.copy()
    some[[2, 3, 50]] = True
    assert sorted(alike(clusters, 0, some, NONE)) == [2, 3]


def test_rows_nearer_to_another_answer_are_not_alike(clusters):
    clusters[10:12] = clusters[0]
    clusters[12] = clusters[0] + 0.5
    differing = NONE.copy()
    differing[1:10] = True
    found = alike(clusters, 0, ~NONE, differing)
    assert {10, 11} <= set(found) and not differing[found].any()


def test_distances_to_rows_with_an_answer(clusters):
    answered = NONE.copy()
    assert np.ptp(unlikeness(clusters, answered)) == 0
    answered[[0, 100]] = True
    expected = np.minimum(*(np.linalg.norm(clusters - clusters[row], axis=1) for row in (0, 100)))
    np.testing.assert_allclose(unlikeness(clusters, answered), expected)
    assert nearest(clusters, 0, answered).tolist() == [100]
