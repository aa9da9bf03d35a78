"""``askew report``: a results folder as one page that can be sent to somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli.console import JsonOption, note, print_json
from askew.cli.options import AnomalyOption, NormalOption, UnlabelledOption, meaning_of


def report(
    results: Annotated[
        Path,
        typer.Argument(metavar="RESULTS|MODEL", help="A results folder of askew bench, or a model file."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The page, NAME.html; by default report.html in the folder, or MODEL.html."
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(help="Compare all methods with this one; by default vae, or the best without it."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Of a model: a table, or a folder or .npy array of images, to score and explain; its training "
            "table for a learning curve."
        ),
    ] = None,
    label_column: Annotated[str | None, typer.Option(help="Column of labels in --data.")] = None,
    anomaly: AnomalyOption = None,
    normal: NormalOption = None,
    unlabelled: UnlabelledOption = None,
    learning_curve: Annotated[
        bool,
        typer.Option("--learning-curve", help="Of a model: fit it with fewer labels; some two dozen fits."),
    ] = False,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out images of --data that cannot be read.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write a page about all runs of a results folder, or about a model.

    Of results: tables beside the published numbers, intervals, ranks, cost, paired tests, failures and settings,
    with Markdown and CSV. Of a model: what it was trained on, health, scores, threshold, reasons, what more
    labels would add, and a model card; of images, the most and the least normal ones with what the model makes of
    them. The page is one file and needs no network.
    """
    if results.is_file():
        from askew.cli.model_report import model_report

        _refuse({"--reference": reference}, "is about a results folder; leave it out for a model")
        meaning = meaning_of(anomaly, normal, unlabelled)
        about = model_report(results, output, data, label_column, meaning, learning_curve, skip_corrupt)
        if json:
            print_json(about)
        return
    of_models: dict[str, object] = {
        "--data": data,
        "--label-column": label_column,
        "--anomaly": anomaly,
        "--normal": normal,
    }
    of_models |= {
        "--unlabelled": unlabelled,
        "--learning-curve": learning_curve,
        "--skip-corrupt": skip_corrupt,
    }
    _refuse(of_models, "is about a model; give a model file instead of a folder")
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


def _refuse(options: dict[str, object], why: str) -> None:
    from askew.errors import InvalidInputError

    for name, value in options.items():
        if value:
            raise InvalidInputError(f"{name} {why}.")
