"""Pictures: the mark stands where the score is, anomalies are to the left, squares where they are."""

import re

import numpy as np

from askew.review import Place
from askew.review.page.drawings import curve, marks, ruler


def marked(drawn):
    return float(re.search(r'points="([\d.]+),', drawn)[1])


def test_the_ruler_marks_the_score_among_all():
    scores = np.r_[np.random.default_rng(0).normal(size=500), -9.0]
    for name in ("wide", "narrow"):
        low, middle, high = (marked(dict(ruler(scores, -2.0, at))[name]) for at in (-9.0, -2.0, 3.0))
        assert low < middle < high
    assert 'class="cut"' in ruler(scores, -2.0, 0.0)[0][1]
    assert 'class="cut"' not in ruler(scores, -np.inf, 0.0)[0][1]  # a threshold that flags nothing
    assert marked(ruler(np.full(9, 2.0), 2.0, 2.0)[0][1]) > 0


def test_the_curve_begins_with_the_second_answer():
    assert curve([1]) == ""
    assert "Anomalies found: 2 in 3 answers" in curve([1, 1, 2])


def test_squares_are_framed_the_stronger_the_larger_their_share():
    drawn = marks([Place(4, 8, 2, 3, 0.6), Place(0, 0, 2, 3, 0.2)], (16, 20))
    assert 'viewBox="0 0 20 16"' in drawn and 'x="8" y="4" width="3" height="2"' in drawn
    assert [float(each) for each in re.findall(r'opacity="([\d.]+)"', drawn)] == [1.0, 0.57]
