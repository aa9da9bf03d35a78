"""What a refit changed: rows that crossed the threshold, answers taken as the person does; kept as JSON."""

import json

import numpy as np
import pytest

from askew.review.change import Learned, change_as_dict, change_between, change_of_dict
from askew.review.scored_rows import ScoredRows


def scored(number, scores, threshold):
    scores = np.array(scores, dtype=float)
    return ScoredRows(number, None, scores, 10 * np.arange(len(scores))[::-1], threshold)


BEFORE = scored(1, [1, 2, 3, 4, 5], 2.5)
AFTER = scored(2, [3, 1, 0, 5, 2], 2.5)
IDS = ["a", "b", "c", "d", "e"]


def change(answers):
    answers = np.array(answers, dtype=np.int8)
    return change_between(BEFORE, AFTER, Learned(answers, np.arange(5) < 4, 1.25), IDS)


def test_rows_that_crossed_the_threshold_are_named():
    found = change([0, 0, -1, 1, -1])
    assert [move.id for move in found.flagged] == ["c", "e"]  # the most anomalous now first
    assert [move.id for move in found.passed] == ["a"]
    assert (found.flagged[0].before, found.flagged[0].after, found.flagged[0].flagged) == (3, 1, True)
    assert (found.n_flagged_before, found.n_flagged_after, found.n_newly_flagged, found.n_passed) == (
        2,
        3,
        2,
        1,
    )
    assert (found.n_new, found.n_right) == (2, 1)  # of the rows c and d, the old model flagged neither
    assert found.n_answers == 3
    assert found.rank_correlation == pytest.approx(np.corrcoef([1, 2, 3, 4, 5], [4, 2, 1, 5, 3])[0, 1])


def test_a_change_is_kept_as_json():
    found = change([0, 0, -1, 1, -1])
    assert change_of_dict(json.loads(json.dumps(change_as_dict(found)))) == found
    nothing = change([0] * 5)
    assert nothing.n_new == 0 and len(nothing.sentences()) == 3
    assert change_of_dict(json.loads(json.dumps(change_as_dict(nothing)))) == nothing


def test_sentences():
    assert change([0, 0, -1, 1, -1]).sentences() == [
        "Model 2 learned from 3 answers in 1.2 s.",
        "Flagged: from 2 to 3 rows (2 newly flagged, 1 no longer).",
        "Model 1 took 1 of 2 answers that were new to it as you do; how good model 2 is, the next answers tell.",
        "The order of all rows is quite another (rank correlation 0.10).",
    ]


def test_equal_scores_have_an_order_too():
    flat = scored(1, [1, 1, 1], 0.0)
    none = np.zeros(3, np.int8)
    assert change_between(flat, flat, Learned(none, none == 0, 0.0), IDS[:3]).rank_correlation == 1.0
