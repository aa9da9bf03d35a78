"""Shapley values by sampling, on functions whose answers are known."""

import numpy as np

from askew.explain import shapley_values
from detector_cases import table

X, Y = table(rows=80)
SINGLE = [np.array([place]) for place in range(4)]


def test_shapley_values_of_a_sum_are_the_differences_from_the_start():
    start = np.array([[1.0, 1.0, 1.0, 1.0]])
    weights = np.array([1.0, -2.0, 3.0, 0.5])
    values, begun = shapley_values(lambda rows: rows @ weights, X, start, SINGLE, 4, 0)
    np.testing.assert_allclose(values, (X - start) * weights, atol=1e-12)
    np.testing.assert_allclose(begun, weights.sum())


def test_shapley_values_share_an_interaction_equally_and_ignore_what_plays_no_part():
    values, _ = shapley_values(
        lambda r: r[:, 0] * r[:, 1], np.full((1, 4), 3.0), np.zeros((1, 4)), SINGLE, 2, 0
    )
    np.testing.assert_allclose(values, [[4.5, 4.5, 0.0, 0.0]])


def test_numbers_of_one_group_turn_together():
    groups = [np.array([0, 2]), np.array([1]), np.array([3])]
    values, _ = shapley_values(
        lambda r: r[:, 0] * r[:, 2], np.full((1, 4), 3.0), np.zeros((1, 4)), groups, 6, 0
    )
    np.testing.assert_allclose(values, [[9.0, 0.0, 0.0]])


def test_shapley_values_are_the_same_in_chunks(monkeypatch):
    def score(rows):
        return np.sin(rows).prod(axis=1)

    whole = shapley_values(score, X, X[:9], SINGLE, 6, 3)[0]
    monkeypatch.setattr("askew.explain.shapley._NUMBERS", 1)
    np.testing.assert_allclose(shapley_values(score, X, X[:9], SINGLE, 6, 3)[0], whole, rtol=1e-12)
    assert not np.allclose(shapley_values(score, X, X[:9], SINGLE, 6, 4)[0], whole)
