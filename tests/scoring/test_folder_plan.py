"""Names of outputs, and what is refused before any work is done."""

import os
from pathlib import Path

import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.inputs import Address
from askew.scoring.folder_plan import FilePair, plan_outputs

MODEL = Path("m.askew")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Make files in an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)

    def make(*names):
        for name in names:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(name)

    make("m.askew")
    return make


def names(data, kind=".parquet", folder="out"):
    return {str(p.source): p.name for p in plan_outputs(Path(data), Path(folder), kind, MODEL)}


def test_an_output_has_the_path_of_its_input(files):
    files(
        "in/a/x.parquet",
        "in/b/x.parquet",
        "in/_SUCCESS",
        "in/b/y.csv",
        "in/.tmp/z.parquet",
        "in/y=1/z.PARQUET",
    )
    pairs = {"in/a/x.parquet": "a/x.parquet", "in/b/x.parquet": "b/x.parquet"}
    assert names("in/*/x.parquet") == pairs
    assert names("in/a/*.parquet") == {"in/a/x.parquet": "x.parquet"}
    assert names("in/a/x.parquet", ".csv") == {"in/a/x.parquet": "x.parquet.csv"}
    more = {"in/b/y.csv": "b/y.csv.parquet", "in/y=1/z.PARQUET": "y=1/z.PARQUET"}
    assert names("in/**/*.*") == pairs | more
    os.remove("in/y=1/z.PARQUET")
    os.rmdir("in/y=1")
    assert names("in") == pairs | {"in/b/y.csv": "b/y.csv.parquet"}
    os.chdir("in")
    assert names("../in/*/x.parquet", folder="../out") == {f"../{k}": v for k, v in pairs.items()}
    book = Address("../in/b/y.csv", "May")
    assert plan_outputs(book, Path("../out"), ".csv", MODEL) == [FilePair(Path("../in/b/y.csv"), "y.csv")]


@pytest.mark.parametrize(
    ("made", "data", "folder", "kind", "text"),
    [
        ("in/x.csv", "in/*.parquet", "out", ".csv", "must have files that the pattern finds; there are none"),
        (
            "in/x.csv in/x.csv.parquet",
            "in/*",
            "out",
            ".parquet",
            r"x\.csv and in/x\.csv\.parquet would both give",
        ),
        (
            "in/x.csv in/x.csv.parquet/a.parquet",
            "in",
            "out",
            ".parquet",
            "must be a file, and x.csv.parquet/a.parquet",
        ),
        ("in/x.csv", "in", "out/", ".txt", "kind of outputs must be"),
        ("in/x.csv", "in", "in", ".csv", "must be another file than the input in/x.csv; got the same"),
        ("in/x.csv", "in", "in/out", ".csv", "must be elsewhere than in the table 'in'"),
        (
            "in/x.csv in/a/b/c",
            "in/**/*.csv",
            "in/a/b/out",
            ".csv",
            "would take in/a/b/out/x.csv for an input",
        ),
        ("in/x.csv", "in/x.csv", "in/x.csv", ".csv", "output folder in/x.csv must be a folder; got a file"),
        ("in/x.csv", "in", "no/out", ".csv", "there is no folder no"),
        ("in/a/x.csv", "in/*/../a/x.csv", "out", ".csv", r"must not go up by '\.\.' after its first sign"),
        ("in/x.csv in/y.txt", "in/*", "out", ".csv", r"got in/y\.txt, whose ending is that of no table"),
        ("in/x.png", "in", "out", ".csv", "got the folder of images 'in'"),
        ("in/x.png", "in/*", "out", ".csv", "got the image in/x.png"),
    ],
)
def test_refused(files, made, data, folder, kind, text):
    files(*made.split())
    with pytest.raises(InvalidInputError, match=text):
        names(data, kind, folder)


def test_what_is_no_file_here_is_refused(files):
    for address in (Address("s3://b/*.csv"), Address("a.duckdb", is_database=True)):
        with pytest.raises(InvalidInputError, match="must be files on this machine"):
            plan_outputs(address, Path("out"), ".csv", MODEL)
    files(".askew/x.csv")
    with pytest.raises(InvalidInputError, match="must not be in a folder called"):
        names(".askew/../**/.askew/*.csv")


def test_no_output_replaces_an_input_or_the_model_by_another_name(files):
    files("in/a.csv", "in/b.csv", "out/b.csv")
    os.link("in/a.csv", "out/a.csv")
    with pytest.raises(
        InvalidInputError, match=r"output out/a\.csv must be another file than the input in/a\.csv"
    ):
        names("in", ".csv")
    os.remove("out/a.csv")
    os.symlink(MODEL.absolute(), "out/a.csv")
    with pytest.raises(InvalidInputError, match=r"than the input m\.askew"):
        names("in", ".csv")


def test_a_missing_file_is_left_to_its_reader(files):
    assert names("no.csv") == {"no.csv": "no.csv.parquet"}
    with pytest.raises(DataFileError):
        Path("empty").mkdir()
        names("empty/*.csv")
