"""Questions: each order by hand, random draws that are a simple random sample whatever else is asked."""

import numpy as np
import pytest

from askew.errors import InvalidInputError
from askew.review.asking import ORDERS, REASONS, Rows, disagreement, n_draws, next_questions, random_sample


def rows_of(n=200, handled=(), seed=0, **more):
    scores = np.random.default_rng(seed).normal(size=n)
    mask = np.zeros(n, dtype=bool)
    mask[list(handled)] = True
    return Rows(scores, mask, float(np.quantile(scores, 0.1)), **more)


@pytest.mark.parametrize("order", ORDERS)
def test_no_row_is_asked_twice_and_all_are_asked_once_however_they_are_batched(order):
    rows, asked = rows_of(60), []
    for _ in range(9):
        questions = next_questions(rows, 7, order=order, random_share=0.3, n_asked=len(asked), seed=3)
        assert all(question.reason in REASONS for question in questions)
        rows.handled[[question.row for question in questions]] = True
        asked += questions
    assert asked == next_questions(rows_of(60), 99, order=order, random_share=0.3, seed=3)
    assert sorted(question.row for question in asked) == list(range(60))


def test_the_anomalous_row_comes_first_and_those_handled_do_not():
    rows = rows_of(handled=[3])
    first, *_ = np.argsort(np.where(rows.handled, np.inf, rows.scores))
    assert next_questions(rows, 1) == [(first, "anomalous")]


@pytest.mark.parametrize("criterion", ["disagreement", "unlikeness"])
def test_the_informative_row_is_uncertain_by_each_criterion(criterion):
    plain, wanted = rows_of(), 17
    near = np.argsort(np.abs(plain.scores - plain.threshold))[:2]
    assert next_questions(plain, 1, order="informative")[0].row in near
    one = np.zeros(200)
    one[wanted] = 1
    # a criterion under which all other rows are equal: the row it names gains most
    with_it = rows_of(**{criterion: one})
    before, after = (
        [each.row for each in next_questions(rows, 200, order="informative", random_share=0)]
        for rows in (plain, with_it)
    )
    assert after.index(wanted) < before.index(wanted)


def test_random_draws_take_turns_between_all_rows_and_the_flagged_ones():
    rows = rows_of()
    asked = next_questions(rows, 99, seed=1)
    assert [n for n, each in enumerate(asked, 1) if each.reason == "random"] == [10, 30, 50, 70]
    flagged = [each.row for each in asked if each.reason == "random_flagged"]
    assert flagged and all(rows.scores[row] < rows.threshold for row in flagged)
    *drawn, found = random_sample(
        200, 9, seed=1
    ).tolist()  # the last is so anomalous that it was asked before
    assert [each.row for each in asked if each.reason == "random"] == drawn
    assert found in [each.row for each in asked]


def test_a_share_that_is_changed_goes_on_with_the_same_sample():
    draws = n_draws(20, 0.5, n_draws(30, 0.1))
    assert draws == 13
    asked = next_questions(rows_of(), 20, random_share=0.5, n_drawn=n_draws(30, 0.1), seed=2)
    assert {each.row for each in asked if each.reason == "random"} <= set(random_sample(200, draws, seed=2))


def test_a_drawn_row_with_an_answer_counts_and_is_no_question():
    (drawn,) = random_sample(200, 1, seed=5)
    questions = next_questions(rows_of(handled=[drawn]), 10, seed=5)
    assert [each.reason for each in questions] == ["anomalous"] * 10
    assert drawn in random_sample(200, 3, seed=5)


def test_a_draw_that_was_undone_comes_again():
    drawn = random_sample(200, 3, seed=5)
    rows = rows_of(handled=drawn[1:])
    assert next_questions(rows, 1, n_asked=29, seed=5) == [(drawn[0], "random")]


def test_the_sample_is_as_anomalous_as_all_rows_though_the_worst_rows_are_asked():
    share = []
    for seed in range(300):
        rows = rows_of()
        asked = [each.row for each in next_questions(rows, 40, random_share=0.25, seed=seed)]
        sample = random_sample(200, 10, seed)
        share.append((rows.scores[sample] < rows.threshold).mean())
        assert set(sample) <= set(asked)
    assert np.mean(share) == pytest.approx(0.1, abs=0.025)  # four standard errors


def test_disagreement_by_hand_and_whatever_the_scale():
    members = np.array([[1.0, 2.0, 3.0], [30.0, 20.0, 10.0]])
    expected = [np.log(3) / 2, 0.0, np.log(3) / 2]
    np.testing.assert_allclose(disagreement(members), expected)


@pytest.mark.parametrize(
    "wrong, message",
    [
        (lambda: next_questions(rows_of(), 0), "n of next_questions must be an integer of at least 1; got 0"),
        (
            lambda: next_questions(rows_of(), 1, order="best"),
            "order of next_questions must be one of 'anomalous'",
        ),
        (
            lambda: next_questions(rows_of(), 1, random_share=1.1),
            "random_share of next_questions must be between",
        ),
        (lambda: rows_of(unlikeness=np.zeros(3)), "unlikeness of Rows must be a vector of 200 rows"),
        (
            lambda: Rows(np.array([0, np.nan]), np.zeros(2, bool), 0.0),
            "scores of Rows must be numbers; got 'nan in",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(InvalidInputError, match=message):
        wrong()
