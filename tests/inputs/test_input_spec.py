"""What one sample looks like."""

import numpy as np
import pandas as pd
import pytest
import torch

from askew.errors import InvalidInputError
from askew.inputs import ImageSpec, TableSpec, spec_of


@pytest.mark.parametrize("make", [np.zeros, torch.zeros, lambda shape: pd.DataFrame(np.zeros(shape))])
def test_table(make):
    assert spec_of(make((7, 3))) == TableSpec(n_features=3)


def test_images():
    spec = spec_of(torch.zeros((7, 3, 32, 16)))
    assert spec == ImageSpec(channels=3, height=32, width=16)
    assert spec.n_features == 3 * 32 * 16


def test_specs_are_values():
    assert len({TableSpec(3), TableSpec(3), ImageSpec(1, 3, 1), ImageSpec(1, 1, 3)}) == 3


@pytest.mark.parametrize(
    ("shape", "fragment"),
    [
        ((7,), "one sample per row"),
        ((7, 28, 28), r"X\[:, None\]"),
        ((7, 28, 28, 3), r"transpose\(0, 3, 1, 2\)"),
        ((7, 0), "n_features of TableSpec must be an integer of at least 1; got 0"),
        ((7, 1, 0, 5), "height of ImageSpec"),
    ],
)
def test_refused_shapes(shape, fragment):
    with pytest.raises(InvalidInputError, match=fragment):
        spec_of(np.zeros(shape))


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3"])
def test_refused_lengths(value):
    with pytest.raises(InvalidInputError, match="n_features of TableSpec"):
        TableSpec(value)
