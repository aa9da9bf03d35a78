"""Options that are not for a source are refused, and rows of every kind are taken and joined."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scoring_tables import kde, words

from askew.errors import InvalidInputError
from askew.scoring import ReadOptions, open_source
from askew.scoring.row_source import join_rows, take_rows

NUMBERS = np.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame, lambda X: pa.table({"a": X[:, 0], "b": X[:, 1]})])
def test_rows_are_taken_and_joined(make):
    parts = [take_rows(make(NUMBERS), np.array(places)) for places in ([3, 0], [2])]
    joined = join_rows(parts)
    assert type(joined) is type(make(NUMBERS))
    values = joined.to_pandas() if isinstance(joined, pa.Table) else joined
    np.testing.assert_array_equal(np.asarray(values), NUMBERS[[3, 0, 2]])
    if isinstance(joined, pd.DataFrame):
        assert joined.index.tolist() == [0, 1, 2]


def test_an_option_of_the_other_kind_is_refused(tmp_path):
    rows = tmp_path / "rows.csv"
    words().to_csv(rows, index=False)
    with pytest.raises(InvalidInputError, match="--skip-corrupt must be left out unless DATA is a folder"):
        open_source(kde(), rows, ReadOptions(skip_corrupt=True))
    (tmp_path / "images").mkdir()
    with pytest.raises(InvalidInputError, match="--id-column must be left out for a folder of images"):
        open_source(kde(), tmp_path / "images", ReadOptions("id"))
