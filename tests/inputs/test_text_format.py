"""What a person says of how text is written."""

import pytest

from askew.errors import InvalidInputError
from askew.inputs import TextFormat


@pytest.mark.parametrize(
    ("said", "fragment"),
    [
        ({"decimal": ";"}, "--decimal must be . or a comma; got ';'"),
        ({"thousands": "x"}, "--thousands must be .* got 'x'"),
        ({"decimal": ",", "thousands": ","}, "--thousands must not be --decimal"),
        ({"separator": "::"}, "--separator must be one character, or tab; got '::'"),
        ({"encoding": "klingon"}, "--encoding must be one that Python knows; got 'klingon'"),
    ],
)
def test_refused(said, fragment):
    with pytest.raises(InvalidInputError, match=fragment):
        TextFormat(**said)


def test_tab_is_a_word_too():
    assert TextFormat(separator="tab").delimiter == TextFormat(separator="\\t").delimiter == "\t"


def test_missing_numbers():
    assert TextFormat(missing=("-999", "none")).numbers_missing == (-999.0,)


def test_options_that_say_nothing_of_a_kind_of_file():
    with pytest.raises(InvalidInputError, match=r"--separator must be left out for t\.parquet"):
        TextFormat(separator=";").refuse("t.parquet", "separator")
