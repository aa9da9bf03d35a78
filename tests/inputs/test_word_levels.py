"""The different words of a column."""

import numpy as np
import pyarrow as pa

from askew.inputs.word_levels import WordLevels

LEVELS = WordLevels.of(pa.array(["b", "a", None, "b", "c1"]))


def test_words_and_counts_without_missing_cells():
    assert LEVELS.words.to_pylist() == ["b", "a", "c1"]
    assert LEVELS.counts.tolist() == [2, 1, 1]


def test_shares_are_of_cells():
    mask = LEVELS.match("^[a-b]$")
    assert mask.tolist() == [True, True, False]
    assert LEVELS.share(mask) == 0.75
    assert (LEVELS.first(~mask), LEVELS.first(mask & ~mask)) == ("c1", "")
    assert LEVELS.take(~mask).words.to_pylist() == ["c1"]


def test_a_sample_is_spread_over_the_rows():
    words = WordLevels.of(pa.array([str(row) for row in range(1000)]))
    assert words.sample(3).words.to_pylist() == ["0", "499", "999"]
    assert np.array_equal(words.sample(2000).counts, words.counts)
