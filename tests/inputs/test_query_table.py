"""Answers to queries: rows in the query's order, only what is asked for, and nothing is ever written."""

import pytest

from askew.errors import DataFileError
from askew.inputs import open_table, query_table
from askew.inputs.address import data_at

duckdb = pytest.importorskip("duckdb", reason="needs the extra askew[sql]")


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.db"
    with duckdb.connect(str(path)) as database:
        database.execute(
            "create table orders as select i as id, i * 0.5::double as amount, [i] as list, "
            "'shop ' || i % 2 as shop from range(1, 6) r(i)"
        )
    return path


def ask(shop, query):
    return open_table(data_at(f"duckdb:{shop}", query=query))


def test_rows_in_the_order_of_the_query(shop, monkeypatch):
    monkeypatch.setattr(query_table, "ROWS", 2)
    table = ask(shop, 'select id, shop, amount as "the ""amount""" from orders where id > 1 order by id desc')
    assert table.names == ("id", "shop", 'the "amount"')
    batches = list(table.batches(['the "amount"'], keep=["id"]))
    assert [row for batch in batches for row in batch.values[:, 0]] == [2.5, 2.0, 1.5, 1.0]
    assert [each for batch in batches for each in batch.kept["id"].to_pylist()] == [5, 4, 3, 2]
    assert batches[-1].fraction == 1
    assert table.read_mixed(["shop"]).table["shop"].to_pylist() == ["shop 1", "shop 0"] * 2


def test_the_only_table_of_a_database_needs_no_query(shop, tmp_path):
    assert open_table(data_at(f"duckdb:{shop}")).names == ("id", "amount", "list", "shop")
    file = shop.rename(tmp_path / "shop.duckdb")
    assert open_table(file).read(["id"]).values[:, 0].tolist() == [1, 2, 3, 4, 5]
    with duckdb.connect(str(file)) as database:
        database.execute("create view big as from orders where amount > 2")
    with pytest.raises(DataFileError, match=r"one table alone; it has 'big', 'orders'\. Add .* --query"):
        open_table(file)


def test_files_that_a_query_names_need_no_database(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    table = open_table(data_at(f"duckdb:?select x * 2 as y from '{tmp_path}/a.csv'"))
    assert table.read(["y"]).values.tolist() == [[2.0], [4.0]]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("delete from orders", "must be one SELECT; got DELETE. Nothing was run"),
        ("copy orders to 'stolen.csv'", "got COPY"),
        ("attach 'new.db'", "got ATTACH"),
        ("from orders; drop table orders", "got 2 of them"),
        (" ", "got no query"),
        ("selec", r"got: Parser Error: syntax error .* Correct the query"),
        ("select nothing from orders", "'?\"?nothing\"?'? not found"),
        ("select cast(shop as int) as n from orders", "Could not convert string 'shop 1'"),
        ("from orders where id > 9", "must have data rows; got none"),
    ],
)
def test_what_is_no_question_is_refused_in_a_line(shop, monkeypatch, query, message):
    monkeypatch.chdir(shop.parent)
    before = shop.read_bytes()
    with pytest.raises(DataFileError, match=message) as caught:
        ask(shop, query).read(["n"])
    assert "\n" not in str(caught.value)
    assert [path.name for path in shop.parent.iterdir()] == ["shop.db"] and shop.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"SQLite format 3\0" + bytes(5000), b"a,b\n1,2\n"])
def test_no_database_is_refused_in_a_line(tmp_path, content):
    path = tmp_path / "t.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataFileError, match=r"t.db\?from t must be what a query finds in a DuckDB database"):
        ask(path, "from t")
    assert path.exists() == (content is not None)


def test_nested_columns_are_refused_by_name(shop):
    with pytest.raises(DataFileError, match=r"column 'list' of .* got list.*\(--drop list\)"):
        ask(shop, "from orders").read_mixed(["list"])
