"""Scales of columns: values by hand, extreme cells, offsets, and files of earlier versions."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from askew.base.preparation.column_scaling import ColumnScaling, extreme_cells

X = np.random.default_rng(0).normal(size=(200, 3))
WHOLE = np.round(X * 1e6) * 128  # multiples of the last digit of 1e18, so that float64 holds the differences


def spiked(value):
    x = X.copy()
    x[7, 1] = value
    return x


def test_standard_is_scikit_learns_and_none_is_nothing():
    np.testing.assert_array_equal(ColumnScaling.learn(X, "standard")(X), StandardScaler().fit_transform(X))
    np.testing.assert_array_equal(ColumnScaling.learn(X, None)(X), X)


def test_robust_is_standard_where_nothing_is_extreme():
    np.testing.assert_allclose(
        ColumnScaling.learn(X, "robust")(X), StandardScaler().fit_transform(X), atol=1e-12
    )


@pytest.mark.parametrize("value", [30.0, 1e3, -1e9, 1e39, 1e300, -1.7e308])
def test_one_extreme_cell_changes_nothing_but_itself(value):
    x, clean = spiked(value), X[np.arange(200) != 7]
    scaling = ColumnScaling.learn(x, "robust")
    z = scaling(x)
    wanted = (x[:, 1] - clean[:, 1].mean()) / clean[:, 1].std()
    others = np.arange(200) != 7
    np.testing.assert_allclose(z[others, 1], wanted[others], atol=1e-9)
    assert z[7, 1] == pytest.approx(np.sign(value) * (10 + 10 * np.log1p(np.log1p(abs(wanted[7]) - 10) / 10)))
    np.testing.assert_allclose(scaling.restored(z), x, rtol=1e-9, atol=1e-9)
    assert extreme_cells(x, np.ones(200, dtype=bool)) == ((1, 1, 7, value),)


def test_scaled_cells_keep_their_order_and_there_is_no_corner():
    scaling = ColumnScaling.learn(X, "robust")
    cells = np.r_[-np.logspace(300, -3, 3000), np.logspace(-3, 300, 3000)]
    z = scaling(np.repeat(cells[:, None], 3, axis=1))
    assert (np.diff(z, axis=0) > 0).all()
    around = scaling.restored(np.full((1, 3), 10.0)) + 1e-4 * np.arange(-1, 2)[:, None]
    slopes = np.diff(scaling(around), axis=0)
    np.testing.assert_allclose(slopes[0], slopes[1], rtol=1e-3)


@pytest.mark.parametrize("offset", [1.58e9, -1e18, 1e18])
def test_an_offset_changes_no_digit(offset):
    moved = WHOLE + offset
    np.testing.assert_array_equal(moved - offset, WHOLE)
    plain = ColumnScaling.learn(WHOLE, "robust")(WHOLE)
    np.testing.assert_array_equal(ColumnScaling.learn(moved, "robust")(moved), plain)


@pytest.mark.parametrize("factor", [2.0**-900, 1e-3, -7.3, 1e250])
def test_a_factor_changes_next_to_nothing(factor):
    plain = ColumnScaling.learn(X, "robust")(X)
    z = ColumnScaling.learn(X * factor, "robust")(X * factor)
    np.testing.assert_allclose(z * np.sign(factor), plain, atol=1e-9)


def test_columns_without_differences_are_divided_by_one():
    noise = np.repeat([[0.1 + 0.2], [0.3]], 5, axis=0)
    for column in (np.full((10, 1), 5.0), noise):
        scaling = ColumnScaling.learn(column, "robust")
        assert scaling.scale.tolist() == [1.0]
        np.testing.assert_allclose(scaling(column), 0.0, atol=1e-15)
    ids = 9e15 + np.arange(10.0)[:, None]  # whole numbers: these differences are no rounding
    assert ColumnScaling.learn(ids, "robust").scale.item() == pytest.approx(np.arange(10.0).std())


def test_rare_values_of_a_column_of_few_are_not_extreme():
    column = np.r_[np.zeros(995), np.ones(5)][:, None]
    scaling = ColumnScaling.learn(column, "robust")
    assert scaling.centre.item() == pytest.approx(0.005) and scaling.scale.item() == pytest.approx(
        column.std()
    )
    assert extreme_cells(column, np.ones(1000, dtype=bool)) == ()


def test_a_state_is_taken_back_and_one_of_an_earlier_version_too():
    scaling = ColumnScaling.learn(spiked(1e9), "robust")
    again = ColumnScaling.from_state(scaling.state())
    np.testing.assert_array_equal(again(X * 100), scaling(X * 100))
    old = ColumnScaling.from_state({"column_mean": X.mean(axis=0), "column_scale": X.std(axis=0)})
    np.testing.assert_array_equal(old(X), (X - X.mean(axis=0)) / X.std(axis=0))


def test_minmax_is_0_to_1_and_constant_columns_are_0():
    x = np.array([[1.0, 5.0, -1.7e308], [3.0, 5.0, 1.7e308], [2.0, 5.0, 0.0]])
    scaling = ColumnScaling.learn(x, "minmax")
    np.testing.assert_array_equal(scaling(x)[:, :2], [[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]])
    assert np.isfinite(scaling.scale).all()
    np.testing.assert_array_equal(scaling(np.array([[0.0, 6.0, 0.0]]))[0, :2], [-0.5, 1.0])


def test_what_changes_nothing_has_neither_origin_nor_mean_nor_scale():
    zero, one, x = np.zeros(2), np.ones(2), X[:, :2].copy()
    assert ColumnScaling(zero, one).changes_nothing and ColumnScaling(zero, one)(x) is x
    np.testing.assert_array_equal(ColumnScaling(np.array([0.0, 5.0]), one)(x), x - [0.0, 5.0])
    np.testing.assert_array_equal(ColumnScaling(zero, np.array([1.0, 2.0]))(x), x / [1.0, 2.0])
    np.testing.assert_array_equal(ColumnScaling(zero, one, np.array([0.0, 5.0]), 10.0)(x), x - [0.0, 5.0])


@pytest.mark.parametrize(
    ("part", "value", "error"),
    [
        ("scale", None, KeyError),
        ("mean", [1.0], ValueError),
        ("mean", [1.0, np.nan, 1.0], ValueError),
        ("scale", [1.0, 0.0, 1.0], ValueError),
        ("origin", [1.0], ValueError),
        ("origin", [1.0, np.inf, 1.0], ValueError),
        ("knee", [0.0], ValueError),
        ("knee", [np.inf], ValueError),
        ("knee", [np.nan], ValueError),
    ],
)
def test_a_state_that_cannot_be_is_refused(part, value, error):
    state = ColumnScaling.learn(X, "robust").state()
    state[f"column_{part}"] = None if value is None else np.array(value)
    with pytest.raises(error):
        ColumnScaling.from_state(state)
