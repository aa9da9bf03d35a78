"""Every command reads tables of every form: files of several formats, folders and patterns, databases."""

import json

import pandas as pd
import pytest
from cli_tables import table

FIT = ("--label-column", "label", "--id-column", "id", "--detector", "kde", "-o", "m.askew")


@pytest.fixture
def parts(run, tmp_path):
    (tmp_path / "parts").mkdir()
    table().iloc[:25].to_csv(tmp_path / "parts" / "a.csv", index=False)
    table().iloc[25:].to_csv(tmp_path / "parts" / "b.csv", index=False)
    return tmp_path / "parts"


def scores(path="s.parquet"):
    return pd.read_parquet(path)["score"].tolist()


def test_all_forms_of_a_table_give_one_model_and_one_score(run, parts, tmp_path):
    duckdb = pytest.importorskip("duckdb", reason="needs the extra askew[sql]")
    pytest.importorskip("openpyxl", reason="needs the extra askew[excel]")
    frame = table()
    frame.to_csv("t.csv", index=False)
    frame.to_feather("t.feather")
    frame.to_json("t.jsonl", orient="records", lines=True, double_precision=15)
    with pd.ExcelWriter("t.xlsx") as book:
        frame.to_excel(book, sheet_name="May", index=False)
        frame.head(3).to_excel(book, sheet_name="June", index=False)
    with duckdb.connect("t.db") as database:
        database.execute("create table t as from 't.csv'; create table other (x int)")
    found = {}
    for data in (
        ("t.csv",),
        ("t.feather",),
        ("t.jsonl",),
        ("t.xlsx", "--sheet", "May"),
        ("parts",),
        ("parts/?.csv",),
        ("duckdb:t.db", "--query", "from t"),
    ):
        outcome = run("fit", *data, *FIT)
        assert outcome.code == 0, outcome.err
        rows = "60 rows in 2 files, 3 columns" if data[0].startswith("parts") else "60 rows, 3 columns"
        assert f"{rows}; 2 known anomalies" in outcome.err
        assert run("score", "m.askew", *data, "-o", "s.parquet").code == 0
        found[data] = scores()
    for each in found.values():
        assert each == pytest.approx(found["t.csv",], rel=1e-9)


def test_the_file_of_a_row_is_in_what_is_printed(run, model, parts):
    outcome = run("score", "model.askew", "parts", "--top", "2", "--json", "--ignore-extra")
    about = json.loads(outcome.out)
    assert about["data"] == "parts" and {row["file"] for row in about["rows"]} <= {"a.csv", "b.csv"}
    outcome = run("explain", "model.askew", "parts", "--top", "1", "--ignore-extra")
    assert outcome.code == 0 and outcome.out.split()[:3] == ["file", "row", "score"]
    assert ".csv" in outcome.out.splitlines()[1]


def test_thresholds_and_reports_read_them_too(run, model, parts):
    assert run("threshold", "model.askew", "parts", "--rule", "quantile:0.1", "-o", "t.askew").code == 0
    outcome = run("report", "model.askew", "--data", "parts/*.csv", "-o", "r.html")
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fit", "parts/*.tsv", *FIT), "table parts/*.tsv must have files that the pattern finds"),
        (("fit", "parts/a.csv", "--query", "from t", *FIT), "--query must be given with a DuckDB database"),
        (("fit", "duckdb:parts/none.db?from t", *FIT), "parts/none.db?from t must be what a query finds"),
        (
            ("score", "model.askew", "parts", "-o", "parts/s.csv"),
            "must be elsewhere than in the table 'parts'",
        ),
        (("fit", "parts/a.csv", *FIT[:-1], "parts/a.csv"), "must be another file than the input"),
        (("fit", "parts", *FIT[:-1], "parts/b.csv"), "must be another file than the input"),
        (("report", "results", "--query", "from t"), "--query is about a model"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(run, model, parts, tmp_path, words, message):
    (tmp_path / "results").mkdir()
    outcome = run(*words)
    assert outcome.code == 2 and message in outcome.err.splitlines()[-1]
