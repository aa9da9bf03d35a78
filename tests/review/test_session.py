"""A session as its user meets it: answers, undo, back, lists, bulk answers, conflicts, history."""

import threading

import numpy as np
import pytest
from review_cases import N_ANOMALIES, TRUTH, N, answer_truly, session, table

import askew
from askew.errors import InvalidInputError
from askew.review import GIVEN, ReviewSettings


def standing(reviewed):
    return {line.id: line.mine.answer for line in reviewed.page(0, N).lines if line.mine}


def test_the_loop_of_the_documentation():
    reviewed = askew.ReviewSession(askew.Mahalanobis(), table())
    for question in reviewed.ask(5):
        reviewed.answer(question.id, "anomaly" if question.drivers[0].observed > 2 else "normal")
    change = reviewed.refit()
    assert (change.after, change.n_answers) == (2, 5)
    assert reviewed.progress().n_answered == 5


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("normal", ["normal"] * 4),
        (["anomaly", "normal", "unsure", "skip"], ["anomaly", "normal", "unsure"]),
        ([-1, 1, 0, "skip"], ["anomaly", "normal", "unsure"]),
        (np.array([-1, 1, 0, -1]), ["anomaly", "normal", "unsure", "anomaly"]),
        (-1.0, ["anomaly"] * 4),
    ],
)
def test_answers_are_words_or_labels(labels, words):
    reviewed = session()
    assert reviewed.answer([3, 4, 5, 6], labels) == reviewed.history()[0].number
    assert standing(reviewed) == dict(zip((3, 4, 5, 6), words, strict=False))


@pytest.mark.parametrize(
    ("ids", "labels", "match"),
    [
        (
            3,
            "anomalous",
            r"label .* 'anomaly', 'normal', 'unsure', 'skip', or the labels -1, \+1, 0; got 'anomalous'",
        ),
        (3, True, "got True"),
        (3, 2, "got 2"),
        (3, None, "got None"),
        ([3, 4], ["normal"], "one or 2 answers; got 1"),
        ([], "normal", "one row or several"),
        (99, "normal", "the name of a row; got 99"),
        ([3, 99], "normal", "the name of a row; got 99"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_is_stored(ids, labels, match):
    reviewed = session()
    with pytest.raises(InvalidInputError, match=match):
        reviewed.answer(ids, labels)
    assert [entry.kind for entry in reviewed.history()] == ["settings", "open"]


def test_undo_takes_back_the_last_deed_and_any_other():
    reviewed = session(reviewer="ann")
    first = reviewed.answer(0, "anomaly")
    reviewed.answer([1, 2, 3], "normal")
    assert reviewed.undo().ids == (1, 2, 3)  # a bulk answer is one deed
    assert standing(reviewed) == {0: "anomaly"}
    ben = reviewed.as_reviewer("ben")
    assert ben.undo() is None
    assert ben.undo(first).undone and standing(reviewed) == {}
    assert reviewed.undo() is None
    reviewed.undo(reviewed.history()[0].number)  # the undo itself
    assert standing(reviewed) == {0: "anomaly"}
    for number in (first + 99, 1, "x"):
        with pytest.raises(InvalidInputError, match=r"number of ReviewSession\.undo must be"):
            reviewed.undo(number)
    with pytest.raises(InvalidInputError, match="go_back"):
        reviewed.refit()
        reviewed.undo(reviewed.history()[0].number)


def test_back_goes_through_ones_own_answers():
    reviewed = session(reviewer="ann")
    assert reviewed.previous() is None
    for id in (5, 7, 9):
        reviewed.answer(id, "normal")
    reviewed.as_reviewer("ben").answer(11, "normal")
    reviewed.answer(5, "anomaly")
    seen, id = [], None
    while (id := reviewed.previous(id)) is not None:
        seen.append(id)
    assert seen == [5, 9, 7]
    assert reviewed.question(5).mine.answer == "anomaly"


def test_what_was_seen_is_kept():
    reviewed = session(reviewer="ann")
    (question,) = reviewed.ask()
    reviewed.refit()  # the question was of model 1
    reviewed.answer(question.id, "anomaly", " far out ", seen=[question])
    entry = reviewed.history()[0]
    assert (entry.reviewer, entry.reason, entry.model, entry.answer) == ("ann", "far out", 1, "anomaly")
    (seen,) = entry.seen
    assert (seen["score"], seen["rank"], seen["why"]) == (question.score, 1, "anomalous")
    assert seen["drivers"][0]["column"] == "x0" and len(seen["digest"]) == 16
    assert reviewed.history(1, 1)[0].kind == "refit"


def test_one_answer_may_do_for_rows_alike():
    X = np.r_[table(), np.tile([[9.0, 9.0]], (6, 1))]
    reviewed = askew.ReviewSession(askew.Mahalanobis(), X, settings=ReviewSettings(refit_every=0))
    found = reviewed.alike(N)
    assert {q.id for q in found} == set(range(N + 1, N + 6)) and {q.why for q in found} == {"alike"}
    reviewed.answer([N, *(q.id for q in found)], "anomaly")
    assert reviewed.progress().n_anomalies == 6
    assert reviewed.alike(N) == []
    assert reviewed.advice().answers == 1  # the first was due, the others were no questions
    reviewed.undo()
    assert reviewed.progress().n_answered == 0


def test_conflicts_are_shown_and_settled():
    y = np.zeros(N, int)
    y[2] = -1
    ann = session(y=y, reviewer="ann")
    ben, blind = ann.as_reviewer("ben"), ann.as_reviewer("cy", blind=True)
    ann.answer([0, 1, 2], "normal", "looked twice")
    ben.answer([0, 1], ["anomaly", "normal"])
    of_people, of_data = ann.conflicts()
    assert [(said.reviewer, said.answer, said.reason) for said in of_people.said] == [
        ("ann", "normal", "looked twice"),
        ("ben", "anomaly", ""),
    ]
    assert of_data.id == 2 and of_data.said[0].reviewer == GIVEN and ann.labels()[2] == 1
    assert blind.conflicts() == [] and blind.progress().n_answered == 0
    assert ann.progress().n_conflicts == 1 and ann.labels()[0] == 0
    ben.settle(0, "anomaly", "with the files")
    assert ann.labels()[0] == -1 and ann.progress().n_conflicts == 0
    assert ann.conflicts()[0].settled.reason == "with the files"
    with pytest.raises(InvalidInputError, match="anomaly, normal or unsure; got 'skip'"):
        ben.settle(0, "skip")
    ben.undo()
    assert ann.labels()[0] == 0


def test_progress_and_reviewers():
    reviewed = session(ReviewSettings(random_share=0, refit_every=0, budget=4), reviewer="ann")
    asked = answer_truly(reviewed, 3)
    reviewed.as_reviewer("ben", blind=True).answer(asked[0].id, "normal")
    reviewed.answer([30, 31], ["unsure", "skip"])
    found = reviewed.progress()
    n = sum(TRUTH[q.row] < 0 for q in asked)
    assert (found.n_rows, found.n_answered, found.n_unsure, found.n_skipped) == (N, 4, 1, 1)
    assert found.n_anomalies + found.n_normal + found.n_conflicts + found.n_unsure == found.n_answered
    assert (found.n_today, found.n_left_today) == (4, 0)
    assert found.curve[:3] == tuple(np.cumsum([TRUTH[q.row] < 0 for q in asked])) and max(found.curve) == n
    ann, ben = reviewed.reviewers()
    assert (ann.name, ann.n_answers, ann.n_anomalies, ann.blind) == ("ann", 4, n, False)
    assert (ben.name, ben.n_answers, ben.blind) == ("ben", 1, True)


def test_who_is_blind_reads_nothing_of_others_in_the_history():
    ann = session(reviewer="ann")
    ann.answer(1, "anomaly")
    ben = ann.as_reviewer("ben", blind=True)
    ben.answer(1, "normal")
    assert [entry.kind for entry in ben.history()] == ["answer", "settings", "open"]
    assert [entry.reviewer for entry in ann.history()][:2] == ["ben", "ann"]


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, GIVEN, 7, "a\x1bb"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(InvalidInputError, match="reviewer of ReviewSession must be a name"):
        session(reviewer=name)


def test_who_listens_hears_of_every_line():
    heard = []
    reviewed = session(on_answer=heard.append)
    reviewed.answer(1, "anomaly")
    reviewed.undo()
    reviewed.choose(budget=3)
    assert [entry.kind for entry in heard] == ["answer", "undo", "settings"]
    assert reviewed.choose(budget=3).budget == 3 and len(heard) == 3


def test_threads_that_answer_at_once_lose_nothing(tmp_path):
    reviewed = session(ReviewSettings(random_share=0.1, refit_every=7), folder=tmp_path)
    people = [reviewed.as_reviewer(f"p{k}") for k in range(4)]
    failed = []

    def work(person):
        try:
            for _ in range(10):
                (question,) = person.ask(reasons=False)
                person.answer(question.id, int(TRUTH[question.row]))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [each.n_answers for each in reviewed.reviewers()] == [10] * 4
    reviewed.wait(60)
    labels = np.asarray(reviewed.labels())
    assert (labels[labels != 0] == TRUTH[labels != 0]).all() and (labels[:N_ANOMALIES] == -1).all()
    assert len(reviewed.models()) > 1
    reviewed.close()


def test_a_model_is_saved(tmp_path):
    reviewed = session()
    reviewed.save_model(tmp_path / "m.askew")
    found = askew.load(tmp_path / "m.askew").score_samples(table())
    np.testing.assert_array_equal(found, reviewed.model.score_samples(table()))


def test_a_table_has_no_pictures():
    with pytest.raises(InvalidInputError, match="must be of an image"):
        session().picture(0)


def test_a_model_of_texts_is_refused():
    with pytest.raises(
        InvalidInputError, match="model of ReviewSession must be a detector of tables; got SentenceVAE"
    ):
        askew.ReviewSession(askew.SentenceVAE(), ["a text", "another"])
