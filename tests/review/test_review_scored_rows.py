"""The rows as one model sees them: ranks, flags and severities; scores by members."""

import numpy as np
import pytest
from review_cases import N_ANOMALIES, table

import askew
from askew.review.scored_rows import ScoredRows


def test_ranks_flags_and_severities_go_by_the_scores():
    X = table()
    model = askew.Mahalanobis().fit(X)
    scored = ScoredRows.of(1, model, X)
    assert scored.order[scored.ranks - 1].tolist() == list(range(len(X)))
    assert (np.diff(scored.scores[scored.order]) >= 0).all()
    np.testing.assert_array_equal(scored.flagged, model.predict(X) == -1)
    assert (np.diff(scored.severities[scored.order]) <= 0).all()
    assert 0 <= scored.severities.min() and scored.severities.max() < 100


def test_of_a_threshold_they_are_the_thresholds():
    X = table()
    model = askew.calibration.from_rule("quantile:0.1", askew.Mahalanobis().fit(X[N_ANOMALIES:])).fit(X)
    scored = ScoredRows.of(1, model, X)
    np.testing.assert_array_equal(scored.severities, model.severity(X))
    np.testing.assert_array_equal(scored.flagged, model.predict(X) == -1)


@pytest.mark.parametrize(
    ("make", "n_members"),
    [
        (lambda: askew.AutoEncoder(n_members=2, random_state=0).set_params(training__epochs=1), 2),
        (
            lambda: askew.AutoDetector(
                candidates=("mahalanobis", "isolation_forest"), n_folds=2, random_state=0
            ),
            2,
        ),
        (askew.Mahalanobis, None),
    ],
)
def test_scores_by_members(make, n_members):
    X = table()
    scored = ScoredRows.of(1, make().fit(X), X)
    members = scored.member_scores(X)
    if n_members is None:
        assert members is None
        return
    assert members.shape == (n_members, len(X))
    for each in members:  # in the score's direction
        assert np.corrcoef(each, scored.scores)[0, 1] > 0
