"""Dates as people and programs write them: the way a column does, and the values."""

import pyarrow as pa
import pytest

from askew.inputs.word_levels import WordLevels
from askew.inputs.written_dates import date_ways, example, read_dates


def ways(*cells):
    return date_ways(WordLevels.of(pa.array(cells)))


@pytest.mark.parametrize(
    ("cells", "form", "values"),
    [
        (["2024-05-01 10:20", "2024-05-02"], "iso", ["2024-05-01 10:20:00", "2024-05-02 00:00:00"]),
        (["2024-05-02T03:04:05.123456789"], "iso", ["2024-05-02 03:04:05.123456"]),
        (
            ["2024-05-01T10:20:00Z", "2024-05-01 10:20+02:00", "2024-05-01 10:20:00 UTC"],
            "iso zone",
            ["2024-05-01 10:20:00+00:00", "2024-05-01 08:20:00+00:00", "2024-05-01 10:20:00+00:00"],
        ),
        (["2024-3-5", "2024-03-25"], "%Y-%m-%d", ["2024-03-05 00:00:00", "2024-03-25 00:00:00"]),
        (
            ["24.12.2024 8:05", "1.2.2024", "2.2.2024"],
            "%d.%m.%Y|%d.%m.%Y %H:%M",
            ["2024-12-24 08:05:00", "2024-02-01 00:00:00", "2024-02-02 00:00:00"],
        ),
        (["24/12/2024", "01/02/2024"], "%d/%m/%Y", ["2024-12-24 00:00:00", "2024-02-01 00:00:00"]),
        (
            ["12/24/2024 10:30 PM", "1/2/2024 1:00 am"],
            "%m/%d/%Y %I:%M %p",
            ["2024-12-24 22:30:00", "2024-01-02 01:00:00"],
        ),
        (["05.03.24"], "%d.%m.%y", ["2024-03-05 00:00:00"]),
        (["3/15/24"], "%m/%d/%y", ["2024-03-15 00:00:00"]),
        (["Mar 05, 2024", "April 1, 2024"], "%b %d, %Y", ["2024-03-05 00:00:00", "2024-04-01 00:00:00"]),
        (["Tue, 5 Mar 2024 10:00:00"], "%d %b %Y %H:%M:%S", ["2024-03-05 10:00:00"]),
        (["5-Mar-2024"], "%d-%b-%Y", ["2024-03-05 00:00:00"]),
        (["12/24/2024 10:30:15.250"], "%m/%d/%Y %H:%M:%S", ["2024-12-24 10:30:15"]),
    ],
)
def test_written_dates(cells, form, values):
    found = ways(*cells)
    assert (found.share, found.forms, found.clash) == (1.0, (form,), None)
    assert [str(value) for value in read_dates(pa.array(cells), form)] == values


def test_days_and_months_that_cannot_be_told_apart_are_two_forms():
    assert ways("01/02/2024", "03/04/2024").forms == ("%d/%m/%Y", "%m/%d/%Y")


@pytest.mark.parametrize(
    ("one", "other", "forms"),
    [
        ("2024-03-05", "2024-03-05T10:00:00Z", {"iso", "iso zone"}),
        ("2024-03-05", "Mar 05, 2024", {"iso", "%b %d, %Y"}),
        ("2024-03-05", "20240305", {"iso", "%Y%m%d"}),
        ("2024-03-05", "1709600000", {"iso", "epoch s"}),
        ("2024-03-05 10:00", "20240305100000", {"iso", "%Y%m%d%H%M%S"}),
        ("05.03.2024", "1709600000000", {"%d.%m.%Y", "epoch ms"}),
        ("05.03.2024", "2024/03/05", {"%d.%m.%Y", "%Y/%m/%d"}),
    ],
)
def test_half_of_the_dates_in_another_form_is_a_clash(one, other, forms):
    found = ways(one, other)
    assert found.share == 1
    assert set(found.clash) == forms and set(found.clash.values()) == {one, other}


def test_the_second_half_of_a_long_column_is_seen():
    days = [f"2024-01-{day:02d} 10:{minute:02d}" for day in range(1, 31) for minute in range(60)]
    found = ways(*days, *(f"{day}:00Z" for day in days))
    assert set(found.clash) == {"iso", "iso zone"}


@pytest.mark.parametrize("cells", [["Oslo", "Rome"], ["12", "13.5"], ["Monday"], ["1.2.3"]])
def test_other_words_are_no_dates(cells):
    assert ways(*cells).share == 0


def test_days_that_no_month_has_are_not_read():
    assert read_dates(pa.array(["2024-02-31", "2024-02-01"]), "iso").null_count == 1
    assert read_dates(pa.array(["31.02.2024"]), "%d.%m.%Y").null_count == 1


def test_examples_are_what_a_person_knows():
    assert example("%b %d, %Y %I:%M %p") == "Dec 31, 2024 06:30 PM"
