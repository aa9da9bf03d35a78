"""``askew bench few-labels``: what a handful of labels brings, beside plain classifiers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli.bench import (
    DatasetsOption,
    OutputOption,
    PresetOption,
    ResumeOption,
    SeedsOption,
    WorkersOption,
    default_workers,
    names,
    parse_seeds,
    show,
)
from askew.cli.console import note
from askew.cli.options import JsonOption


def few_labels(
    preset: PresetOption = "quick",
    methods: Annotated[
        list[str] | None,
        typer.Option(help="Methods, for example dp_vae,catboost; by default the preset's."),
    ] = None,
    datasets: DatasetsOption = None,
    seeds: SeedsOption = None,
    output: OutputOption = Path("results"),
    workers: WorkersOption = None,
    resume: ResumeOption = True,
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
