"""What reviewers share: one log, models that are kept, refits in the background, other data refused."""

import os
import signal

import numpy as np
import pytest
from review_cases import N_ANOMALIES, TRUTH, answer_truly, session, table

import askew
from askew.errors import DataFileError, InvalidInputError, ModelFileError
from askew.review import ReviewSession, ReviewSettings

KILLED = """
import sys
from review_cases import answer_truly, session
reviewed = session(folder=sys.argv[1], reviewer="ann")
while True:
    for question in answer_truly(reviewed, 1):
        print(question.id, flush=True)
"""


def test_a_session_that_was_killed_goes_on_where_it_stopped(forks, tmp_path):
    code = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n{KILLED}"
    child = forks.start(code, tmp_path / "s", folder=tmp_path)
    ids = [int(child.stdout.readline()) for _ in range(7)]
    os.kill(child.pid, signal.SIGKILL)
    ids += [int(line) for line in child.wait().stdout.split()]
    with session(folder=tmp_path / "s", reviewer="ann") as reviewed:
        answered = np.flatnonzero(np.asarray(reviewed.labels()))
        assert set(ids) <= set(answered) and len(answered) <= len(ids) + 1
        assert (np.asarray(reviewed.labels())[answered] == TRUTH[answered]).all()
        assert reviewed.previous() in (ids[-1], *answered)
        assert reviewed.ask(reasons=False)[0].row not in answered


def test_sessions_that_are_open_at_once_see_each_other(tmp_path):
    ann, ben = (session(folder=tmp_path, reviewer=name) for name in ("ann", "ben"))
    answer_truly(ann, 5)
    assert ben.progress().n_answered == 5 and ben.ask(reasons=False)[0].id == ann.ask(reasons=False)[0].id
    ben.refit()
    assert [model.number for model in ann.models()] == [1, 2] and ann.models()[1].is_current
    assert ann.change() == ben.change()
    np.testing.assert_array_equal(ann.model.score_samples(table()), ben.model.score_samples(table()))
    ann.go_back(1)
    assert ben.models()[0].is_current and ben.ask(reasons=False)[0].model == 1
    ann.choose(budget=9)
    assert ben.settings.budget == 9
    ben.undo()  # nothing of theirs
    assert ann.progress().n_answered == 5


def test_settings_and_models_are_those_of_the_folder(tmp_path):
    with session(folder=tmp_path, settings=ReviewSettings(order="informative", refit_every=0)) as first:
        first.answer([0, 1, 2], "anomaly")
        first.refit()
        scores = first.model.score_samples(table())
    again = ReviewSession(askew.Mahalanobis(), table(), folder=tmp_path)
    assert again.settings.order == "informative"
    assert [model.n_answers for model in again.models()] == [0, 3] and again.models()[1].is_current
    np.testing.assert_array_equal(again.model.score_samples(table()), scores)
    other = session(folder=tmp_path, model=askew.KDE(bandwidth=1.0))  # a model that is new to it
    assert [model.is_current for model in other.models()] == [False, False, True]
    assert other.settings.order == "anomalous"


def test_other_data_are_refused(tmp_path):
    X = table()
    session(folder=tmp_path).answer(3, "anomaly")
    ReviewSession(askew.Mahalanobis(), np.r_[X, X[:1]], folder=tmp_path)  # rows may be added
    X[3] += 1
    with pytest.raises(
        DataFileError, match=r"index 3 has other values than when it was answered\. Give the data"
    ):
        ReviewSession(askew.Mahalanobis(), X, folder=tmp_path)
    with pytest.raises(DataFileError, match="index 3 is not there"):
        ReviewSession(askew.Mahalanobis(), X[:3], folder=tmp_path)


def test_a_refit_in_the_background_reorders_the_list_and_tells_it(tmp_path):
    changes = []
    reviewed = session(
        ReviewSettings(random_share=0, refit_every=4), folder=tmp_path, on_refit=changes.append
    )
    before = reviewed.page(0, 60).lines
    asked = answer_truly(reviewed, 3)
    assert reviewed.refit_status().n_until == 1 and len(reviewed.models()) == 1
    asked += answer_truly(reviewed, 1)
    status = reviewed.wait(60)
    assert (status.state, status.n_new, status.n_until) == ("idle", 0, 4)
    (change,) = changes
    assert (change.before, change.after, change.n_answers) == (1, 2, 4)
    assert reviewed.change() == change and reviewed.change(1) is None
    assert (change.n_new, change.n_right) == (4, sum(q.flagged == (TRUTH[q.row] < 0) for q in asked))
    after = reviewed.page(0, 60).lines
    assert [line.score for line in after] != [line.score for line in before]
    assert all(line.severity > 90 for line in after if line.row < N_ANOMALIES and line.mine)


def test_going_back_keeps_the_answers_and_does_not_refit_at_once():
    reviewed = session(ReviewSettings(random_share=0, refit_every=5))
    answer_truly(reviewed, 5)
    reviewed.wait(60)
    reviewed.go_back(1)
    status = reviewed.refit_status()
    assert (status.n_new, status.n_until) == (5, 5)
    assert reviewed.progress().n_answered == 5 and reviewed.question(0).model == 1
    answer_truly(reviewed, 4)
    reviewed.wait(60)
    assert [model.is_current for model in reviewed.models()] == [True, False]
    answer_truly(reviewed, 1)
    reviewed.wait(60)
    assert [model.n_answers for model in reviewed.models()] == [0, 5, 10]
    with pytest.raises(InvalidInputError, match="between 1 and 3; got 4"):
        reviewed.go_back(4)
    with pytest.raises(InvalidInputError, match="between 1 and 3; got 9"):
        reviewed.change(9)


def test_a_refit_that_fails_leaves_the_session_as_it_is():
    reviewed = session(ReviewSettings(random_share=0, refit_every=60))
    reviewed.answer(list(range(60)), "anomaly")  # nothing is left to learn normal from
    status = reviewed.wait(60)
    assert status.state == "failed" and "normal" in status.error and status.n_until == 60
    assert len(reviewed.models()) == 1 and reviewed.ask() == []
    with pytest.raises(InvalidInputError, match="normal"):
        reviewed.refit()
    reviewed.undo()
    reviewed.answer([0, 1], "anomaly")
    reviewed.refit()
    assert reviewed.refit_status().state == "idle" and len(reviewed.models()) == 2


def test_further_training_rows_are_learned_from():
    X, alone = table(), session()
    more = X[:N_ANOMALIES] + 50.0
    known = askew.labels.ours(np.r_[np.zeros(len(X), int), np.ones(len(more), int)])
    reviewed = session(training=(np.r_[X, more], known))
    for each in (alone, reviewed):
        each.answer(7, "normal")
        each.refit()
    assert reviewed.model.score_samples(more).min() > alone.model.score_samples(more).max()


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")  # few anomalies are held out
def test_a_threshold_is_refitted_with_its_rule():
    model = askew.calibration.from_rule("quantile:0.2", askew.Mahalanobis().fit(table())).fit(table())
    reviewed = session(model=model)
    answer_truly(reviewed, 8)
    reviewed.refit()
    assert type(reviewed.model) is type(model) and reviewed.model.contamination == 0.2
    assert reviewed.question(0).threshold == reviewed.model.offset_


def test_a_model_file_that_is_gone_is_said(tmp_path):
    reviewed = session(folder=tmp_path)
    reviewed.answer([0, 1], "anomaly")
    reviewed.refit()
    again = session(folder=tmp_path)
    for path in tmp_path.glob("model-001*"):
        path.unlink()
    assert again.ask(reasons=False)
    with pytest.raises(ModelFileError, match="Put the file back"):
        again.go_back(1)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="must be a folder, or one that can be made"):
        session(folder=tmp_path / "file")


def test_answers_that_are_learned_are_not_learned_again():
    heard = []
    reviewed = session(ReviewSettings(random_share=0, refit_every=5), on_refit=heard.append)
    answer_truly(reviewed, 5)
    change = reviewed.refit()  # waits for the one in the background
    assert change.after == 2 and reviewed.refit() == change and heard == [change]
    reviewed.undo()
    assert reviewed.refit().n_answers == 4


def test_answers_that_repeat_what_is_known_do_not_refit_for_ever():
    ann = session(ReviewSettings(random_share=0, refit_every=5), reviewer="ann")
    asked = answer_truly(ann, 5)
    ann.wait(60)
    ben = ann.as_reviewer("ben", blind=True)
    ben.answer([q.id for q in asked], [int(TRUTH[q.row]) for q in asked])
    status = ben.wait(60)
    assert (status.state, status.n_until) == ("idle", 5) and len(ann.models()) == 2
