"""``--seeds``."""

import pytest

from askew.cli.bench import parse_seeds
from askew.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "seeds"),
    [(None, None), ("1", [0]), ("3", [0, 1, 2]), ("4-6", [4, 5, 6]), ("5-5", [5]), ("7, 0", [7, 0])],
)
def test_seeds(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "0", "-1", "3-1", "1.5", "a", "1;2", "1--2", "7,"])
def test_seeds_that_are_refused(text):
    with pytest.raises(InvalidInputError, match="--seeds must be"):
        parse_seeds(text)
