"""explain: the ways it chooses, backgrounds, and what is refused."""

import numpy as np
import pytest

import askew
from askew.errors import InvalidInputError
from askew.explain import explain
from detector_cases import fitted, table

X, Y = table(rows=80)


def test_a_wrapper_and_the_function_explain_as_the_method_does():
    detector = fitted("vae", X, Y)
    np.testing.assert_array_equal(
        explain(detector, X[:3]).contributions, detector.explain(X[:3]).contributions
    )


def test_without_background_the_expected_value_is_a_reconstruction_or_the_mean():
    why = fitted("vae", X, Y).explain(X[:2])
    assert (why.method, why.expected_by) == ("terms", "reconstruction")
    detector = fitted("deep_svdd", X, Y)
    why = detector.explain(X[:2])
    assert (why.method, why.expected_by) == ("gradients", "mean")
    np.testing.assert_allclose(why.expected, np.tile(detector.column_mean_, (2, 1)))


def test_the_background_is_rows_that_pass():
    detector = fitted("isolation_forest", X, Y)
    flagged = detector.predict(X) == -1
    why = detector.explain(X)
    alone = detector.explain(X, background=X[~flagged])
    np.testing.assert_array_equal(why.contributions, alone.contributions)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"method": "terms"}, r"'auto' or 'gradients' or 'sampling' for DeepSVDD; got 'terms'"),
        ({"method": "lime"}, "method of explain must be"),
        ({"n_orders": 3}, r"n_orders of explain must be even; got 3. Use 4"),
        ({"n_orders": 0}, "n_orders of explain must be an integer of at least 2"),
        ({"random_state": -1}, "random_state of explain must be an integer of at least 0"),
        ({"background": X[:2]}, "background of explain must be at least 10 rows that pass; got"),
        (
            {"method": "sampling", "background": None},
            "background of explain must be given where fewer than 10",
        ),
    ],
)
def test_what_cannot_be_done_is_refused(options, message):
    with pytest.raises(InvalidInputError, match=message):
        fitted("deep_svdd", X, Y).explain(X[:3], **options)


def test_a_row_beyond_all_numbers_is_explained_without_a_warning():
    why = fitted("vae", X, Y, scale="standard").explain(np.r_[X[:1], [[1e200, 0, 0, 0]]])
    assert why.scores[1] == -np.inf and np.isfinite(why.contributions[0]).all()


def test_an_unfitted_model_is_refused():
    with pytest.raises(Exception, match="not fitted"):
        askew.IsolationForest().explain(X)
