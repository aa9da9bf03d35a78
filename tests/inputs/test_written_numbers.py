"""Numbers as people write them: the way a column does, and the values."""

import math

import pyarrow as pa
import pytest

from askew.inputs.word_levels import WordLevels
from askew.inputs.written_numbers import NumberForm, number_ways, read_numbers


def ways(*cells, **said):
    return number_ways(WordLevels.of(pa.array(cells)), **said)


@pytest.mark.parametrize(
    ("cells", "form", "values"),
    [
        (["0,84", "-1,5", "3"], "1234,5", [0.84, -1.5, 3]),
        (["1,234.50", "0.84", "1,234"], "1,234.5", [1234.5, 0.84, 1234]),
        (["1.234,50", "12"], "1.234,5", [1234.5, 12]),
        (["1.234.567", "12"], "1.234,5", [1234567, 12]),
        (["1 234,50", "3,2"], "1234,5", [1234.5, 3.2]),
        (["1\u00a0234,5", "1\u202f234\u2009567,25"], "1234,5", [1234.5, 1234567.25]),
        (["1'234.50", "1\u2019234\u2019567"], "1234.5", [1234.5, 1234567]),
        (["12,34,567.00", "1,234.5"], "1,234.5", [1234567, 1234.5]),
        (["$12.30", "$1,000.00", "-$3.50", "13"], "1,234.5 $", [12.3, 1000, -3.5, 13]),
        (["12,30 €", "1.234,00 €"], "1.234,5 €", [12.3, 1234]),
        (["R$ 1.234,56", "R$ 2,00"], "1.234,5 R$", [1234.56, 2]),
        (["CHF 1'234.50", "CHF 2.00"], "1234.5 CHF", [1234.5, 2]),
        (["1.5 kr.", "2.5 kr"], "1234.5 kr", [1.5, 2.5]),
        (["12.5%", "12 %", "-3 %"], "1234.5 %", [0.125, 0.12, -0.03]),
        (["(12.3)", "4.5", "($1.5)", "$(2.5)"], "1234.5 $", [-12.3, 4.5, -1.5, -2.5]),
        (["12,- €", "12,50 €", "9,-- €", "7,–€"], "1234,5 €", [12, 12.5, 9, 7]),
        (["'1.5", "'2"], "1234.5", [1.5, 2]),
        (["12.5-", "3.25"], "1234.5", [-12.5, 3.25]),
        (["12.3 kg", "1.0 kg", "2.5KG"], "1234.5 kg", [12.3, 1, 2.5]),
        (["3.5 days", "1.0 day"], "1234.5 days", [3.5, 1]),
        (["−1.5", "\u20132.5", "+3.5"], "1234.5", [-1.5, -2.5, 3.5]),
        (["1,5e3", "2E-2"], "1234,5", [1500, 0.02]),
        (["1.5D+03", "2D-2"], "1234.5", [1500, 0.02]),
        (["1_234.50", "1_234_567"], "1234.5", [1234.5, 1234567]),
        (["٣٫٥", "１２.5"], "1234.5", [3.5, 12.5]),
        (["\u200e1,5", "inf"], "1234,5", [1.5, math.inf]),
    ],
)
def test_written_numbers(cells, form, values):
    found = ways(*cells)
    assert (found.share, found.clash, found.doubtful) == (1.0, None, "")
    assert [str(each) for each in found.forms] == [form]
    assert read_numbers(pa.array(cells), found.forms[0]).to_pylist() == pytest.approx(values, rel=1e-15)


@pytest.mark.parametrize(
    ("cells", "clash"),
    [
        (["1.5", "2.5", "1,5"], ("1.5", "1,5")),
        (["12", "1.5", "2.5", "1,5"], ("1.5", "1,5")),  # the first that shows the way
        (["1,234.5", "1.234,5"], ("1,234.5", "1.234,5")),
        (["12%", "0.3"], ("12%", "0.3")),
        (["12 kg", "13 kg", "300 g"], ("12 kg", "300 g")),
        (["$3", "€3"], ("$3", "€3")),
        (["USD 3", "EUR 3"], ("USD 3", "EUR 3")),
        (["1.2k", "3M"], ("1.2k", "3M")),
        (["1.2 CR", "3 DR"], ("1.2 CR", "3 DR")),
        (["3 mW", "3 MW"], ("3 mW", "3 MW")),
        (["70"] * 30 + ["154 lb"], ("154 lb", "70")),
    ],
)
def test_two_ways_are_a_clash(cells, clash):
    assert ways(*cells).clash == clash


@pytest.mark.parametrize(
    ("cells", "doubtful", "decimals"),
    [
        (["1,234", "12"], "1,234", [".", ","]),
        (["1.234", "999"], "1.234", [".", ","]),
        (["1,234", "0,5"], "", [","]),
        (["1.234", "1.5"], "", ["."]),
        (["0,234", "1,234"], "", [","]),
        (["1,234", "1,234,567"], "", ["."]),
        (["12", "1 234"], "", [".", ","]),
    ],
)
def test_single_groups_of_three_digits_could_be_either(cells, doubtful, decimals):
    found = ways(*cells)
    assert found.doubtful == doubtful
    assert [form.decimal for form in found.forms] == decimals


@pytest.mark.parametrize(
    "cells",
    [
        ["12A", "7B", "9F"],
        ["10 AM", "9 PM"],
        ["01/02/2024", "03/02/2024"],
        ["24.12.2024", "1.2.2024"],
        ["10.0.0.1", "192.168.10.1"],
        ["2024-05-01"],
        ["12:30", "12:45"],
        ["10x20", "3x4"],
        ["B12", "C13"],
        ["10²", "3²"],
        [f"{900 + row} 123 456" for row in range(30)],
    ],
)
def test_words_with_digits_are_no_numbers(cells):
    assert ways(*cells).share == 0


def test_words_with_some_numbers_have_a_share():
    assert ways("1.5", "Oslo").share == 0.5
    assert ways("12", "12A", "13", "13B").share == 0.5


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("1,5", "1234.5"),
        ("1.5", "1234,5"),
        ("1.234", "1234,5"),
        ("1,234", "1234.5"),
        ("12 kg", "1234.5"),
        ("12", "1234.5 kg"),
        ("12 g", "1234.5 kg"),
        ("0.12", "1234.5 %"),
        ("1.5", "1.234,5"),
        ("(12", "1234.5"),
        ("-(12)-", "1234.5"),
        ("(12", "1234.5"),
        ("12)", "1234.5"),
        ("((12)", "1234.5"),
        ("x", "1234.5"),
    ],
)
def test_what_is_written_otherwise_is_not_read(cell, form):
    assert read_numbers(pa.array([cell]), NumberForm.parse(form)).to_pylist() == [None]


def test_groups_that_mean_one_thing_are_read_in_any_form():
    form = NumberForm(",")
    cells = ["1.234,5", "1 234", "1'234,5", "1.234.567", None]
    assert read_numbers(pa.array(cells), form).to_pylist() == [1234.5, 1234, 1234.5, 1234567, None]


@pytest.mark.parametrize("form", [NumberForm(), NumberForm(",", ".", "€"), NumberForm(".", ",", "m/s")])
def test_forms_as_text(form):
    assert NumberForm.parse(str(form)) == form


def test_a_form_that_is_none_is_refused():
    with pytest.raises(ValueError, match="must be like"):
        NumberForm.parse("12")


CELLS = [f"{row},{row % 10}" for row in range(1, 5001)]


class TestLongColumns:
    """Of many different words, a sample and those that are written otherwise are looked at."""

    @pytest.mark.parametrize(
        ("cells", "form"),
        [
            (CELLS, "1234,5"),
            ([*CELLS[:4003], "1.234,5", *CELLS[4003:]], "1.234,5"),
            ([f"{cell} kg" for cell in CELLS], "1234,5 kg"),
            ([f"$ {cell}" if row % 2 else cell for row, cell in enumerate(CELLS)], "1234,5 $"),
            ([f"{row},{row:03d}" for row in range(100, 999) for _ in "x"] + CELLS[:4000], "1234,5"),
            ([*(f"{1 + row // 900},{100 + row % 900}" for row in range(4500)), "0,5"], "1234,5"),
            ([*(f"{1 + row // 900},{100 + row % 900}" for row in range(4500)), "0.5"], "1,234.5"),
        ],
    )
    def test_the_form_fits_every_cell(self, cells, form):
        found = ways(*cells)
        assert ([str(each) for each in found.forms], found.doubtful, found.share) == ([form], "", 1.0)
        assert read_numbers(pa.array(cells), found.forms[0]).null_count == 0

    @pytest.mark.parametrize("odd", ["1.5", "3 kg"])
    def test_one_cell_written_otherwise_is_found(self, odd):
        assert odd in ways(*CELLS[:4003], odd, *CELLS[4003:]).clash

    def test_values_are_those_of_the_slow_way(self):
        cells = [
            "1,5",
            "+2,5",
            "−3,5",
            "-1.234,5",
            "1 234",
            "1'234,5",
            "12.345.678",
            ",5",
            "1,",
            "2,5e-3",
            "(4,5)",
            "x",
        ]
        expected = [1.5, 2.5, -3.5, -1234.5, 1234, 1234.5, 12345678, 0.5, 1, 0.0025, -4.5, None]
        assert read_numbers(pa.array(cells), NumberForm(",", ".")).to_pylist() == expected

    def test_words_are_no_numbers(self):
        assert ways(*(f"shop {row}" for row in range(5000))).share == 0
