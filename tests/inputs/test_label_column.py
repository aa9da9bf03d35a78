"""Label columns of files: what each value means, and which columns are refused."""

import pyarrow as pa
import pytest

from askew.errors import LabelError
from askew.inputs import Meaning, read_labels
from askew.inputs.label_column import LabelColumn
from askew.labels import Labels, check, from_binary

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
            "got 'Fraud' in row 2. 'Fraud' looks like a spelling of 'fraud': add --any-spelling",
        ),
        (
            ["ok", "frd"],
            WORDS,
            "got 'frd' in row 2. No row has the value 'fraud' that you gave. Did you mean 'frd'",
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


SPELLINGS = ["fraud"] * 3 + [
    "Fraud",
    "Fraud",
    "FRAUD ",
    "fraud.",
    "'fraud'",
    "FRAUD!",
    "ｆｒａｕｄ",
    "ok",
    "ok",
    "",
]


def test_all_spellings_are_named_with_their_counts_and_taken_together_on_demand():
    with pytest.raises(LabelError) as error:
        read(SPELLINGS, Meaning(anomaly=("fraud",), normal=("ok",)))
    text = str(error.value)
    assert "got 'Fraud' in row 4" in text and "like spellings of 'fraud': add --any-spelling" in text
    assert (
        "'fraud': 3, 'Fraud': 2, 'FRAUD': 1, 'fraud.': 1, \"'fraud'\": 1, 'FRAUD!': 1, 'ｆｒａｕｄ': 1, 'ok': 2"
        in text
    )
    told = []
    y = read(SPELLINGS, Meaning(("fraud",), ("OK",), any_spelling=True), tell=told.append)
    assert y.tolist() == [-1] * 10 + [1, 1, 0]
    assert told == [
        "note: taken as spellings of what --anomaly names: 'Fraud': 2, 'FRAUD': 1, 'fraud.': 1, \"'fraud'\": 1, "
        "'FRAUD!': 1, 'ｆｒａｕｄ': 1 (value: rows).",
        "note: taken as spellings of what --normal names: 'ok': 2 (value: rows).",
    ]
    with pytest.raises(LabelError, match=r"It holds 'fraud': 3, .*look like one word: --any-spelling"):
        read(SPELLINGS, Meaning())


def test_signs_tell_numbers_apart_however_they_are_spelt():
    with pytest.raises(LabelError, match="got '-1' in row 1"):
        read(["-1", "1", "2"], Meaning(anomaly=("1",), normal=("2",), any_spelling=True))


@pytest.mark.parametrize(
    ("values", "meaning", "fragment"),
    [
        (
            ["FRAUD", "ok"],
            Meaning(("Fraud",), ("fraud",), any_spelling=True),
            "which is spelt like 'Fraud' and 'fraud'",
        ),
        (["ok"], Meaning(any_spelling=True), "--any-spelling must be given with --anomaly"),
    ],
)
def test_spellings_of_two_meanings_are_refused(values, meaning, fragment):
    with pytest.raises(LabelError, match=fragment):
        read(values, meaning)


@pytest.mark.parametrize("other", ["ok", "0"])
def test_the_one_other_value_is_normal_as_from_binary_has_it_and_that_is_said(other):
    values, told = ["fraud", other, "", None, other], []
    y = read(values, Meaning(anomaly=("fraud", "theft")), tell=told.append)
    assert y.tolist() == from_binary(values, ["fraud", "theft"]).tolist() == [-1, 1, 0, 0, 1]
    assert len(told) == 1 and f"{other!r} (rows: 2) is taken as known normal" in told[0]
    assert told[0].endswith(f"Add --unlabelled={other} if nobody looked at these rows.")
    assert read(values, Meaning(anomaly=("fraud",), unlabelled=(other,))).tolist() == [-1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "values",
    [["ok", "fine", "fraud"], ["ok", "ok"], ["fraud", "Fraud"], ["fraud", "Unknown"], ["fraud", "?"]],
)
def test_what_from_binary_refuses_is_refused(values):
    with pytest.raises(LabelError):
        from_binary(values, "fraud")
    with pytest.raises(LabelError, match="only values with a meaning"):
        read(values, Meaning(anomaly=("fraud",)))


def test_a_column_read_in_batches_is_counted_as_a_whole():
    column = LabelColumn("label", "row {}".format, {}, {})
    batches = (["ok", None, "fraud"], ["Fraud", "ok", " ", "1.0"], [])
    places = [column.add(pa.array(cells, pa.string())).tolist() for cells in batches]
    assert list(column.rows.items()) == [("ok", 1), ("", 2), ("fraud", 3), ("Fraud", 4), ("1", 7)]
    assert column.counts == {"ok": 2, "": 2, "fraud": 1, "Fraud": 1, "1": 1}
    assert places == [[0, 1, 2], [3, 0, 1, 4], []]
    assert column.anomalies(Meaning(anomaly=("fraud",))) == {2, 3} and column.anomalies(Meaning()) == set()
    assert LabelColumn("y", "row {}".format, {"0": 1, "-1": 2, "1": 4}, {}).anomalies(Meaning()) == {1}
    with pytest.raises(LabelError, match="got 'Fraud' in row 4"):
        column.labels(WORDS, lambda text: None)
    numbers = LabelColumn("label", "row {}".format, {}, {})
    numbers.add(pa.array([1.0, None, float("nan"), -1.0]))
    assert numbers.labels(Meaning(), lambda text: None) == {"1": 1, "": 0, "-1": -1}
