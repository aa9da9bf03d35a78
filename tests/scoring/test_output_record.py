"""A finished output is known by what it was made of and by its own state, never by its being there."""

import pytest

from askew.errors import DataFileError
from askew.scoring.output_record import FileState, OutputRecord, finished, record_path

ORIGIN = {"model": "abc", "input": [3, 4]}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").mkdir()
    output = tmp_path / "a" / "x.csv"
    output.write_text("row,score\n")
    OutputRecord(ORIGIN, FileState.of(output), 3, 1, ["new"]).write(tmp_path, "a/x.csv")
    return tmp_path


def test_an_unchanged_output_of_the_origin_is_finished(folder):
    found = finished(folder, "a/x.csv", dict(ORIGIN))
    assert (found.n_rows, found.n_anomalies, found.notes) == (3, 1, ["new"])


def test_of_another_origin_it_is_not(folder):
    assert finished(folder, "a/x.csv", ORIGIN | {"model": "other"}) is None
    assert finished(folder, "x.csv", ORIGIN) is None


@pytest.mark.parametrize("text", ["row,score\n1,2\n", None])
def test_nor_is_one_that_was_changed_or_removed(folder, text):
    if text is None:
        (folder / "a/x.csv").unlink()
    else:
        (folder / "a/x.csv").write_text(text)
    assert finished(folder, "a/x.csv", ORIGIN) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 99999, '{"origin": 3}', '{"origin": {}, "output": [1]}', "\xff", "null"]
)
def test_a_damaged_record_says_nothing(folder, text):
    record_path(folder, "a/x.csv").write_text(text, encoding="latin-1")
    assert finished(folder, "a/x.csv", ORIGIN) is None


def test_the_state_of_no_file_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="No such file"):
        FileState.of(tmp_path / "no")
