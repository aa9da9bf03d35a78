"""Who is asked what: orders, random draws, skips, what others answer; and what the draws say."""

import numpy as np
import pytest
from review_cases import TRUTH, N, answer_truly, session

from askew.review import ReviewSettings
from askew.review.asking import random_sample
from askew.review.choice import questions_so_far


def settings(**changed):
    return ReviewSettings(**{"random_share": 0.0, "refit_every": 0} | changed)


def test_the_most_anomalous_rows_come_first_and_none_twice():
    asked = session().ask(N, reasons=False)
    assert [q.rank for q in asked] == list(range(1, N + 1))
    assert {q.why for q in asked} == {"anomalous"}


def test_every_answer_corrects_the_order_of_the_others_at_once():
    reviewed = session()
    before = [q.row for q in reviewed.ask(N, reasons=False)]
    reviewed.answer(before[0], "normal")
    after = [q.row for q in reviewed.ask(N, reasons=False)]
    assert set(after) == set(before[1:]) and after != before[1:]
    reviewed.undo()
    assert [q.row for q in reviewed.ask(N, reasons=False)] == before
    assert len({q.row for q in answer_truly(reviewed, N)}) == N


def test_asking_again_gives_the_same_questions():
    reviewed = session(settings(random_share=0.3, order="random"))
    first = [(q.id, q.why) for q in reviewed.ask(7, reasons=False)]
    assert first == [(q.id, q.why) for q in reviewed.ask(7, reasons=False)]
    reviewed.answer(first[0][0], "normal")
    assert [q.id for q in reviewed.ask(6, reasons=False)] == [id for id, _ in first[1:]]


def test_rows_with_a_label_are_not_asked():
    y = np.where(np.arange(N) < 50, TRUTH, 0)
    assert {q.row for q in session(y=y).ask(N, reasons=False)} == set(range(50, N))


def test_a_share_is_drawn_at_random_and_the_draws_go_on_when_the_share_changes():
    reviewed = session(settings(random_share=0.5, seed=3))
    whys = [q.why for q in answer_truly(reviewed, 8)]
    assert whys[1:4:2] == ["random", "random_flagged"] and set(whys[::2]) == {"anomalous"}
    reviewed.choose(random_share=0.0)
    answer_truly(reviewed, 5)
    reviewed.choose(random_share=1.0)
    so_far = questions_so_far(reviewed._core)
    assert so_far.n_drawn == 4 and so_far.n == 0
    answer_truly(reviewed, 4)
    assert questions_so_far(reviewed._core).n == 4
    sample = random_sample(N, 8, 3)
    assert all(reviewed._core.answers.answered[row] for row in sample)
    assert reviewed.estimates().n_drawn == len(sample) == 4


def test_the_rate_is_estimated_from_the_draws_and_certain_when_all_are_answered():
    reviewed = session(settings(order="random"))
    assert reviewed.estimates().anomaly_rate is None
    asked = answer_truly(reviewed, 20)
    found = reviewed.estimates()
    n_found = sum(TRUTH[q.row] < 0 for q in asked)
    assert found.n_drawn == 20 and found.anomaly_rate.value == pytest.approx(n_found / 20)
    assert found.anomaly_rate.low <= 0.1 <= found.anomaly_rate.high
    assert found.precision.low <= found.precision.value <= found.precision.high
    assert f"{found.n_drawn} rows drawn at random" in found.sentences[0]
    answer_truly(reviewed, N - 20)
    assert reviewed.estimates().anomaly_rate.value == pytest.approx(0.1)
    flagged = reviewed._core.scored.flagged
    assert tuple(reviewed.estimates().precision) == (pytest.approx((TRUTH[flagged] < 0).mean()),) * 3


def test_a_skipped_row_comes_again_at_the_end():
    reviewed = session()
    (first,) = reviewed.ask(reasons=False)
    reviewed.answer(first.id, "skip")
    asked = answer_truly(reviewed, N - 1)
    assert first.id not in [q.id for q in asked]
    (last,) = reviewed.ask(reasons=False)
    assert (last.id, last.why) == (first.id, "skipped")
    reviewed.answer(last.id, "normal")
    assert reviewed.ask() == []
    assert reviewed.advice().stop


def test_two_who_answer_at_once_are_asked_different_rows():
    ann = session(reviewer="ann")
    ben = ann.as_reviewer("ben")
    assert {q.id for q in ann.ask(3, reasons=False)} & {q.id for q in ben.ask(3, reasons=False)} == set()
    assert [q.rank for q in ann.ask(2, reasons=False)] == [1, 2]


def test_who_is_blind_is_asked_what_others_answered_first_and_sees_nothing_of_it():
    ann = session(reviewer="ann")
    asked = answer_truly(ann, 4)
    ann.answer(50, "normal")
    ben = ann.as_reviewer("ben", blind=True)
    questions = ben.ask(6, reasons=False)
    assert [q.id for q in questions[:5]] == [q.id for q in asked] + [50]
    assert [q.why for q in questions] == ["blind"] * 5 + ["anomalous"]
    assert all(q.others == () and q.known == () for q in questions)
    assert ann.question(50).mine.answer == "normal" and ben.question(50).mine is None
    ben.answer([q.id for q in questions[:5]], "normal")
    assert [q.why for q in ben.ask(2, reasons=False)] == ["anomalous"] * 2
    assert ann.question(asked[0].id).others[0].reviewer == "ben"


def test_informative_rows_are_near_the_threshold_and_unlike_what_is_answered():
    reviewed = session(settings(order="informative"))
    (question,) = reviewed.ask(reasons=False)
    n_flagged = int(reviewed._core.scored.flagged.sum())
    assert question.why == "informative" and question.rank in (n_flagged, n_flagged + 1)
    answer_truly(reviewed, 3)
    assert {q.why for q in reviewed.ask(3, reasons=False)} == {"informative"}


def test_advice_is_of_the_questions_in_order():
    reviewed = session(settings(random_share=0.5))
    asked = answer_truly(reviewed, 8)
    reviewed.answer([20, 21, 22], "normal")  # opened: no question
    advice = reviewed.advice()
    assert advice.answers == sum(q.why == "anomalous" for q in asked) and advice.n == 10
    assert reviewed.advice(3).n == 3
