"""What a person is told; the sentences themselves are shown in test_text_tables.py."""

import pyarrow as pa
import pytest

from askew.errors import DataFileError
from askew.inputs.reading_notes import absent_notes, number_notes
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import examine

PLACE = TablePlace("t.csv", "row {}".format)


def test_columns_with_the_same_words_share_a_line():
    found = {name: examine(pa.array(["1", "-", "-"])) for name in "ab"}
    assert list(absent_notes(found)) == ["'-' is taken as missing in 4 cells of 'a', 'b'."]


def test_numbers_that_are_dates_or_gaps():
    assert "seconds since 1970" in next(number_notes("a", pa.array([1_700_000_000]), {}, PLACE))
    assert "--na=-999" in next(number_notes("a", pa.array([1.5, 9.5, -999, -999, -999]), {}, PLACE))
    assert list(number_notes("a", pa.array([1_700_000_000]), {"a": "number"}, PLACE)) == []
    with pytest.raises(DataFileError, match="dates written one way"):
        list(number_notes("a", pa.array([1.7e9, 1.7e12]), {}, PLACE))
