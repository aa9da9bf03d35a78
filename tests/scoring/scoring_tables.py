"""Tables and quickly fitted models to score (not in conftest.py, whose name other folders share)."""

import numpy as np
import pandas as pd
import pytest

import askew
from askew.calibration import Conformal, Quantile
from askew.scoring import Silence


def numbers(n_rows=40, seed=0):
    """Two columns of ordinary rows with names, the last one far away."""
    X = np.random.default_rng(seed).normal(size=(n_rows, 2))
    X[-1] += 9
    frame = pd.DataFrame(X, columns=["a", "b"])
    frame.insert(0, "id", [f"p{row}" for row in range(n_rows)])
    return frame


def words(n_rows=40, seed=0):
    """The same with a column of words that repeat."""
    return numbers(n_rows, seed).assign(word=["x", "y"] * (n_rows // 2))


def kde():
    return askew.KDE(bandwidth=1.0).fit(numbers()[["a", "b"]])


def prepared():
    return askew.Prepared(askew.KDE(bandwidth=1.0), other_columns=["id"]).fit(words())


def quantile():
    return Quantile(kde(), 0.1).fit(numbers(seed=1)[["a", "b"]])


def conformal():
    return Conformal(kde(), 0.3).fit(numbers(seed=1)[["a", "b"]])


def unnamed():
    return askew.KDE(bandwidth=1.0).fit(numbers()[["a", "b"]].to_numpy())


MODELS = {each.__name__: each for each in (kde, prepared, quantile, conformal, unnamed)}

every_model = pytest.mark.parametrize("name", MODELS)


class Notes(Silence):
    """A listener that keeps what it hears."""

    def __init__(self):
        self.lines, self.titles = [], []

    def note(self, text):
        self.lines.append(text)

    def bar(self, title):
        self.titles.append(title)
        return super().bar(title)
