"""Quantile flags no more ordinary rows than it says, whatever the number of held-out rows."""

import numpy as np
import pytest
from calibration_cases import on_scores
from hypothesis import given
from hypothesis import strategies as st

from askew.calibration import Quantile
from askew.errors import InvalidInputError


def test_flags_p_values_up_to_contamination():
    threshold = on_scores(Quantile, np.arange(1.0, 100.0), contamination=0.05)
    assert threshold.offset_ == 5.0
    new = np.array([4.9, 5.0])
    assert threshold.judge(new).prediction.tolist() == [-1, 1]
    np.testing.assert_allclose(threshold.judge(new).p_value, [0.05, 0.06], rtol=1e-12)


@pytest.mark.parametrize("contamination", [0.05, 0.1, 0.29, 1 / 3, 0.5])
@pytest.mark.parametrize("n", [19, 29, 99])
def test_share_of_ordinary_rows_by_counting(n, contamination):
    scores = np.random.default_rng(n).normal(size=n + 1)
    flagged = [
        scores[place] < on_scores(Quantile, np.delete(scores, place), contamination=contamination).offset_
        for place in range(n + 1)
    ]
    # the largest multiple of 1 / (n + 1) that is not above it
    assert sum(flagged) == int(contamination * (n + 1) + 1e-9)


def test_too_few_rows_are_refused_and_the_number_named_is_enough():
    with pytest.raises(
        InvalidInputError, match=r"contamination of Quantile must be at least .* 0.056 here; got 0.05"
    ):
        on_scores(Quantile, np.arange(17.0), contamination=0.05)
    with pytest.raises(InvalidInputError, match="Hold out at least 19 rows"):
        on_scores(Quantile, np.arange(18.0), contamination=0.05)
    assert on_scores(Quantile, np.arange(19.0), contamination=0.05).offset_ == 0.0


@given(st.lists(st.integers(0, 9), min_size=5, max_size=40), st.floats(0.2, 0.5))
def test_ties_never_flag_more_than_it_says(scores, contamination):
    """Each row left out in turn, which is what exchangeable means: the share flagged is at most contamination."""
    scores = np.array(scores, dtype=float)
    judged = [
        on_scores(Quantile, np.delete(scores, place), contamination=contamination).judge(scores[[place]])
        for place in range(len(scores))
    ]
    assert sum(each.prediction[0] == -1 for each in judged) <= contamination * len(scores) + 1e-6
    p = np.array([each.p_value[0] for each in judged])
    for level in np.unique(p):
        assert (p <= level).mean() <= level + 1e-12


@pytest.mark.parametrize("contamination", [0.0, 0.5000001, np.nan])
def test_a_share_out_of_range_is_refused(contamination):
    with pytest.raises(InvalidInputError, match=r"contamination of Quantile must be in \(0, 0.5\]; got"):
        on_scores(Quantile, np.arange(99.0), contamination=contamination)


def test_a_known_anomaly_at_the_cut_off_is_not_found():
    said = on_scores(Quantile, np.arange(1.0, 100.0), [4.0, 5.0], contamination=0.05)
    assert (said.offset_, said.expected_.recall.value) == (5.0, 0.5)
