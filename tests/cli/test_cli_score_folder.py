"""``askew score -o folder/``: an output per file, what is said of them, and which options go with it."""

import json
from pathlib import Path

import pandas as pd
import pytest
from cli_tables import table


@pytest.fixture
def new(model, tmp_path):
    for name in ("may/x.csv", "june/x.csv"):
        (tmp_path / "new" / name).parent.mkdir(parents=True)
        table(seed=len(name))[["id", "a", "b", "c"]].to_csv(tmp_path / "new" / name, index=False)
    return model


def test_every_file_has_an_output_and_a_second_command_finds_them(new, run):
    words = ("score", "model.askew", "new/*/x.csv", "-o", "out/", "--id-column", "id")
    first = run(*words)
    assert first.code == 0 and first.out == ""
    counts, wrote = first.err.splitlines()
    assert counts.startswith("new/*/x.csv: 2 files, 120 rows, ") and wrote == "Wrote 2 to out/."
    found = pd.read_parquet("out/may/x.csv.parquet")
    assert list(found) == ["id", "score", "anomaly_score", "prediction"] and len(found) == 60
    second = run(*words, "--json")
    assert second.err.splitlines() == [
        counts,
        "2 of the outputs were there, of this model, input and settings.",
    ]
    outputs = json.loads(second.out)["outputs"]
    assert [(each["output"], each["n_rows"], each["found"]) for each in outputs] == [
        ("june/x.csv.parquet", 60, True),
        ("may/x.csv.parquet", 60, True),
    ]


def test_a_file_that_fails_is_named_and_the_code_is_2(new, run):
    Path("new/bad.csv").write_text("a,b\n1,2\n")
    Path("out").mkdir()
    found = run("score", "model.askew", "new", "-o", "out", "--format", "csv", "--json")
    assert found.code == 2
    assert [each["file"] for each in json.loads(found.out)["failed"]] == ["new/bad.csv"]
    said = found.err.splitlines()[-2:]
    assert said[0].startswith("error: ") and "'c'" in said[0]
    assert said[1].startswith(
        "error: 1 of 3 files could not be scored. Correct them and give the command again"
    )
    assert sorted(path.name for path in Path("out").rglob("*.csv")) == ["x.csv", "x.csv"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["-o", "out/", "--top", "3"], "--top must be left out with an output folder"),
        (["-o", "out.csv", "--format", "csv"], "--format must be given with an output folder; got 'out.csv'"),
        (["--cluster", "local:2"], "--cluster must be given with an output folder; got none"),
        (["-o", "out/", "--format", "xlsx"], "kind of outputs must be .parquet, .csv, .json; got '.xlsx'"),
        (["-o", "out/", "--cluster", "nowhere"], "address of a cluster must be that of a Dask scheduler"),
        (["-o", "new/out/"], "must be elsewhere than in the table 'new'"),
    ],
)
def test_refused(options, text, new, run):
    found = run("score", "model.askew", "new", *options)
    assert found.code == 2 and text in found.err and found.err.count("\n") == 1
    assert not Path("out").exists()
