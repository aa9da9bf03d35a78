"""Addresses: what a text names, and what messages call it."""

import re
from pathlib import Path

import pytest

from askew.errors import InvalidInputError
from askew.inputs.address import Address, data_at


@pytest.mark.parametrize(
    ("text", "found", "shown"),
    [
        ("data/a.csv", Path("data/a.csv"), "data/a.csv"),
        ("s3://b//a.csv", Address("s3://b//a.csv"), "s3://b//a.csv"),
        ("shop.duckdb", Address("shop.duckdb", is_database=True), "shop.duckdb"),
        (
            "duckdb:a.db?select 4 // 2 where '?' = '?'",
            Address("a.db", query="select 4 // 2 where '?' = '?'", is_database=True),
            "a.db?select 4 // 2 where '?' = '?'",
        ),
        ("duckdb:", Address("", is_database=True), "duckdb:"),
        ("duckdb:?select\n 1", Address("", query="select\n 1", is_database=True), "duckdb:?select 1"),
    ],
)
def test_what_a_text_names(text, found, shown):
    assert data_at(text) == found
    assert str(data_at(text)) == shown


def test_options_choose_what_is_read():
    assert data_at("a.xlsx", sheet="May") == Address("a.xlsx", "May")
    assert str(data_at("a.xlsx", sheet="May")) == "a.xlsx, sheet 'May'"
    assert data_at("s3://b/c/a.xlsx", sheet="May").name == "a.xlsx"
    assert data_at("a.duckdb", query="from t") == Address("a.duckdb", query="from t", is_database=True)
    assert not data_at("s3://b/c/").is_dir()
    assert len(str(data_at("a.duckdb", query="x" * 99))) == len("a.duckdb?") + 60


@pytest.mark.parametrize(
    ("text", "message"),
    [("a.csv", "with a DuckDB database; got 'a.csv'"), ("duckdb:a.db?from t", "given once; a.db")],
)
def test_queries_that_have_no_place_are_refused(text, message):
    with pytest.raises(InvalidInputError, match=f"--query must be .*{message}"):
        data_at(text, query="from u")


@pytest.mark.parametrize("text", ["a.duckdb", "duckdb:a.db?from t"])
def test_a_database_has_no_sheets(text):
    with pytest.raises(
        InvalidInputError, match=f"--sheet must be given with a workbook; got '{re.escape(text)}'"
    ):
        data_at(text, sheet="May")
