"""Times of day and durations."""

import pyarrow as pa
import pytest

from askew.inputs.word_levels import WordLevels
from askew.inputs.written_clocks import clock_ways, read_clocks


def ways(*cells):
    return clock_ways(WordLevels.of(pa.array(cells)))


@pytest.mark.parametrize(
    ("cells", "form", "values"),
    [
        (["14:05", "0:30", "-1:00", "100:00"], "h:m", [845, 30, -60, 6000]),
        (["2:05 PM", "12:30 am", "12:00pm", "1:00 a.m."], "h:m", [845, 30, 720, 60]),
        (["01:30:15", "0:00:00.5", "0:00:01,25"], "h:m:s", [5415, 0.5, 1.25]),
        (["1:00:00 PM"], "h:m:s", [13 * 3600]),
    ],
)
def test_times(cells, form, values):
    assert ways(*cells) == (1.0, form, None)
    assert read_clocks(pa.array(cells), form).to_pylist() == values


def test_two_forms_are_a_clash():
    assert ways("1:30", "1:30:15").clash == ("1:30", "1:30:15")


@pytest.mark.parametrize("cells", [["1:75"], ["12"], ["a:b"], ["2024-01-01 10:00"], ["1:2:3:4"]])
def test_other_words_are_no_times(cells):
    assert ways(*cells).share == 0


@pytest.mark.parametrize("cell", ["1:30:15", "x", "13:00 PM", None])
def test_what_is_written_otherwise_is_not_read(cell):
    assert read_clocks(pa.array([cell], pa.string()), "h:m").to_pylist() == [None]
