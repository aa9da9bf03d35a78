"""Cells: every value falls into one, missing ones into none, and they survive a file."""

import json

import numpy as np
import pyarrow as pa
import pytest

from askew.drift import cells

NUMBERS = np.random.default_rng(0).normal(size=500)
WORDS = pa.array(["a"] * 50 + ["b"] * 30 + [f"once {n}" for n in range(20)] + [None])
DATES = pa.array([0, 86_400_000_000 * 4 + 1, None], pa.timestamp("us"))


def learned():
    drawn = np.random.default_rng(0)
    return {
        "cuts": (cells.learn_numbers(NUMBERS), NUMBERS, 500),
        "values": (cells.learn_numbers(np.r_[NUMBERS > 0, np.nan]), np.r_[NUMBERS > 0, np.nan], 500),
        "words": (cells.learn_words(WORDS, drawn), WORDS, 50),  # half of them say which words have a cell
        "common words": (cells.learn_words(WORDS.slice(0, 80), drawn), WORDS.slice(0, 80), 80),
    }


@pytest.mark.parametrize("name", ["cuts", "values", "words", "common words"])
def test_every_value_there_is_falls_into_one_cell(name):
    (found, counts), values, n_counted = learned()[name]
    assert counts.sum() == n_counted and len(counts) == found.n_cells
    there = len(values) - cells.Gaps().count(values)[1]
    assert found.count(values).sum() == there
    back = cells.CELLS[found.name].from_state(json.loads(json.dumps(found.state())))
    assert back == found
    assert len({found.in_words(cell) for cell in range(found.n_cells - found.ordered)}) > 1


def test_cuts_are_quantiles():
    assert [cells.Cuts((1.5,)).in_words(0, below) for below in (False, True)] == ["above 1.5", "up to 1.5"]
    found, counts = cells.learn_numbers(NUMBERS)
    assert found.n_cells == 128 and counts.max() <= 5
    rare = cells.learn_numbers(np.array([0.0] * 90 + [1.0] * 9 + [2.0]))
    assert rare.cells == cells.Cuts((0.0, 1.0, 2.0)) and rare.counts.tolist() == [90, 9, 1, 0]


def test_numbers_that_are_all_common_have_cells_of_their_own():
    found = cells.learn_numbers(np.repeat([0.0, 5.0], 50)).cells
    assert [found.in_words(cell) for cell in range(5)] == ["below 0", "0", "between 0 and 5", "5", "above 5"]
    assert found.count(np.array([-1.0, 0.0, 3.0, 5.0, 9.0])).tolist() == [1, 1, 1, 1, 1]


def test_rare_words_are_listed_by_half_of_the_rows_and_counted_in_the_other():
    found, counts = cells.learn_words(WORDS, np.random.default_rng(0))
    assert found.named[:2] == ("a", "b")
    assert (
        counts[-1] == sum(word.startswith("once") for word in WORDS[:100].to_pylist()) - len(found.named) + 2
    )
    assert found.in_words(found.n_cells - 1) == "new words"


def test_hours_and_weekdays():
    assert np.flatnonzero(cells.Hours().count(DATES)).tolist() == [0]
    assert cells.Weekdays().count(DATES).tolist() == [1, 0, 0, 1, 0, 0, 0]
    assert cells.days_of(DATES) == pytest.approx((0.0, 4.0)) and cells.days_of(DATES.slice(2)) is None


def test_nothing_is_learned_from_gaps_alone():
    assert cells.learn_numbers(np.full(3, np.nan)) is None
    assert cells.learn_words(pa.array([None], pa.string()), np.random.default_rng(0)) is None
    assert cells.Gaps().count(DATES).tolist() == [2, 1]
