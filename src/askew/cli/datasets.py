"""``askew datasets``: the tables that come with the package."""

from __future__ import annotations

import typer

from askew.cli.console import JsonOption, print_json, print_table

app = typer.Typer(help="The tables that come with askew.")


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_tables()


@app.command("list")
def list_tables(json: JsonOption = False) -> None:
    """List the tables: rows, columns, anomalies and where each came from."""
    from askew import datasets

    found = datasets.info()
    if json:
        keys = ("name", "rows", "columns", "anomalies", "source", "licence", "sha256")
        print_json({"datasets": [{key: getattr(table, key) for key in keys} for table in found]})
        return
    from rich.table import Table

    shown = Table("table", box=None)
    for heading in ("rows", "columns", "anomalies"):
        shown.add_column(heading, justify="right")
    shown.add_column("share", justify="right")
    for table in found:
        numbers = (table.rows, table.columns, table.anomalies)
        share = f"{table.anomalies / table.rows:.1%}"
        shown.add_row(table.name, *(f"{number:,}" for number in numbers), share)
    print_table(shown)
