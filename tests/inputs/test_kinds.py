"""Columns of one kind that come as another."""

import datetime

import pyarrow as pa
import pytest

from askew.inputs.kinds import OtherKind, brought_to, kind_error
from askew.inputs.text_columns import Reading

DAY = datetime.datetime(2024, 5, 1)
ZONED = pa.array([DAY], pa.timestamp("us", "UTC"))


@pytest.mark.parametrize(
    ("array", "zone", "kind"),
    [
        (pa.array([1.0]), None, "numbers"),
        (pa.array([True]), None, "truth values"),
        (ZONED, None, "dates with a time zone"),
        (pa.array([DAY]), "UTC", "dates"),
    ],
)
def test_what_is_no_date_of_the_model_is_refused(array, zone, kind):
    with pytest.raises(OtherKind, match=f"^{kind}$"):
        brought_to(array, Reading("date"), zone)


def test_dates_of_the_model_are_in_its_time_zone():
    assert brought_to(ZONED, Reading("date"), "Etc/GMT-2").to_pylist() == [DAY.replace(hour=2)]
    assert brought_to(pa.array([DAY]), Reading("date")).to_pylist() == [DAY]
    nothing = pa.nulls(2, pa.timestamp("us"))
    assert brought_to(nothing, Reading("date"), "UTC").null_count == 2


def test_a_refusal_says_what_else_can_be_done():
    fitted = str(kind_error("a", "t", "number", "words", "x", fitted=True))
    assert fitted == (
        "column 'a' of t must be numbers as in the table the model was fitted on; got words, for example 'x'. "
        "Turn it into numbers, or fit a new model on the column as it is now."
    )
    chosen = str(kind_error("a", "t", "number", "words", None, fitted=False))
    assert chosen == (
        "column 'a' of t must be numbers; got words. Turn it into numbers, or choose another kind for it."
    )
