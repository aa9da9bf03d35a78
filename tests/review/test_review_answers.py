"""What the lines of a log come to: the latest answer of each person, undoes, differences, labels."""

import numpy as np
import pytest

from askew.review.answer_log import LogLine
from askew.review.answers import Answers

GIVEN = np.array([0, 0, 1, -1, 0], dtype=np.int8)


def answers(*lines):
    numbered = [
        LogLine(
            kind,
            who,
            tuple(ids),
            tuple(said),
            seen=tuple({"why": why} for _ in ids),
            more={"of": of} if of else {},
            number=number,
            at=f"2026-01-01T00:00:{number:02}+00:00",
        )
        for number, (kind, who, ids, said, why, of) in enumerate(lines, start=1)
    ]
    return Answers(numbered, {i: i for i in range(len(GIVEN))}.get, GIVEN)


def said(who, ids, *words, why="anomalous", kind="answer"):
    return kind, who, ids, words, why, 0


def undo(who, of):
    return "undo", who, (), (), "", of


def labels(found):
    return np.asarray(found.labels).tolist()


def test_the_latest_answer_of_a_person_stands_and_outranks_the_data():
    found = answers(said("ann", [0, 2], "anomaly", "anomaly"), said("ann", [0], "normal"))
    assert labels(found) == [1, 0, -1, -1, 0]
    assert found.answered.tolist() == [True, False, True, False, False]
    assert labels(answers(said("ann", [3], "unsure"))) == [0, 0, 1, 0, 0]
    assert labels(answers()) == GIVEN.tolist()


@pytest.mark.parametrize(
    ("undoes", "expected"),
    [
        ([("ann", 2)], -1),
        ([("ann", 1)], 1),
        ([("ann", 2), ("ben", 1)], 0),
        ([("ann", 2), ("ann", 3)], 1),  # an undo is undone
        ([("ann", 2), ("ann", 3), ("ann", 4)], -1),
    ],
)
def test_undone_lines_do_not_count(undoes, expected):
    lines = [said("ann", [0], "anomaly"), said("ann", [0], "normal")]
    assert labels(answers(*lines, *(undo(*each) for each in undoes)))[0] == expected


def test_people_who_differ_leave_a_row_without_label_until_it_is_settled():
    lines = [said("ann", [0, 1, 2], *["anomaly"] * 3), said("ben", [0, 1], "normal", "unsure")]
    found = answers(*lines)
    assert found.differing == [0, 2]  # row 2 by its label in the data
    assert labels(found)[:3] == [0, -1, -1]
    settled = answers(*lines, said("cy", [0], "normal", kind="settle"))
    assert labels(settled)[0] == 1
    assert settled.differing == [0, 2]
    assert labels(answers(*lines, said("cy", [0], "normal", kind="settle"), undo("cy", 3)))[0] == 0


def test_a_skip_takes_no_answer_away_and_an_answer_ends_it():
    skipped = answers(said("ann", [0], "anomaly"), said("ann", [0, 1], "skip", "skip"))
    assert labels(skipped)[:2] == [-1, 0]
    assert skipped.skipped_by("ann").tolist() == [False, True, False, False, False]
    assert not skipped.answered[1] and not skipped.skipped_by("ben").any()
    assert not answers(said("ann", [1], "skip"), said("ann", [1], "normal")).skipped_by("ann").any()


def test_a_second_thought_is_still_an_answer_to_the_question():
    found = answers(
        said("ann", [0], "anomaly", why="random"),
        said("ann", [1], "skip", why="random"),
        said("ann", [0, 1, 4], "normal", "normal", "normal", why="opened"),
    )
    assert [found.standing[row]["ann"].why for row in (0, 1, 4)] == ["random", "random", "opened"]
    assert [each.said.answer for each in found.first_answers] == ["normal", "normal"]


def test_rows_that_are_not_there_are_left_out():
    assert labels(answers(said("ann", [77], "anomaly"))) == GIVEN.tolist()
