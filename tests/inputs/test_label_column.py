"""Label columns of files: what each value means, and which columns are refused."""

import pytest

from askew.errors import LabelError
from askew.inputs import Meaning, read_labels
from askew.labels import Labels, check

WORDS = Meaning(anomaly=("fraud", "theft"), normal=("ok",), unlabelled=("?",))


def read(values, meaning=WORDS, **kwargs):
    return read_labels(values, meaning, "label column 'y' of t.csv", **kwargs)


def test_words():
    y = read(["ok", "", None, "fraud", " theft ", "?", float("nan")])
    assert isinstance(y, Labels)
    assert y.tolist() == [1, 0, 0, -1, -1, 0, 0]


def test_our_convention_needs_no_words():
    assert read(["1", "0", "-1", "", "+1", "-1.0"], Meaning()).tolist() == [1, 0, -1, 0, 1, -1]
    assert read([1, 0, -1, None], Meaning()).tolist() == [1, 0, -1, 0]


@pytest.mark.parametrize("column", [["1", "0", "0"], [1, 0, 0], [1.0, 0.0, 0.0], [True, False, False]])
def test_numbers_match_however_they_are_written(column):
    words = ("true", "False") if column[0] is True else ("1", "0.0")
    assert read(column, Meaning(anomaly=words[:1], unlabelled=words[1:])).tolist() == [-1, 0, 0]


def test_declared_labels_pass_where_plain_ones_are_ambiguous():
    assert check(read([1, 0, 0], Meaning(normal=("1",), unlabelled=("0",)))).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("values", "meaning", "fragment"),
    [
        (["ok", "maybe"], WORDS, "only values with a meaning; got 'maybe' in row 2"),
        (
            ["ok", "Fraud"],
            WORDS,
            "got 'Fraud' in row 2. No row has the value 'fraud' that you gave. Did you mean 'Fraud'",
        ),
        (["fraud", "ok"], Meaning(), "got 'fraud' in row 1. Say what its values mean with --anomaly VALUE"),
        (["2", "0"], Meaning(), "got '2' in row 1"),
        (["1", "0"], Meaning(), "without doubt; got only '0', '1'"),
        (["1", ""], Meaning(), "for example --normal=1 or --anomaly=1"),
        (["-1", "-1", "-1", "0"], Meaning(), "--anomaly=-1 --unlabelled=0 or --unlabelled=-1 --normal=0"),
        (["-1", "-1", "-1", "1"], Meaning(), "--anomaly=-1 --normal=1 or --unlabelled=-1 --normal=1"),
        (["-1", "-1"], Meaning(), "something to learn normal from"),
        (
            ["ok"],
            Meaning(anomaly=("ok",), normal=("ok",)),
            "--normal must be a value with one meaning; got 'ok'",
        ),
    ],
)
def test_refusals(values, meaning, fragment):
    with pytest.raises(LabelError, match=fragment):
        read(values, meaning)


def test_first_bad_row_is_named_as_the_file_names_it():
    with pytest.raises(LabelError, match=r"got 'z' in row 2 \(line 5\)"):
        read(["ok", "z", "a"], row_name=lambda row: f"row {row} (line {row + 3})")


def test_every_example_in_a_refusal_works():
    column = ["1", "0", "0"]
    with pytest.raises(LabelError, match="--normal=1 --unlabelled=0 or --anomaly=1 --unlabelled=0"):
        read(column, Meaning())
    assert read(column, Meaning(normal=("1",), unlabelled=("0",))).tolist() == [1, 0, 0]
    assert read(column, Meaning(anomaly=("1",), unlabelled=("0",))).tolist() == [-1, 0, 0]
