"""Reasons: the planted column comes first; they are worked out once; a model without any has none."""

import numpy as np
from review_cases import table

import askew
from askew.review.reasons import Reasons
from askew.review.rows import rows_in_memory
from askew.review.scored_rows import ScoredRows


def test_the_column_that_drove_a_score_comes_first():
    X = table()
    scored = ScoredRows.of(1, askew.Mahalanobis().fit(X), X)
    reasons = Reasons(rows_in_memory(X), seed=0)
    assert reasons.known(scored, 0) is None
    first, again, second = reasons.of(scored, [0, 0, 1])
    assert first is again
    for row, why in ((0, first), (1, second)):
        assert why.drivers[0].column == "x0" and why.drivers[0].observed == X[row, 0]
        assert why.drivers[0].expected < 3 and why.drivers[0].share > 0.5
    assert reasons.known(scored, 0) is first
    assert reasons.of(ScoredRows.of(2, scored.model, X), [0])[0] is not first


def test_an_image_has_the_places_and_what_was_expected():
    X = np.random.default_rng(0).integers(0, 40, size=(40, 1, 8, 8)).astype(np.uint8)
    X[3, 0, 2:4, 4:6] = 255
    scored = ScoredRows.of(1, askew.KDE(bandwidth=3.0).fit(X), X)
    (why,) = Reasons(rows_in_memory(X), seed=0).of(scored, [3])
    place = why.drivers[0]
    assert 2 <= place.top < 4 and 4 <= place.left < 6
    assert len(why.drivers) <= 3 and why.expected.shape == (1, 8, 8)


def test_a_model_that_flags_everything_has_no_reasons():
    X = table()
    model = askew.calibration.from_rule("quantile:0.5", askew.Mahalanobis().fit(X)).fit(X + 100.0)
    scored = ScoredRows.of(1, model, X)
    model.offset_ = np.inf
    (why,) = Reasons(rows_in_memory(X), seed=0).of(ScoredRows.of(1, model, X), [0])
    assert scored.scores.shape == (len(X),) and why.drivers == () and why.expected is None
