"""A frame of more than numbers: from how many rows it can be learned."""

import pandas as pd
import pytest

import askew
from askew.errors import InvalidInputError
from detector_cases import calmly

FRAME = pd.DataFrame({"size": [1.0, 2.0], "word": ["a", "b"]})


def test_two_rows_are_enough_and_one_is_not():
    detector = askew.KDE(bandwidth=1.0)
    assert calmly(detector.fit, FRAME).n_features_in_ == 2 and detector.preparation_ is not None
    with pytest.raises(InvalidInputError, match=r"1 sample\(s\) .* a minimum of 2 is required by KDE"):
        askew.KDE(bandwidth=1.0).fit(FRAME[:1])
