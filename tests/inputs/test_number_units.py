"""Units and currencies beside numbers."""

import numpy as np
import pyarrow as pa
import pytest

from askew.inputs.number_units import common_unit, same_unit
from askew.inputs.word_levels import WordLevels


def found(*units):
    levels = WordLevels.of(pa.array([f"{place} {unit}" for place, unit in enumerate(units)]))
    unit, numeric, clash = common_unit(list(units), np.ones(len(units), dtype=bool), levels)
    return unit, int(numeric.sum()), clash


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (["kg", "KG", "kg"], ("kg", 3, None)),
        (["days", "day"], ("days", 2, None)),
        (["$", "", "$"], ("$", 3, None)),
        (["", ""], ("", 2, None)),
        (["kg", "", "kg"], ("kg", 3, ("0 kg", "1 "))),
        (["mW", "MW"], ("mW", 2, ("0 mW", "1 MW"))),
        (["A", "B", ""], ("", 1, None)),  # codes
        ([f"u{place}" for place in range(60)], ("", 0, None)),
    ],
)
def test_the_unit_of_a_column(units, expected):
    assert found(*units) == expected


def test_cells_of_a_unit():
    assert same_unit(["kg", "Kg", "", "g"], "kg").tolist() == [True, True, False, False]
    assert same_unit(["€", "", "$"], "€").tolist() == [True, True, False]
