"""Columns by name."""

import pytest

from askew.errors import InvalidInputError
from askew.inputs import match_columns
from askew.inputs.column_names import refuse_duplicates, require_column, suggestion


def test_columns_come_in_the_order_of_the_model():
    match = match_columns(["c", "a"], ["id", "a", "b", "c"], "t.csv")
    assert match.selected == ("c", "a")
    assert match.extra == ("id", "b")


@pytest.mark.parametrize(
    ("available", "fragment"),
    [
        (["a", "Speed"], "'speed' is missing. Did you mean 'Speed'"),
        (["a", "sped"], "Did you mean 'sped'"),
        (["a", "zz"], "The other columns are: 'zz'"),
        (["zz"], "'a', 'speed' are missing"),
        ([], "The other columns are: none"),
    ],
)
def test_missing_columns_are_refused(available, fragment):
    with pytest.raises(InvalidInputError, match=fragment):
        match_columns(["a", "speed"], available, "t.csv")


def test_suggestions_never_offer_a_column_that_is_used_already():
    with pytest.raises(InvalidInputError) as caught:
        match_columns(["speed_1", "speed_2"], ["speed_1"], "t.csv")
    assert "Did you mean" not in str(caught.value)


def test_require_column():
    assert require_column("a", ["a", "b"], "t.csv", "id column") == "a"
    with pytest.raises(
        InvalidInputError, match=r"id column must be a column of t.csv; got 'A '. Did you mean 'a'"
    ):
        require_column("A ", ["a", "b"], "t.csv", "id column")
    with pytest.raises(InvalidInputError, match="Choose one of: 'a', 'b'"):
        require_column("zzz", ["a", "b"], "t.csv", "id column")


def test_duplicates():
    refuse_duplicates(["a", "b"], "t.csv")
    with pytest.raises(InvalidInputError, match=r"of t.csv must be different; got 'a' for columns 1 and 3"):
        refuse_duplicates(["a", "b", "a"], "t.csv")


def test_nothing_is_suggested_for_a_far_name():
    assert suggestion("temperature", ["x", "y"]) == ""
