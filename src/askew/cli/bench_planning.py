"""``askew bench planning``: a planner in unseen worlds, with samples of a VAE trained with negatives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli.bench import (
    OutputOption,
    ResumeOption,
    SeedsOption,
    default_workers,
    names,
    parse_seeds,
)
from askew.cli.console import note, print_json, print_table
from askew.cli.options import JsonOption


def planning(
    preset: Annotated[
        str, typer.Option(help="quick: two seeds, minutes on two cores; paper: ten seeds.")
    ] = "quick",
    methods: Annotated[
        list[str] | None,
        typer.Option(help="Of uniform, cvae, dp_cvae, mml_cvae; by default all."),
    ] = None,
    seeds: SeedsOption = None,
    output: OutputOption = Path("results"),
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default one per core.")] = None,
    resume: ResumeOption = True,
    json: JsonOption = False,
) -> None:
    """Give a motion planner the samples of a conditional VAE: collisions, coverage, success, cost.

    Stop it at any moment; the same command continues. It exits with 1 if a run failed.
    """
    from askew.benchmarks import rich_reporter, run_planning

    try:
        with rich_reporter() as report:
            result = run_planning(
                preset,
                methods=names(methods),
                seeds=parse_seeds(seeds),
                out=output,
                workers=workers or default_workers(),
                resume=resume,
                progress=report,
            )
    except KeyboardInterrupt:
        note(f"Stopped; what is done is in {output}, and the same command continues.")
        raise
    if json:
        print_json(result.to_json())
    else:
        print_table(result.table())
    note(f"Results are in {output}: table.csv, table.md, worlds.png.")
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        note(f"warning: {failed} of {result.done} runs failed; their files in {output / 'runs'} say why.")
        raise typer.Exit(1)
