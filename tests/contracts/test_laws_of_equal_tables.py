"""Laws of equal tables: columns and rows in another order, other units, rows twice, and any finite numbers at all."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import askew
from askew.errors import AskewError
from detector_cases import DEEP, NAMES, RANDOM, brief, calmly, fitted, shared, table

X, Y = table()
NEW = table(rows=40, seed=1)[0]

# Networks, trees on random rows and folds meet rows and columns in an order of their own: another, another model.
NO_CHANCE = sorted(set(NAMES) - set(RANDOM))
# Of two columns that split the rows equally well a tree takes the first.
BY_PLACE = {"gradient_boosting"}
# The others learn that twice the rows are twice the evidence, or that every row has a twin.
BY_SHARES = {"kde", "kernel_ssad", "oc_svm"}
SOLVED_TO = {"kernel_ssad": 1e-2, "oc_svm": 1e-2}  # in spreads of the scores: solvers stop at a tolerance

# Of the profile's examples (tests/conftest.py): every detector is fitted or scored for each.
A_FEW = settings(max_examples=settings.default.max_examples // 5)
FEWER = settings(max_examples=settings.default.max_examples // 8)

ANY = st.floats(allow_nan=False, allow_infinity=False)


def quickly(name, X, y=None):
    """Return a detector fitted on X and y, of one member and a few epochs."""
    return calmly(brief(name, **({"n_members": 1} if name in DEEP else {})).fit, X, y)


def in_spreads(one, other):
    """Return the largest difference of two scores, in spreads of the first."""
    return np.abs(one - other).max() / np.std(one)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"dsebm", "adgan"}))  # these take seconds
def test_columns_of_a_frame_are_found_by_their_names(name):
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = calmly(askew.Prepared(brief(name, **({"n_members": 1} if name in DEEP else {}))).fit, frame, Y)
    new = pd.DataFrame(NEW, columns=list("abcd"))
    np.testing.assert_array_equal(model.score_samples(new[list("dbac")]), model.score_samples(new))


@pytest.mark.parametrize("name", NO_CHANCE)
@A_FEW
@given(st.permutations(range(60)), st.permutations(range(4)))
def test_rows_and_columns_in_another_order_teach_the_same(name, rows, columns):
    columns = range(4) if name in BY_PLACE else columns
    moved = fitted(name, X[np.ix_(rows, columns)], Y[list(rows)]).score_samples(NEW[:, columns])
    assert in_spreads(shared(name, X, Y).score_samples(NEW), moved) < SOLVED_TO.get(name, 1e-9)


@pytest.mark.parametrize("name", NO_CHANCE)
@A_FEW
@given(
    arrays.arrays(float, 4, elements=st.floats(1e-9, 1e9)), arrays.arrays(float, 4, elements=st.floats(-9, 9))
)
def test_columns_in_other_units_and_from_another_zero_teach_the_same(name, units, zeros):
    moved = fitted(name, (X + zeros) * units, Y).score_samples((NEW + zeros) * units)
    assert in_spreads(shared(name, X, Y).score_samples(NEW), moved) < SOLVED_TO.get(name, 1e-6)


@pytest.mark.parametrize("name", sorted(BY_SHARES))
def test_every_row_twice_teaches_the_same(name):
    once = shared(name, X, Y).score_samples(NEW)
    twice = fitted(name, np.repeat(X, 2, axis=0), np.repeat(Y, 2)).score_samples(NEW)
    if name == "oc_svm":  # its score adds up over the rows; the offset with it
        twice /= 2
    assert in_spreads(once, twice) < SOLVED_TO.get(name, 1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")  # trees compute in float32
@given(rows=arrays.arrays(float, st.tuples(st.integers(1, 4), st.just(4)), elements=ANY))
@A_FEW
def test_scores_of_any_finite_rows_are_finite(name, rows):
    assert np.isfinite(shared(name, X, Y).score_samples(rows)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
@given(rows=arrays.arrays(float, st.tuples(st.integers(2, 9), st.integers(1, 3)), elements=ANY))
@FEWER
def test_any_finite_table_is_learned_or_refused_in_a_sentence(name, rows):
    y = np.zeros(len(rows), dtype=np.int8)
    y[0] = -1
    try:
        scores = quickly(name, rows, y).score_samples(rows)
    except AskewError as refusal:
        assert "must be" in str(refusal) or "Training" in str(refusal)
    else:
        assert np.isfinite(scores).all()
