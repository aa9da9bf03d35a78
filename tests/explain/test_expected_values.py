"""What a row's numbers should have been, on functions whose answers are known."""

import numpy as np

from askew.explain.expected_values import nearest, neighbours, reconstructed

SINGLE = [np.array([place]) for place in range(4)]


def test_a_left_out_number_is_reconstructed_from_the_others_alone():
    x = np.array([[100.0, 2.0], [-7.0, 2.0]])
    found = reconstructed(lambda rows: rows[:, ::-1] * 2.0, x, np.zeros(2), SINGLE[:2])
    np.testing.assert_allclose(found, [[4.0, 200.0], [4.0, -14.0]])


def test_neighbours_do_not_look_at_the_number_in_question_nor_at_more_than_three_deviations():
    background = np.repeat(np.array([[0.0, 0.0], [10.0, 5.0]]), 10, axis=0)
    found = neighbours(np.array([[10.0, 0.0], [0.0, 1e9]]), background, SINGLE[:2])
    assert (found[0, 0] < 10).all() and (found[0, 1] >= 10).all()  # each by the other number
    assert (found[1, 1] < 10).all()


def test_the_nearest_row_is_of_a_group():
    background = np.array([[0.0, 0.0, 9.0], [1.0, 1.0, 0.0]])
    found = nearest(np.array([[0.9, 0.8, 8.0]]), background, [np.array([0, 1]), np.array([2])])
    np.testing.assert_array_equal(found, [[1, 0]])
