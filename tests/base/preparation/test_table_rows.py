"""Columns standardised on the rows that are not known anomalies, and tables as rows."""

import numpy as np
import pandas as pd
import pytest
import torch

import askew
from askew.base.preparation.column_scaling import check_scale
from askew.base.preparation.table_rows import ColumnPreparation, TableInput, check_two_rows
from askew.errors import InvalidInputError

X = np.array([[0.0, 7.0], [2.0, 7.0], [900.0, 8.0]])
Y = np.array([0, 1, -1], dtype=np.int8)


def test_columns_are_standardised_on_rows_that_are_no_known_anomalies():
    preparation = ColumnPreparation("standard")
    rows = preparation.learn(X, Y)
    assert rows.dtype == torch.float32 and rows.tolist() == [[-1, 0], [1, 0], [899, 1]]
    scoring = preparation.tensor(X, "cpu")
    assert scoring.dtype == preparation.dtype == torch.float64
    torch.testing.assert_close(scoring, rows.double())
    again = ColumnPreparation("standard")
    again.set_state(*preparation.state())
    assert torch.equal(again.tensor(X, "cpu"), scoring)
    assert preparation.batch(rows) is rows and preparation.together() is None


def test_without_a_scale_columns_stay_as_they_are():
    preparation = ColumnPreparation(None)
    assert preparation.learn(X, Y).tolist() == X.tolist()
    assert preparation.mean.tolist() == [0, 0] and preparation.scale.tolist() == [1, 1]


def test_a_table_is_learned_with_its_width():
    learned, detector = TableInput(), askew.KDE()
    rows = learned.learn(detector, X.tolist(), Y)
    assert rows.dtype == np.float64 and learned.spec.n_features == detector.n_features_in_ == 2
    assert isinstance(learned.preparation("standard"), ColumnPreparation)
    assert learned.folded(rows) is rows and learned.image_shape is None
    with pytest.raises(InvalidInputError, match="a table of 2 columns"):
        learned.rows(detector, np.zeros((2, 1, 16, 16)))
    with pytest.raises(InvalidInputError, match=r"X of WAIC must be images .*reshape\(-1"):
        learned.learn(askew.WAIC(), X, Y)


def test_scale_and_labels_are_checked():
    for scale in ("robust", "standard", None):
        check_scale(scale, "VAE")
    check_two_rows(Y, "VAE")
    with pytest.raises(InvalidInputError, match='scale of VAE must be "robust", "standard" or None'):
        check_scale("minmax", "VAE")
    with pytest.raises(InvalidInputError, match="at least two rows that are not known anomalies; got 1"):
        check_two_rows(Y[1:], "VAE")


def test_a_cell_too_large_for_its_scale_is_named():
    x = np.ones((3, 2))
    x[1, 1] = 1e39
    for given, name in ((x, "1"), (pd.DataFrame(x, columns=["a", "b"]), "'b'")):
        with pytest.raises(InvalidInputError, match=rf"got 1e\+39 in row 1, column {name} \(1 such cells\)"):
            TableInput().learn(askew.VAE(scale=None), given, Y)
