"""``askew report``: a results folder as one page that can be sent to somebody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console
from askew.cli.console import JsonOption, bar, note, print_json
from askew.cli.options import AnomalyOption, NormalOption, UnlabelledOption, meaning_of
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Meaning


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


def model_report(
    model: Path,
    output: Path | None,
    data: Path | None,
    label_column: str | None,
    meaning: Meaning,
    curve: bool,
    skip_corrupt: bool,
) -> dict[str, Any]:
    """Write the page and the card of a model file, and return where they are, JSON-able.

    The data are a table to score and explain (the training table for a learning curve), or a folder or an array of
    images; labels are in a column of the table, or of the folders that `meaning` names.
    """
    from askew.inputs import check_writable, open_table
    from askew.scoring import (
        Labelling,
        holds_images,
        load_model,
        read_labelled_images,
        read_labelled_table,
        refuse_onnx,
    )
    from askew.scoring.row_source import refuse_image_options, refuse_table_options

    refuse_onnx(model, "report")
    if data is None and (label_column is not None or curve):
        raise InvalidInputError("--data must be given with --label-column and --learning-curve.")
    images = data is not None and holds_images(data)
    if curve and label_column is None and not (images and meaning.anomaly):
        given = "--anomaly" if images else "--label-column"
        raise InvalidInputError(f"{given} must be given with --learning-curve: it is about labels.")
    page = model.with_suffix(".html") if output is None else output
    if page.suffix.lower() != ".html":
        raise InvalidInputError(f"--output must end in .html; got {str(page)!r}.")
    check_writable(page, sources=[model, *([data] if data else [])])
    if images:
        refuse_table_options(**{"--label-column": label_column})
    elif data is not None or skip_corrupt:
        refuse_image_options(data or Path(), **{"--skip-corrupt": skip_corrupt})
    table = None if data is None or images else open_table(data)
    from askew.model_card import collect, gather, write_page

    loaded, rows = load_model(model), None
    if table is not None:
        rows = read_labelled_table(loaded, table, Labelling(label_column, meaning))
    elif data is not None:
        rows = read_labelled_images(loaded, str(model), data, meaning, skip_corrupt, console)
    evidence = None
    if rows is not None and data is not None:
        about: dict[str, Any] = {
            "source": data.name if table is not None else data.resolve().name,
            "curve": curve,
        }
        about |= {} if table is not None else {"names": rows.names}
        with bar("learning curve" if curve else "explaining") as progress:
            evidence = gather(loaded, rows.X, rows.y, progress=progress, **about)
    made, markdown = write_page(collect(loaded, model.name, evidence), page)
    note(f"Written: {made}, {markdown}.")
    files: dict[str, Any] = {"page": str(made), "card": str(markdown)}
    if evidence is not None and evidence.curve is not None:
        print(evidence.curve.sentence())
        names = ("gain_of_ten", "low", "high")
        files["learning_curve"] = dict(zip(names, evidence.curve.gain(), strict=True))
    return files
