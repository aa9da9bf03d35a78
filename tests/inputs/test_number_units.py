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
        (["Q", ""], ("", 1, None)),
        (["Q"] * 9 + [""], ("Q", 10, ("0 Q", "9 "))),  # mistakes, from nine in ten on
        ([""] * 19 + ["Q"], ("Q", 20, ("19 Q", "0 "))),
        ([f"u{place}" for place in range(60)], ("", 0, None)),
    ],
)
def test_the_unit_of_a_column(units, expected):
    assert found(*units) == expected


def test_cells_of_a_unit():
    assert same_unit(["kg", "Kg", "", "g"], "kg").tolist() == [True, True, False, False]
    assert same_unit(["€", "", "$"], "€").tolist() == [True, True, False]


def test_mistakes_are_told_by_their_share_of_the_numbers():
    units, words = ["Q"] * 9 + ["Z"], ["x"] * 10
    levels = WordLevels.of(pa.array([f"{place} {unit}" for place, unit in enumerate(units + words)]))
    numeric = np.arange(20) < 10
    unit, found, clash = common_unit(units + [""] * 10, numeric, levels)
    assert (unit, found.tolist(), clash) == ("Q", numeric.tolist(), ("0 Q", "9 Z"))
