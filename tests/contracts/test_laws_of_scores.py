"""Laws of scores that every detector keeps."""

import numpy as np
import pytest

from askew.base.preparation.interface import Preparation
from detector_cases import DEEP, NAMES, NEED_ANOMALIES, fitted, shared, table

X, Y = table()
NEW = table(rows=40, seed=1)[0]


# Their few trees, of few leaves each, split rows into few groups, and all of a group have one score.
WITH_TIES = {"gradient_boosting", "extra_trees"}


@pytest.fixture(scope="module", params=NAMES)
def detector(request):
    return shared(request.param, X, Y)


def test_scoring_twice_is_equal(detector):
    np.testing.assert_array_equal(detector.score_samples(NEW), detector.score_samples(NEW))


def test_scores_are_one_float64_per_row_and_differ(detector):
    scores = detector.score_samples(NEW)
    assert scores.shape == (40,) and scores.dtype == np.float64
    assert np.isfinite(scores).all()
    assert np.unique(scores).size > (1 if detector.name in WITH_TIES else 30)


def test_a_rows_score_does_not_depend_on_its_neighbours(detector):
    together = detector.score_samples(NEW)
    alone = np.concatenate([detector.score_samples(row) for row in np.split(NEW[:8], 8)])
    np.testing.assert_allclose(together[:8], alone, rtol=1e-12, atol=1e-12)
    beside_giants = detector.score_samples(np.r_[NEW, NEW * 1e6])[:40]
    np.testing.assert_allclose(together, beside_giants, rtol=1e-12, atol=1e-12)


def test_row_order_does_not_matter(detector):
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_allclose(
        detector.score_samples(NEW[order]), detector.score_samples(NEW)[order], rtol=1e-12, atol=1e-12
    )


def test_many_rows_are_scored_as_few_are(detector, monkeypatch):
    monkeypatch.setattr(Preparation, "chunk", 256)
    many = np.tile(NEW, (60, 1))  # several chunks, several threads
    scores = detector.score_samples(many).reshape(60, 40)
    np.testing.assert_allclose(scores, np.tile(detector.score_samples(NEW), (60, 1)), rtol=1e-12, atol=1e-12)


def test_decision_is_score_minus_offset_and_predict_its_sign(detector):
    decision = detector.decision_function(NEW)
    np.testing.assert_array_equal(decision, detector.score_samples(NEW) - detector.offset_)
    predicted = detector.predict(NEW)
    assert predicted.dtype.kind == "i" and set(predicted) <= {-1, 1}
    np.testing.assert_array_equal(predicted == 1, decision >= 0)


def test_anomaly_score_is_the_other_direction(detector):
    np.testing.assert_array_equal(detector.anomaly_score(NEW), -detector.score_samples(NEW))


def test_far_away_is_less_normal(detector):
    if detector.name in NEED_ANOMALIES:
        return  # classifiers ask which side of a boundary a row is on; far from both kinds says nothing
    far = np.full((1, 4), 300.0) * [1, -1, 1, -1]
    assert detector.score_samples(far)[0] < detector.score_samples(X[6:]).min()


@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # trees compute in float32
def test_finite_rows_of_any_size_get_a_score_that_is_no_nan(detector):
    giants = np.array(
        [[1e40, -1e40, 1e39, 0.0], [1e155, 1.0, 1.0, 1.0], [1e300] * 4, [1e308, -1e308, 1e308, 1e308]]
    )
    scores = detector.score_samples(giants)
    assert not np.isnan(scores).any()
    if detector.name not in NEED_ANOMALIES:  # to a classifier a giant may be on the normal side
        assert scores[0] < detector.score_samples(X[6:]).mean()


@pytest.mark.parametrize("contamination", [0.05, 0.5])
@pytest.mark.parametrize("name", NAMES)
def test_contamination_is_exact_on_the_training_rows_without_known_anomalies(name, contamination):
    detector = fitted(name, X[:46], Y[:46], contamination=contamination)  # 40 of them are not anomalies
    decision = detector.decision_function(X[6:46])
    # equal where no two scores are, and with rows that tie at the offset nearest from below
    assert (decision < 0).sum() <= round(40 * contamination) <= (decision <= 0).sum()
    np.testing.assert_array_equal(detector.predict(X[6:46]) == -1, decision < 0)


@pytest.mark.parametrize("name", DEEP)
def test_member_scores_average_to_the_score_and_members_differ(name):
    detector = shared(name, X, Y)
    members = detector.member_scores(NEW)
    assert members.shape == (2, 40)
    np.testing.assert_allclose(members.mean(axis=0), detector.score_samples(NEW), rtol=1e-12)
    assert np.abs(members[0] - members[1]).max() > 1e-6
    assert len({member.seed for member in detector.members_}) == 2


@pytest.mark.parametrize("name", DEEP)
def test_codes_are_one_row_each_and_independent_of_neighbours(name):
    detector = shared(name, X, Y)
    codes = detector.encode(NEW)
    assert codes.ndim == 2 and len(codes) == 40
    np.testing.assert_allclose(codes[7:8], detector.encode(NEW[7:8]), rtol=1e-12, atol=1e-12)
