"""Rows held out: each label's share, one seed, and something left on both sides."""

import numpy as np
import pytest

import askew
from askew.calibration import hold_out
from askew.errors import InvalidInputError, LabelError

Y = askew.labels.ours(np.repeat([0, 1, -1], [100, 20, 10]))


@pytest.mark.parametrize("share, counts", [(0.2, (20, 4, 2)), (0.5, (50, 10, 5)), (0.01, (1, 1, 1))])
def test_shares_of_each_label(share, counts):
    fit, held_out = hold_out(Y, share=share)
    assert sorted([*fit, *held_out]) == list(range(130))
    assert [int((Y[held_out] == label).sum()) for label in (0, 1, -1)] == list(counts)
    assert (np.diff(fit) > 0).all() and (np.diff(held_out) > 0).all()


def test_one_anomaly_stays_to_learn_from_and_of_two_one_is_held_out():
    assert (hold_out([0] * 50 + [-1], share=0.9).fit == 50).any()
    for share in (0.01, 0.99):
        fit, held_out = hold_out([0] * 50 + [-1, -1], share=share)
        assert (fit >= 50).sum() == (held_out >= 50).sum() == 1


def test_seed_decides():
    one, same, other = (hold_out(Y, random_state=seed).held_out.tolist() for seed in (0, 0, 1))
    assert one == same != other


def test_a_row_whose_label_changes_moves_few_others():
    before = set(hold_out(Y, share=0.2).held_out.tolist())
    relabelled = askew.labels.ours(np.r_[np.repeat(-1, 5), np.asarray(Y)[5:]])
    assert len(before ^ set(hold_out(relabelled, share=0.2).held_out.tolist())) <= 5


def test_rows_without_labels():
    assert [len(rows) for rows in hold_out(None, 50)] == [40, 10]


def test_refusals():
    for share in (0, 1, -0.1, "half", True):
        with pytest.raises(InvalidInputError, match=r"share of hold_out must be in \(0, 1\); got"):
            hold_out(Y, share=share)
    with pytest.raises(InvalidInputError, match="None would be held out; add rows"):
        hold_out(askew.labels.ours([0, -1, -1]), share=0.5)
    with pytest.raises(LabelError, match="y of hold_out must be"):
        hold_out([0, 1, 2])
