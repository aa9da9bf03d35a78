"""``askew report``: a results folder as one page that can be sent to somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli.console import JsonOption, note, print_json


def report(
    results: Annotated[Path, typer.Argument(help="A results folder of askew bench.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The page, NAME.html; by default report.html in the folder."),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(help="Compare all methods with this one; by default vae, or the best without it."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write a page, Markdown and CSV of all runs of a results folder.

    Tables beside the published numbers, intervals, ranks, cost, paired tests, failures and settings. The page
    is one file and needs no network.
    """
    from askew.benchmarks.report import write_report

    made = write_report(results, output, reference)
    if json:
        files = {"page": made.page, "markdown": made.markdown, "table": made.table}
        runs = [len(section.records) for section in made.sections]
        failed = [len(section.failures) for section in made.sections]
        shown = {name: str(path) for name, path in files.items()}
        print_json(shown | {"runs": sum(runs), "failed": sum(failed), "summary": made.summary})
        return
    for paragraph in made.summary:
        print(paragraph)
    note(f"Written: {made.page}, {made.markdown}, {made.table}.")
