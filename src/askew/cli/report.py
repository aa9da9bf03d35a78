"""``askew report``: a results folder as one page that can be sent to somebody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json, say
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Data
    from askew.model_card import Evidence
    from askew.scoring import LabelledRows, Labelling, ReadOptions


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
        str | None,
        typer.Option(
            help="Of a model: a table, or a folder or .npy array of images, to score and explain; its training "
            "table for a learning curve."
        ),
    ] = None,
    label_column: Annotated[str | None, typer.Option(help="Column of labels in --data.")] = None,
    anomaly: options.AnomalyOption = None,
    normal: options.NormalOption = None,
    unlabelled: options.UnlabelledOption = None,
    any_spelling: options.AnySpellingOption = False,
    id_column: options.IdColumnOption = None,
    learning_curve: Annotated[
        bool,
        typer.Option("--learning-curve", help="Of a model: fit it with fewer labels; some two dozen fits."),
    ] = False,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out images of --data that cannot be read.")
    ] = False,
    sheet: options.SheetOption = None,
    query: options.QueryOption = None,
    decimal: options.DecimalOption = None,
    thousands: options.ThousandsOption = None,
    na: options.NaOption = None,
    encoding: options.EncodingOption = None,
    separator: options.SeparatorOption = None,
    json: options.JsonOption = False,
) -> None:
    """Write a page about all runs of a results folder, or about a model.

    Of results: tables beside the published numbers, intervals, ranks, cost, paired tests, failures and settings,
    with Markdown and CSV. Of a model: what it was trained on, health, scores, threshold, reasons, what more
    labels would add, and a model card; of images, the most and the least normal ones with what the model makes of
    them. The page is one file and needs no network.
    """
    if results.is_file():
        from askew.scoring import Labelling, ReadOptions

        _refuse({"--reference": reference}, "is about a results folder; leave it out for a model")
        meaning = options.meaning_of(anomaly, normal, unlabelled, any_spelling)
        rows = None if data is None else options.data_of(data, sheet, query)
        text_format = options.text_format_of(decimal, thousands, na, encoding, separator)
        labelling = Labelling(label_column, meaning)
        reading = ReadOptions(id_column, skip_corrupt=skip_corrupt, text_format=text_format)
        about = _report_model(results, output, rows, labelling, reading, learning_curve)
        if json:
            print_json(about)
        elif "learning_curve" in about:
            say(about["learning_curve"]["sentence"])
        return
    folders = {"--anomaly": anomaly, "--normal": normal, "--unlabelled": unlabelled}
    flags = {
        "--any-spelling": any_spelling,
        "--learning-curve": learning_curve,
        "--skip-corrupt": skip_corrupt,
    }
    tables = {"--data": data, "--sheet": sheet, "--query": query, "--label-column": label_column}
    formats = options.text_format_of(decimal, thousands, na, encoding, separator).options()
    of_models: dict[str, object] = {**tables, "--id-column": id_column, **folders, **flags, **formats}
    _refuse(of_models, "is about a model; give a model file instead of a folder")
    from askew.benchmarks.report import write_report

    written = write_report(results, output, reference)
    if json:
        about = {name: str(getattr(written, name)) for name in ("page", "markdown", "table")}
        about["runs"] = sum(len(section.records) for section in written.sections)
        about["failed"] = sum(len(section.failures) for section in written.sections)
        print_json(about | {"summary": written.summary})
        return
    for paragraph in written.summary:
        say(paragraph)
    note(f"Written: {written.page}, {written.markdown}, {written.table}.")


def _refuse(given: dict[str, object], why: str) -> None:
    for name, value in given.items():
        if value:
            raise InvalidInputError(f"{name} {why}.")


def _report_model(
    model: Path,
    output: Path | None,
    data: Data | None,
    labelling: Labelling,
    reading: ReadOptions,
    curve: bool,
) -> dict[str, Any]:
    """Write the page and the card of a model file, and return where they are, JSON-able."""
    from askew import scoring
    from askew.inputs import check_writable, open_table, source_files

    scoring.refuse_onnx(model, "report")
    if data is None and (labelling.column is not None or reading.id_column is not None or curve):
        raise InvalidInputError("--data must be given with --label-column, --id-column and --learning-curve.")
    images = data if data is not None and scoring.holds_images(data) else None
    if curve and labelling.column is None and not (images is not None and labelling.meaning.anomaly):
        missing = "--anomaly" if images is not None else "--label-column"
        raise InvalidInputError(f"{missing} must be given with --learning-curve: it is about labels.")
    page = model.with_suffix(".html") if output is None else output
    if page.suffix.lower() != ".html":
        raise InvalidInputError(f"--output must end in .html; got {str(page)!r}.")
    check_writable(page, sources=[model, *([] if data is None else source_files(data))])
    if images is not None:
        labelling.refuse_column()
    reading.check(data or Path(), images is not None)
    table = None if data is None or images is not None else open_table(data, reading.text_format)
    from askew.model_card import collect, write_page

    loaded: Any = scoring.load_model(model)
    evidence = None
    if table is not None:
        rows = scoring.read_labelled_table(loaded, table, labelling, reading.id_column, console)
        evidence = _gather(loaded, rows, table.path.name, reading.id_column or "", curve)
    elif images is not None:
        rows = scoring.read_labelled_images(
            loaded, str(model), images, labelling.meaning, reading.skip_corrupt, console
        )
        evidence = _gather(loaded, rows, images.resolve().name, "", curve)
    files = write_page(collect(loaded, model.name, evidence), page)
    note(f"Written: {files[0]}, {files[1]}.")
    about: dict[str, Any] = {"page": str(files[0]), "card": str(files[1])}
    if evidence is not None and evidence.curve is not None:
        names = ("gain_of_ten", "low", "high")
        gain = dict(zip(names, evidence.curve.gain(), strict=True))
        about["learning_curve"] = gain | {"sentence": evidence.curve.sentence()}
    return about


def _gather(model: Any, rows: LabelledRows, source: str, id_name: str, curve: bool) -> Evidence:
    from askew.model_card import gather

    X, y, names = rows
    with console.bar("learning curve" if curve else "explaining") as progress:
        return gather(
            model, X, y, source=source, names=names, id_name=id_name, curve=curve, progress=progress
        )
