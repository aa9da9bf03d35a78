"""Where the header of a CSV file stands, and what separates its cells."""

import io

import pytest

from askew.errors import DataFileError
from askew.inputs.csv_layout import Layout, find_layout, utf8_file
from askew.inputs.text_format import TextFormat


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("a,b\n1,2\n", Layout(",")),
        ("a;b\n0,5;1,5\n", Layout(";")),
        ("a|b\n1|2\n", Layout("|")),
        ("a;b\n0,5;1,5\n0,7;1\n0,5\n", Layout(";")),
        ("a\tb c, d\n1\t2,5\n", Layout("\t")),
        ("a\n1\n", Layout(",")),
        ("Report, of March\n\na;b;c\n0,5;1,5;x\n1,5;2;y\n", Layout(";", 2, "Report, of March")),
        ("# made by x\n# y\na,b\n1,2\n", Layout(",", 2, "# made by x")),
        ("Title;;\n;;\nWhen;2024;\na;b;c\n1;2;3\n", Layout(";", 0)),  # half a line: nobody can tell
        ("Title;;\na;b;c\n1;2;3\n", Layout(";", 1, "Title;;")),
        ("When;2024;\na;b;c\n1;2;3\n", Layout(";")),
        ("x;y\na;b;c;d\n1;2;3;4\n5;6;7;8\n", Layout(";", 1, "x;y")),
        (",a,b\n0,1,2\n", Layout(",")),
        ("a,b\n0,1,2\n1,2,3\n", Layout(",")),  # one name too few, as R writes row names
        ("a,b,c\n1,2,3\n1,2\n", Layout(",")),
        ('a,"b\nc"\n1,2\n', Layout(",")),
    ],
)
def test_layouts(text, layout):
    assert find_layout(io.StringIO(text, newline="")) == layout


def test_a_separator_that_is_said():
    assert find_layout(io.StringIO("a;b,c\n1;2,3\n"), ";") == Layout(";")


@pytest.mark.parametrize(("encoding", "said"), [("cp1252", "cp1252"), ("utf-16", ""), ("utf-8", "")])
def test_other_encodings_are_rewritten(tmp_path, encoding, said):
    path = tmp_path / "t.csv"
    path.write_bytes("å,b\n1,2 €\n".encode(encoding))
    copy = utf8_file(path, TextFormat(encoding=said))
    assert copy.read_text(encoding="utf-8") == "å,b\n1,2 €\n"
    assert (copy == path) == (encoding == "utf-8")
    copy.unlink()


def test_bytes_of_another_encoding_are_refused(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,\x81\n")
    with pytest.raises(DataFileError, match="must be text in cp1252; got other bytes"):
        utf8_file(tmp_path / "t.csv", TextFormat(encoding="cp1252"))
