"""Every detector says why: contributions add up to the score, and a planted feature is named."""

import numpy as np
import pandas as pd
import pytest

import askew
from askew.base.prepared import Prepared
from askew.errors import InvalidInputError
from detector_cases import DEEP, NAMES, NEED_ANOMALIES, calmly, fitted, quick, table

X, Y = table(rows=120)
COLUMNS = ["height", "speed", "mass", "heat"]


@pytest.fixture(scope="module")
def explained():
    """Each detector by its name, with the explanation of rows that hold a planted value each."""
    found = {}
    for name in NAMES:
        detector = fitted(name, pd.DataFrame(X, columns=COLUMNS), Y)
        found[name] = detector, detector.explain(pd.DataFrame(X[:9], columns=COLUMNS), background=X_NAMED)
    return found


X_NAMED = pd.DataFrame(X, columns=COLUMNS)


@pytest.mark.parametrize("name", NAMES)
def test_base_and_contributions_add_up_to_the_score(explained, name):
    detector, why = explained[name]
    assert why.contributions.shape == (9, 4) and why.features == tuple(COLUMNS)
    np.testing.assert_array_equal(why.scores, detector.score_samples(X_NAMED[:9]))
    np.testing.assert_allclose(why.base + why.contributions.sum(axis=1), why.scores, rtol=1e-9, atol=1e-12)
    if why.method != "terms":
        return
    # what is left over is the code's term of the mean row: the same for every row, but for the quadrature
    assert np.ptp(why.base) < 1e-3 * (np.ptp(why.scores) + 1)


SLOPED = [name for name in DEEP if not askew.index.detector_class(name).steep_at_mean]


@pytest.mark.parametrize("name", SLOPED)
def test_the_base_of_gradients_is_the_score_of_the_mean_row(explained, name):
    detector, _ = explained[name]
    why = detector.explain(X_NAMED[:9], method="gradients", background=X_NAMED)
    mean = pd.DataFrame(detector.column_mean_[None], columns=COLUMNS)
    # a kink of the distance at the centre and of piecewise linear layers costs some digits
    wanted = np.repeat(detector.score_samples(mean), 9)
    np.testing.assert_allclose(why.base, wanted, atol=0.02 * np.ptp(why.scores))


@pytest.mark.parametrize("name", NAMES)
def test_the_base_of_sampling_is_a_mean_score_of_the_background(explained, name):
    detector, _ = explained[name]
    why = detector.explain(X_NAMED[:3], method="sampling", background=X_NAMED, n_orders=8)
    scores = detector.score_samples(X_NAMED)
    assert np.allclose(why.base, why.base[0])
    passing = scores[scores >= detector.offset_]
    assert passing.min() - 1e-9 <= why.base[0] <= passing.max() + 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_explaining_changes_nothing_and_says_the_same_twice(explained, name):
    detector, why = explained[name]
    rows = X_NAMED[:9].copy()
    again = detector.explain(rows, background=X_NAMED)
    np.testing.assert_array_equal(again.contributions, why.contributions)
    pd.testing.assert_frame_equal(again.expected, why.expected)
    pd.testing.assert_frame_equal(rows, X_NAMED[:9])


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_value_is_named_and_something_else_expected(name):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(150, 5))
    # methods that need anomalies know no others than those that they were shown
    places = np.full(5, 2) if name in NEED_ANOMALIES else np.arange(5)
    wild = rows[:5].copy()
    wild[np.arange(5), places] = 9.0
    train, y = np.r_[wild, rows], np.r_[-np.ones(5, dtype=np.int8), np.zeros(150, dtype=np.int8)]
    detector = fitted(name, train, y) if name in NEED_ANOMALIES else fitted(name, rows)
    why = detector.explain(wild, background=rows)
    assert (why.contributions.argmin(axis=1) == places).sum() >= 4
    observed, expected = (table.to_numpy()[np.arange(5), places] for table in (why.observed, why.expected))
    assert (observed == 9.0).all() and (np.abs(expected) < 4.0).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_prepared_table_is_explained_in_its_own_columns_and_values(name):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"size": rng.normal(10, 1, 120), "kind": rng.choice(["a", "b"], 120)})
    frame.loc[:3, "size"] = 60.0
    y = np.r_[-np.ones(4, dtype=np.int8), np.zeros(116, dtype=np.int8)]
    model = calmly(Prepared(quick(name)).fit, frame, y)
    why = model.explain(frame)
    assert why.features == ("size", "kind")
    assert (why.contributions[:4].argmin(axis=1) == 0).all()
    assert set(why.expected["kind"]) <= {"a", "b"} and (why.expected["size"][:4] < 20).all()
    np.testing.assert_allclose(
        why.base + why.contributions.sum(axis=1), model.score_samples(frame), rtol=1e-9
    )
    with pytest.raises(InvalidInputError, match="background of explain must be given where fewer than 10"):
        model.explain(frame[:4])
