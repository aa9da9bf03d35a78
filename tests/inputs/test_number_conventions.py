"""How the columns of a table write their numbers, where one alone does not tell."""

import pyarrow as pa
import pytest

from askew.errors import DataFileError
from askew.inputs.number_conventions import number_forms
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import examine
from askew.inputs.text_format import TextFormat


def forms(separator=",", **columns):
    words = {name: pa.array(cells) for name, cells in columns.items()}
    found = {name: examine(each) for name, each in words.items()}
    chosen = number_forms(found, words, TextFormat(), TablePlace("t", str, separator=separator))
    return {name: form and str(form) for name, form in chosen.items()}


def test_plain_columns_stay_plain():
    assert forms(a=["1.5"], b=["12"]) == {"a": None, "b": None}
    assert forms(";", a=["1.5"], b=["1.234"]) == {"a": None, "b": None}
    assert forms(";", b=["1.234", "1.5"]) == {"b": None}


def test_a_table_of_decimal_commas():
    assert forms(";", a=["0,5"], b=["1.234"], c=["12"], d=["1.234,5"]) == dict.fromkeys("abcd", "1.234,5")
    assert forms(";", a=["0,5"], c=["12"]) == dict.fromkeys("ac", "1234,5")


def test_two_conventions_tell_nothing():
    assert forms(a=["0,5"], b=["0.5"]) == {"a": "1234,5", "b": None}
    with pytest.raises(DataFileError, match=r"'c' .* one meaning"):
        forms(a=["0,5"], b=["0.5"], c=["1,234"])
