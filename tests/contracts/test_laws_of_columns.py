"""Laws of columns that every detector of tables keeps: offsets, units, extreme cells, far rows, and too few rows."""

import warnings

import numpy as np
import pandas as pd
import pytest

from askew.errors import HealthWarning
from detector_cases import DEEP, NAMES, NEED_ANOMALIES, brief, calmly, table

X, Y = table()
WHOLE = np.round(1000.0 * X)
NEW = np.round(1000.0 * table(rows=40, seed=1)[0])
UNITS = np.array([128.0, 2.0**20, 0.5, 2.0**-300])
OFFSETS = np.array([1e18, -1e18, 1_580_000_000.0, 0.0])  # float64 holds the differences
NAMED = list("abcd")

# Classifiers ask for the side alone, ratios of distances become 1, a critic of two epochs knows no distance.
FALLING = set(NAMES) - set(NEED_ANOMALIES) - {"nearest_neighbours", "fence_gan"}
BY_TREES = {
    "gradient_boosting",
    "extra_trees",
}  # of known anomalies against the others: all far rows are alike


def quickly(name, X, y):
    """Return a detector fitted on X and y, of one member."""
    return calmly(brief(name, **({"n_members": 1} if name in DEEP else {})).fit, X, y)


@pytest.fixture(scope="module", params=NAMES)
def plain(request):
    return quickly(request.param, WHOLE, Y)


def test_offsets_and_units_of_columns_do_not_matter(plain):
    moved, new = WHOLE * UNITS + OFFSETS, NEW * UNITS + OFFSETS
    np.testing.assert_array_equal((moved - OFFSETS) / UNITS, WHOLE)
    np.testing.assert_allclose(
        quickly(plain.name, moved, Y).score_samples(new), plain.score_samples(NEW), rtol=1e-6, atol=1e-9
    )


def test_an_extreme_cell_is_named_and_leaves_the_others_as_they_are(plain):
    frame = pd.DataFrame(WHOLE, columns=NAMED)
    frame.loc[30, "b"] = 1e39
    frame.loc[31, "c"] = -1e300
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        spiked = quickly(plain.name, frame, Y)
    assert not [each for each in seen if issubclass(each.category, RuntimeWarning)]
    assert spiked.extreme_cells_ == (("b", 1, 30, 1e39), ("c", 1, 31, -1e300))
    scores = spiked.score_samples(pd.DataFrame(NEW, columns=NAMED))
    assert np.isfinite(scores).all()
    if plain.name != "ama":  # its networks have hardly met in two epochs: any other row makes another model
        assert np.corrcoef(scores, plain.score_samples(NEW))[0, 1] > 0.5


def test_far_rows_do_not_tie(plain):
    far = np.array([[1e5], [1e6], [1e8], [1e12], [1e20]]) * [1, -1, 1, -1]
    steps = np.diff(plain.score_samples(far))
    if plain.name in FALLING:
        assert (steps < 0).all()
    elif plain.name not in BY_TREES:
        assert (steps != 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_teach_nothing_are_warned_of(name):
    y = np.r_[np.zeros(12, dtype=np.int8), np.int8(-1)]
    with pytest.warns(HealthWarning, match="all 12 training rows without -1 are the same"):
        brief(name).fit(np.r_[np.full((12, 2), 5.0), [[9.0, 9.0]]], y)
    with pytest.warns(HealthWarning, match="5 training rows without -1 are too few to tell what is usual"):
        brief(name).fit(WHOLE[5:11], np.r_[np.int8(-1), np.zeros(5, dtype=np.int8)])
