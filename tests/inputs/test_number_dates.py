"""Numbers that are dates."""

import pyarrow as pa
import pytest

from askew.inputs.number_dates import certain_dates, dates_of_numbers, number_dates


@pytest.mark.parametrize(
    ("numbers", "forms"),
    [
        ([1.7e9, 1.71e9], ("epoch s",)),
        ([1_700_000_000_000], ("epoch ms",)),
        ([1_700_000_000_000_000_000], ("epoch ns",)),
        ([1.7e9, 1.71e9, 1.7e12], ("epoch s", "epoch ms")),
        ([20240305, 20231231], ("%Y%m%d",)),
        ([20240105, 20240131], ("%Y%m%d",)),
        ([20240305235959], ("%Y%m%d%H%M%S",)),
        ([20240305246060], ()),
        ([45356.583333, 45356.5], ("days since 1900",)),
        ([45356.58, 45356.25], ()),
        ([45356, 45357], ()),
        ([20240305, 1.7e9], ("%Y%m%d", "epoch s")),
        ([20241305], ()),
        ([1.5, 2.0], ()),
        ([None], ()),
    ],
)
def test_whole_numbers_that_look_like_dates(numbers, forms):
    assert sorted(number_dates(pa.array(numbers))) == sorted(forms)


@pytest.mark.parametrize(
    ("number", "form", "date"),
    [
        (1_709_600_000, "epoch s", "2024-03-05 00:53:20"),
        (1_709_600_000_500.0, "epoch ms", "2024-03-05 00:53:20.500000"),
        (1_709_600_000_123_456_789, "epoch ns", "2024-03-05 00:53:20.123456"),
        (20240305.0, "%Y%m%d", "2024-03-05 00:00:00"),
        (20240229235958.0, "%Y%m%d%H%M%S", "2024-02-29 23:59:58"),
        (45356.583333, "days since 1900", "2024-03-05 13:59:59.971200"),
    ],
)
def test_dates_of_whole_numbers(number, form, date):
    assert str(dates_of_numbers(pa.array([number, None]), form)[0]) == date
    assert dates_of_numbers(pa.array([number, None]), form).null_count == 1


def test_days_that_no_month_has_are_none():
    assert dates_of_numbers(pa.array([20240231, 20240301, 17]), "%Y%m%d").null_count == 2


@pytest.mark.parametrize(
    ("numbers", "form"),
    [
        ([20240305, 20240306, 20240307, None], "%Y%m%d"),
        ([20240305, 20240306, 20240306], ""),  # too few to be sure
        ([20240305, 20240306, 20240231], ""),
        ([1.7e9, 1.8e9, 1.9e9], ""),
    ],
)
def test_what_can_be_nothing_but_dates(numbers, form):
    assert certain_dates(pa.array(numbers)) == form
