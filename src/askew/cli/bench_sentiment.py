"""``askew bench sentiment``: sentences of the other sentiment, with and without a few labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli.bench import (
    OutputOption,
    ResumeOption,
    parse_seeds,
)
from askew.cli.console import note, print_json, print_table
from askew.cli.options import JsonOption


def sentiment(
    preset: Annotated[
        str, typer.Option(help="quick: about half an hour on one core; paper: days.")
    ] = "quick",
    seeds: Annotated[
        str | None, typer.Option(help="How many seeds (5), or which (0-4 or 0,3); by default the five.")
    ] = None,
    output: OutputOption = Path("results"),
    resume: ResumeOption = True,
    json: JsonOption = False,
) -> None:
    """IMDB sentences of one sentiment, 0 % and 1 % labelled ones of the other: AUROC beside the published.

    Stop it at any moment; the same command continues. It exits with 1 if a run failed.
    """
    from askew.benchmarks import rich_reporter, run_sentiment

    chosen = parse_seeds(seeds)
    try:
        with rich_reporter() as report:
            result = run_sentiment(preset, seeds=chosen, out=output, resume=resume, progress=report)
    except KeyboardInterrupt:
        note(f"Stopped; what is done is in {output}, and the same command continues.")
        raise
    if json:
        print_json(result.to_json())
    else:
        print_table(result.table())
    note(f"Results are in {output}: runs.parquet, table.csv, table.md.")
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        note(f"warning: {failed} of {result.done} runs failed; runs.parquet says why.")
        raise typer.Exit(1)
