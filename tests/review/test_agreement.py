"""Agreement: kappa by hand, pairs with rows in common, who was blind."""

import pytest
from review_cases import session

import askew
from askew.review.agreement import kappa
from askew.review.reports import Agreement


def test_kappa_by_hand():
    """Cohen's classic: agreed on 35 of 50, by chance on half."""
    value, (low, high) = kappa([(-1, -1)] * 20 + [(-1, 1)] * 5 + [(1, -1)] * 10 + [(1, 1)] * 15)
    assert value == pytest.approx(0.4)
    assert low < 0.4 < high < 1
    value, (low, high) = kappa([(-1, -1)] * 5 + [(1, 1)] * 5)
    assert value == 1.0 and high == 1.0 and low < 0.5  # ten rows prove little
    assert kappa([(-1, 1), (1, -1)])[0] == pytest.approx(-1.0)
    assert kappa([(1, 1)] * 9) == (None, None)


def test_pairs_have_rows_that_both_called_anomaly_or_normal():
    ann = session(reviewer="ann")
    assert ann.agreement() == []
    ben, cy = ann.as_reviewer("ben", blind=True), ann.as_reviewer("cy")
    ann.answer([1, 2, 3, 4], ["anomaly", "anomaly", "normal", "unsure"])
    ben.answer([1, 2, 3, 4], ["anomaly", "normal", "normal", "normal"])
    cy.answer([9, 3], "normal")
    pairs = {(pair.first, pair.second): pair for pair in ann.agreement()}
    assert set(pairs) == {("ann", "ben"), ("ann", "cy"), ("ben", "cy")}
    first = pairs["ann", "ben"]
    assert (first.n_both, first.n_agreed, first.blind) == (3, 2, True)
    assert first.kappa == pytest.approx(0.4)
    assert pairs["ann", "cy"] == Agreement("ann", "cy", 1, 1, None, None, False)


def test_kappa_is_that_of_scikit_learn():
    from sklearn.metrics import cohen_kappa_score

    a, b = [1, 1, -1, 1, -1, -1, 1], [1, -1, -1, 1, 1, -1, 1]
    assert kappa(list(zip(a, b, strict=True)))[0] == pytest.approx(cohen_kappa_score(a, b))
    assert askew.ReviewSession is type(session())
