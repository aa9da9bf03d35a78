"""Numbers that may stand for missing values."""

import numpy as np
import pyarrow as pa
import pytest

from askew.inputs.stand_ins import stand_in

VALUES = np.linspace(-1100.5, 900.3, 200)


@pytest.mark.parametrize(
    ("others", "value", "cells"),
    [(VALUES, -9999.0, 3), (VALUES, -999.0, 6), (VALUES, 99999.0, 3), (np.linspace(0.1, 0.9, 50), -99.0, 3)],
)
def test_found(others, value, cells):
    assert stand_in(pa.array([*others, *[value] * cells])) == (value, cells)


@pytest.mark.parametrize(
    ("others", "value", "cells"),
    [
        (VALUES, -9999.0, 2),  # might be an accident
        (VALUES, -999.0, 4),  # inside the others' range, and not much more frequent
        (VALUES, 999.0, 6),  # next to the others
        (VALUES, -998.0, 9),
        (np.arange(-1500.0, 1500.0), -999.0, 2),
        ([], -999.0, 5),
        ([None, np.inf, np.nan], -999.0, 5),
    ],
)
def test_not_found(others, value, cells):
    assert stand_in(pa.array([*others, *[value] * cells])) is None
