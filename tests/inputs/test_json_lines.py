"""JSON: objects by line or in an array are rows; text in them is read as that of a CSV file, nesting is refused."""

import datetime
import gzip

import pyarrow as pa
import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import cell_table, open_table
from askew.inputs.text_columns import Reading
from askew.inputs.text_format import TextFormat


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def opened(content, name="t.jsonl", **said):
    with open(name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return open_table(name, TextFormat(**said))


def column(content, name="a", **said):
    return opened(content, **said).read_mixed([name]).table[name]


LINES = '{"id": "x", "a": 1}\n\n{"a": 2.5, "id": "y", "b": true}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.jsonl", LINES),
        ("t.ndjson", LINES.replace("\n", "\r\n")),
        ("t.json", "\ufeff" + LINES),
        ("t.jsonl.gz", gzip.compress(LINES.encode(), mtime=0)),
        ("t.json", f"[{LINES.strip().replace(chr(10) * 2, ',')}]"),
    ],
)
def test_objects_are_rows_and_a_name_that_one_lacks_is_a_gap(name, content, monkeypatch):
    monkeypatch.setattr(cell_table, "ROWS", 1)
    table = opened(content, name)
    assert table.names == ("id", "a", "b")
    assert table.read_mixed(["b", "a"]).table.to_pydict() == {"b": [None, True], "a": [1.0, 2.5]}
    batches = list(table.batches(["a"], keep=["id"]))
    assert [(batch.values.tolist(), batch.kept["id"].to_pylist(), batch.fraction) for batch in batches] == [
        ([[1.0]], ["x"], 0.5),
        ([[2.5]], ["y"], 1.0),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "9223372036854775807", "null"], pa.array([1, 2**63 - 1, None])),
        (["1", "9223372036854775808"], pa.array([1.0, 2.0**63])),
        (["1", "0.5", "NaN"], pa.array([1.0, 0.5, float("nan")])),
        (["true", "null", "false"], pa.array([True, None, False])),
        (['"1,5"', '"1.234,5"', "2"], pa.array([1.5, 1234.5, 2.0])),
        (['"$ 5"', '"n/a"', '"$ 7"'], pa.array([5.0, None, 7.0])),
        (['"007"', '"12"'], pa.array(["007", "12"])),
        (['"a"', "1", "true", '" "'], pa.array(["a", "1", "true", None])),
        (['"2024-05-01"', '"2024-05-02"'], pa.array([datetime.datetime(2024, 5, day) for day in (1, 2)])),
        (["null", "null"], pa.nulls(2)),
    ],
)
def test_values_of_a_column_have_one_type_and_text_is_read_as_a_csv_files(values, expected):
    found = column("".join(f'{{"a": {value}}}\n' for value in values)).combine_chunks()
    assert found.type == expected.type and str(found.to_pylist()) == str(expected.to_pylist())  # NaN is NaN


def test_words_that_a_person_calls_missing_are_gaps():
    assert column('{"a": "?!"}\n{"a": 1}\n', missing=("?!",)).to_pylist() == [None, 1.0]
    with pytest.raises(InvalidInputError, match=r"--separator must be left out for t.jsonl"):
        opened(LINES, separator=";")


def test_a_word_among_numbers_is_read_as_the_model_reads_the_column():
    table = opened('{"a": 1, "b": true}\n{"a": "n/a", "b": "?"}\n{"a": 2.5, "b": "false"}\n')
    readings = {"a": Reading("number"), "b": Reading("boolean")}
    assert table.schema(readings).types == [pa.float64(), pa.bool_()]
    (rows,) = table.mixed_batches(readings)
    assert rows.table.to_pydict() == {"a": [1.0, None, 2.5], "b": [True, None, False]}
    (rows,) = table.mixed_batches({"a": Reading("category")})
    assert rows.table["a"].to_pylist() == ["1", "n/a", "2.5"]
    with pytest.raises(
        DataFileError, match=r"column 'a' of t.jsonl must be a number .* got 'x' in row 2 \(line 2\)"
    ):
        list(opened('{"a": 1}\n{"a": "x"}\n').mixed_batches({"a": Reading("number")}))


@pytest.mark.parametrize(
    ("second", "got"),
    [
        ('{"a": [1]}', r"got a list in row 2 \(line 3\)\. Write .* \(--drop a\)"),
        ('{"a": {"b": 1}}', "got an object in row 2"),
    ],
)
def test_nested_values_are_refused_by_name_where_they_are_asked_for(second, got):
    table = opened(f'{{"a": 1, "b": 1}}\n\n{second}\n')
    assert table.read_mixed(["b"]).table["b"].to_pylist() == [1, None]
    with pytest.raises(DataFileError, match=f"column 'a' of t.jsonl must hold .* a value a row; {got}"):
        table.read_mixed(["a"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1}\n{"a": 1', r"line 2 cannot be read \(Expecting ',' delimiter\)"),
        ('{"a": 1}\n\n{"a": 1, "a": 2}\n', r"line 3 cannot be read \(it has 'a' twice\)"),
        ('{"a": 1}\n[1]\n', 'got a list in line 2. Write each row as {"name": value'),
        ("[1, 2]", "got 1 in row 1"),
        ("[{}, ", "its array cannot be read"),
        ("3\n", "got 3 in line 1"),
        ('{"a": ' + "[" * 100_000, "line 1 cannot be read .maximum recursion depth"),
        (b'{"a": "\xff"}\n', "must be JSON in UTF-8 that is whole; got: 'utf-8' codec"),
        (
            gzip.compress(b'{"a": 1}\n', mtime=0)[:-4],
            "must be JSON in UTF-8 that is whole; got: .*ended before",
        ),
        ("\n\n", "must have data rows; got none"),
        ('{"a": Infinity}\n', r"column 'a' of t.* finite number .* got inf in row 1 \(line 1\)"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(content, message):
    name = "t.jsonl.gz" if content[:1] == b"\x1f" else "t.jsonl"
    with pytest.raises(DataFileError, match=message) as caught:
        opened(content, name).read_mixed(["a"])
    assert "\n" not in str(caught.value)
