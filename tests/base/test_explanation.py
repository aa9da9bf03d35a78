"""Explanation: the tables that it gives."""

import numpy as np
import pandas as pd
import pytest

from askew.errors import InvalidInputError
from detector_cases import fitted, table

X, Y = table(rows=80)


class TestExplanation:
    @pytest.fixture
    def why(self):
        frame = pd.DataFrame(X, columns=list("abcd"), index=[f"r{i}" for i in range(80)])
        return fitted("isolation_forest", frame, Y).explain(frame)

    def test_top_lists_what_lowers_the_score_worst_first(self, why):
        top = why.top(2)
        first = top[top["row"] == "r0"]
        order = np.argsort(why.contributions[0])
        assert first["feature"].tolist() == [why.features[j] for j in order[:2]]
        assert (first["contribution"] < 0).all() and first["contribution"].is_monotonic_increasing
        assert first["observed"].tolist() == X[0, order[:2]].tolist()
        assert (top["contribution"] < 0).all()

    def test_shares_are_of_what_lowers_the_score(self, why):
        shares = why.shares()
        assert (shares[why.contributions >= 0] == 0).all()
        np.testing.assert_allclose(shares.sum(axis=1)[(why.contributions < 0).any(axis=1)], 1.0)

    def test_to_frame_has_rows_and_features(self, why):
        frame = why.to_frame()
        assert frame.index.tolist()[:2] == ["r0", "r1"] and frame.columns.tolist() == list("abcd")
        np.testing.assert_array_equal(frame, why.contributions)

    @pytest.mark.parametrize("k", [0, -1, 1.5, True])
    def test_an_impossible_k_is_refused(self, why, k):
        with pytest.raises(InvalidInputError, match=r"k of Explanation\.top must be an integer"):
            why.top(k)
