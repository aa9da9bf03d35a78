"""Columns of text: what they spell."""

import datetime

import pyarrow as pa
import pytest

from askew.inputs.text_columns import WHOLE, Reading, cleaned, examine, read_words


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2.5", "+3", ".5", "1e-3", "inf"], "number"),
        (["1", ""], "number"),
        (["1"] * 9 + ["oops"], "number"),
        (["1"] * 8 + ["oops", "no"], "category"),
        (["1", "-", "?", "n/a", "missing", "(none)"], "number"),
        (["0100", "0250", "1200"], "category"),
        (["00012.50", "00001.00"], "number"),
        (["0.5", "0"], "number"),
        (["0,5", "1.234,5"], "number"),
        (["true", "FALSE", "NA", "-"], "boolean"),
        (["true", "false", "perhaps"], "category"),
        (["2024-05-01", "2024-05-02", "unknown"], "date"),
        (["Oslo", "12"], "category"),
        (["Oslo", "-"], "category"),
        (["", "NA", " nan "], ""),
        (["-", "?"], ""),
    ],
)
def test_kinds(cells, kind):
    assert examine(cleaned(pa.array(cells))).kind == kind


def test_words_for_missing_values_are_counted():
    assert examine(pa.array(["1", "-", "-", "?"])).absent == {"-": 2, "?": 1}


@pytest.mark.parametrize(
    ("cells", "decimal", "thousands", "forms"),
    [
        (["1.5", "12"], "", "", None),
        (["1.5", "-"], "", "", None),
        (["1.234"], ",", "", ["1.234,5"]),
        (["1.234"], "", ".", ["1.234,5"]),
        (["1,234"], "", ",", ["1,234.5"]),
        (["1,234"], ",", "", ["1234,5"]),
    ],
)
def test_plain_numbers_and_what_a_person_says(cells, decimal, thousands, forms):
    found = examine(pa.array(cells), decimal, thousands).numbers
    assert (found and [str(form) for form in found.forms]) == forms


@pytest.mark.parametrize(
    ("cells", "reading", "values"),
    [
        (["+1.5", None, "inf"], Reading("number"), [1.5, None, float("inf")]),
        (["9007199254740993", "-7", None], Reading("number", WHOLE), [9007199254740993, -7, None]),
        (["TRUE", "0", None], Reading("boolean"), [True, False, None]),
        (["a", None], Reading("category"), ["a", None]),
        (["1.2.2024", None], Reading("date", "%d.%m.%Y"), [datetime.datetime(2024, 2, 1), None]),
        (
            ["2024-02-01T03:00:00+02:00"],
            Reading("date", "iso zone"),
            [datetime.datetime(2024, 2, 1, 1, tzinfo=datetime.UTC)],
        ),
    ],
)
def test_values(cells, reading, values):
    found = read_words(pa.array(cells, pa.string()), reading)
    assert found.values.to_pylist() == values
    assert found.bad is None


@pytest.mark.parametrize(
    ("cells", "reading"),
    [
        (["1", None, "1,5"], Reading("number")),
        (["true", None, "yes"], Reading("boolean")),
        (["2024-01-31", None, "2024-02-31"], Reading("date", "iso")),
        (["2024-01-31", None, "soon"], Reading("date", "iso")),
        (["1.2.2024", None, "2024-02-01"], Reading("date", "%d.%m.%Y")),
    ],
)
def test_the_first_cell_that_spells_nothing_is_found(cells, reading):
    assert read_words(pa.array(cells), reading).bad == 2
