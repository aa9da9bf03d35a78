"""``askew bench``: the protocols of the papers, resumable, with the published numbers beside ours."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from askew.cli.console import note, print_json, print_table
from askew.cli.options import JsonOption
from askew.errors import InvalidInputError

app = typer.Typer(help="Run a protocol of the papers and print its table.")

PresetOption: TypeAlias = Annotated[
    str, typer.Option(help="quick: minutes on two cores; paper: the full grid.")
]
DatasetsOption: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="Tables, for example cardio,thyroid; by default the preset's.")
]
SeedsOption: TypeAlias = Annotated[
    str | None, typer.Option(help="How many seeds (10), or which (0-4 or 0,3,7); by default the preset's.")
]
OutputOption: TypeAlias = Annotated[Path, typer.Option("--output", "-o", help="Results folder.")]
WorkersOption: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="Processes; by default one per core, at most 8.")
]
ResumeOption: TypeAlias = Annotated[bool, typer.Option(help="Keep the runs that the results folder has.")]

_MOST_WORKERS = 8  # each takes a few hundred megabytes


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), nl=False)


def parse_seeds(text: str | None) -> list[int] | None:
    """Return the seeds that ``"10"`` (how many), ``"0-4"`` or ``"0,3,7"`` (which) stand for.

    Raises
    ------
    InvalidInputError
        If the text is none of these.

    Examples
    --------
    >>> parse_seeds("3"), parse_seeds("2-4"), parse_seeds("0,7")
    ([0, 1, 2], [2, 3, 4], [0, 7])
    """
    if text is None:
        return None
    compact = text.replace(" ", "")
    if re.fullmatch(r"[1-9]\d{0,5}", compact):
        return list(range(int(compact)))
    if re.fullmatch(r"\d{1,9}-\d{1,9}", compact):
        first, last = (int(part) for part in compact.split("-"))
        if first <= last:
            return list(range(first, last + 1))
    elif re.fullmatch(r"\d{1,9}(,\d{1,9})+", compact):
        return [int(part) for part in compact.split(",")]
    raise InvalidInputError(f"--seeds must be a number of seeds (10) or seeds (0-4 or 0,3,7); got {text!r}.")


def names(texts: list[str] | None) -> list[str] | None:
    """Return the names of an option that takes several, comma-separated or given again; None for none."""
    found = [name.strip() for text in texts or [] for name in text.split(",")]
    return [name for name in found if name] or None


def default_workers() -> int:
    """Return one process per core, at most eight."""
    several = hasattr(os, "sched_getaffinity")
    return min(len(os.sched_getaffinity(0)) if several else os.cpu_count() or 1, _MOST_WORKERS)


@contextmanager
def resumable(output: Path) -> Iterator[Any]:
    """Give a reporter of runs to a protocol, and say on Ctrl-C that the same command continues."""
    from askew.benchmarks import rich_reporter

    try:
        with rich_reporter() as report:
            yield report
    except KeyboardInterrupt:
        note(f"Stopped; what is done is in {output}, and the same command continues.")
        raise


def show(
    result: Any,
    output: Path,
    json: bool,
    files: str = "runs.parquet, table.csv, table.md",
    reasons: str = "runs.parquet says",
) -> None:
    """Print a protocol's result; exit with 1 if a run failed."""
    if json:
        print_json(result.to_json())
    else:
        print_table(result.table())
    note(f"Results are in {output}: {files}.")
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        note(f"warning: {failed} of {result.done} runs failed; {reasons} why.")
        raise typer.Exit(1)


@app.command("classic")
def classic(
    preset: PresetOption = "quick",
    methods: Annotated[
        list[str] | None,
        typer.Option(help="Methods, for example dp_vae,vae; by default all of the protocol."),
    ] = None,
    datasets: DatasetsOption = None,
    seeds: SeedsOption = None,
    output: OutputOption = Path("results"),
    workers: WorkersOption = None,
    resume: ResumeOption = True,
    split: Annotated[str, typer.Option(help="clean, or leaky as the reference code did.")] = "clean",
    json: JsonOption = False,
) -> None:
    """Six tables, 1 % labelled anomalies, ten seeds: AUROC beside the published numbers.

    Stop it at any moment; the same command continues. It exits with 1 if a run failed.
    """
    from askew.benchmarks import run_classic

    grid: dict[str, Any] = {
        "methods": names(methods),
        "datasets": names(datasets),
        "seeds": parse_seeds(seeds),
    }
    with resumable(output) as report:
        result = run_classic(
            preset,
            **grid,
            out=output,
            workers=workers or default_workers(),
            resume=resume,
            split=split,
            progress=report,
        )
    show(result, output, json)


@app.command("few-labels")
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
    from askew.benchmarks import run_few_labels

    grid: dict[str, Any] = {
        "methods": names(methods),
        "datasets": names(datasets),
        "seeds": parse_seeds(seeds),
    }
    with resumable(output) as report:
        result = run_few_labels(
            preset,
            **grid,
            out=output,
            workers=workers or default_workers(),
            resume=resume,
            progress=report,
        )
    show(result, output, json)


@app.command("planning")
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
    from askew.benchmarks import run_planning

    grid: dict[str, Any] = {"methods": names(methods), "seeds": parse_seeds(seeds)}
    with resumable(output) as report:
        result = run_planning(
            preset, **grid, out=output, workers=workers or default_workers(), resume=resume, progress=report
        )
    show(result, output, json, "table.csv, table.md, worlds.png", f"their files in {output / 'runs'} say")


@app.command("sentiment")
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
    from askew.benchmarks import run_sentiment

    chosen = parse_seeds(seeds)
    with resumable(output) as report:
        result = run_sentiment(preset, seeds=chosen, out=output, resume=resume, progress=report)
    show(result, output, json)
