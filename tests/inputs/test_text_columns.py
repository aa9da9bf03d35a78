"""Columns of text: what they spell."""

import datetime

import pyarrow as pa
import pytest

from askew.inputs.text_columns import Reading, cleaned, read_words, readings


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2.5", "+3", ".5", "1e-3", "inf"], ("number", "")),
        (["1", ""], ("number", "")),
        (["1"] * 9 + ["oops"], ("number", "")),
        (["1"] * 8 + ["oops", "no"], ("category", "")),
        (["0100", "0250", "1200"], ("category", "")),
        (["0.5", "0"], ("number", "")),
        (["true", "FALSE", "NA"], ("boolean", "")),
        (["true", "false", "perhaps"], ("category", "")),
        (["2024-05-01", "2024-05-02"], ("date", "iso")),
        (["2024-05-01 10:20", "2024-05-02T03:04:05.123"], ("date", "iso")),
        (["2024-05-01T10:20:00Z", "2024-05-01 10:20+02:00"], ("date", "iso zone")),
        (["24.12.2024", "1.2.2024"], ("date", "%d.%m.%Y")),
        (["24.12.2024 8:05"], ("date", "%d.%m.%Y %H:%M")),
        (["24/12/2024", "01/02/2024"], ("date", "%d/%m/%Y")),
        (["12/24/2024", "01/02/2024"], ("date", "%m/%d/%Y")),
        (["Oslo", "12"], ("category", "")),
    ],
)
def test_readings(cells, expected):
    assert [tuple(way) for way in readings(cleaned(pa.array(cells)))] == [expected]


def test_days_and_months_that_cannot_be_told_apart_are_two_readings():
    assert [way.date_format for way in readings(pa.array(["01/02/2024", "03/04/2024"]))] == [
        "%d/%m/%Y",
        "%m/%d/%Y",
    ]


def test_no_values_no_reading():
    assert readings(cleaned(pa.array(["", "NA", " nan "]))) == ()


@pytest.mark.parametrize(
    ("cells", "reading", "values"),
    [
        (["+1.5", None, "inf"], Reading("number"), [1.5, None, float("inf")]),
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
