"""``askew bench few-labels``: what a handful of labels brings, beside plain classifiers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli.bench import default_workers, names, parse_seeds, show
from askew.cli.console import JsonOption, note


def few_labels(
    preset: Annotated[str, typer.Option(help="quick: minutes on two cores; paper: the full grid.")] = "quick",
    methods: Annotated[
        list[str] | None,
        typer.Option(help="Methods, for example dp_vae,catboost; by default the preset's."),
    ] = None,
    datasets: Annotated[
        list[str] | None, typer.Option(help="Tables, for example cardio,thyroid; by default the preset's.")
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(help="How many seeds (10), or which (0-4 or 0,3,7); by default the preset's."),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Results folder.")] = Path("results"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default one per core, at most 8.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Keep the runs that the results folder has.")] = True,
    json: JsonOption = False,
) -> None:
    """Six tables with 1 to 50 labelled anomalies, which the test anomalies are like or unlike: AUROC by method.

    Stop it at any moment; the same command continues. It exits with 1 if a run failed.
    """
    from askew.benchmarks import rich_reporter, run_few_labels

    chosen = parse_seeds(seeds)
    try:
        with rich_reporter() as report:
            result = run_few_labels(
                preset,
                methods=names(methods),
                datasets=names(datasets),
                seeds=chosen,
                out=output,
                workers=workers or default_workers(),
                resume=resume,
                progress=report,
            )
    except KeyboardInterrupt:
        note(f"Stopped; what is done is in {output}, and the same command continues.")
        raise
    show(result, output, json)
