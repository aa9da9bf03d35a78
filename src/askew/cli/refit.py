"""``askew refit``: a model file, its rows and files of answers -> a new model file, and what is different."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json
from askew.cli.threshold import described, report

if TYPE_CHECKING:
    from askew.fitting import RefittedFile
    from askew.fitting.change import Move

_SHOWN = 10  # rows that moved, of each direction


def refit(
    model: options.ModelArgument,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help=f"The rows that the model was fitted on, maybe with more. {options.DATA_HELP} Without it, the file of "
            "the fit is looked for where it was and beside the model.",
            show_default=False,
        ),
    ] = None,
    *,
    labels: Annotated[
        list[Path],
        typer.Option(
            help="Table of answers: a column that names the rows and a column 'label' (+1, 0, -1) or 'answer' "
            "(normal, anomaly, unsure), such as `askew review` exports. Repeatable: give all there are."
        ),
    ],
    output: options.ModelOutputOption,
    id_column: Annotated[
        str | None,
        typer.Option(
            help="Column that names the rows in DATA and in --labels; without it that of the fit, or 'row', their "
            "numbers from 1; of images 'path'."
        ),
    ] = None,
    answer_column: Annotated[
        str | None, typer.Option(help="Column of --labels that holds them, if not 'label' or 'answer'.")
    ] = None,
    warm_start: Annotated[
        bool,
        typer.Option(
            "--warm-start",
            help="Go on from the fitted weights of a method with networks, with a tenth of the epochs.",
        ),
    ] = False,
    folds: Annotated[
        int,
        typer.Option(
            help="Parts of the answers for the comparison of both models, a refit each; 0 leaves it out."
        ),
    ] = 5,
    label_column: options.LabelColumnOption = None,
    anomaly: options.AnomalyOption = None,
    normal: options.NormalOption = None,
    unlabelled: options.UnlabelledOption = None,
    any_spelling: options.AnySpellingOption = False,
    skip_corrupt: options.SkipCorruptOption = False,
    sheet: options.SheetOption = None,
    query: options.QueryOption = None,
    decimal: options.DecimalOption = None,
    thousands: options.ThousandsOption = None,
    na: options.NaOption = None,
    encoding: options.EncodingOption = None,
    separator: options.SeparatorOption = None,
    json: options.JsonOption = False,
) -> None:
    """Fit a model anew with the answers that people gave, and say what is different.

    The new model has the preparation, the settings and the threshold rule of the old one, which stays as it is. A model
    file holds no rows: they are read again, with the label column, the columns left out and the options of the fit,
    which the file remembers. Every answer must be of one row: an id that is unknown, stands twice, or has two answers
    is refused. An answer counts in place of the row's label; 0, unsure and skip leave it.
    """
    from askew.fitting import FileRefit, RefitOptions
    from askew.inputs import check_writable, source_files
    from askew.scoring import Labelling

    rows = None if data is None else options.data_of(data, sheet, query)
    chosen = RefitOptions(
        tuple(labels),
        answer_column,
        warm_start,
        folds,
        Labelling(label_column, options.meaning_of(anomaly, normal, unlabelled, any_spelling)),
        id_column,
        options.text_format_of(decimal, thousands, na, encoding, separator),
        skip_corrupt,
    )
    job = FileRefit(model, rows, chosen, console)
    check_writable(output, sources=[model, *labels, *source_files(job.data)])
    found = job.run()
    if hasattr(found.model, "expected_"):
        report(found.model)
    _report(found, folds)
    found.model.save(output)
    note(f"Wrote {output} ({type(found.detector).__name__}, refitted in {found.n_seconds:.1f} s).")
    if json:
        about: dict[str, Any] = {"model": str(output), "before": str(model), "data": str(job.data)}
        print_json(about | _described(found))


def _report(found: RefittedFile, n_folds: int) -> None:
    from askew.fitting.comparison import FEWEST

    change, (before, after) = found.change, found.counts
    note(
        f"Known anomalies: {before['anomaly']:,} before, {after['anomaly']:,} now; known normal: "
        f"{before['normal']:,} before, {after['normal']:,} now."
    )
    note(
        f"Flagged: {change.n_flagged_before:,} rows by the old model, {change.n_flagged_after:,} by the new one; "
        f"{len(change.flagged):,} new, {len(change.passed):,} no longer. Rank 1 is the most anomalous row."
    )
    for title, moves in (("now flagged", change.flagged), ("no longer", change.passed)):
        for move in moves[:_SHOWN]:
            note(f"  {title}: {found.answers.id_name} {move.id}, {_in_words(move)}")
        if len(moves) > _SHOWN:
            note(f"  {title}: {len(moves) - _SHOWN:,} more (--json lists all)")
    if found.comparison is not None:
        note(found.comparison.in_words())
    elif n_folds and found.knew_answers:
        note(
            "No AUROC of both models: the old one has learned answers before, and its file does not say which."
        )
    elif n_folds:
        note(
            f"No AUROC of both models: that takes {FEWEST} new answers of each kind, anomalies and normal rows."
        )


def _in_words(move: Move) -> str:
    said = {0: "", 1: ", answered normal", -1: ", answered anomaly"}[move.answer]
    return f"rank {move.rank_before:,} -> {move.rank_after:,}{said}"


def _described(found: RefittedFile) -> dict[str, Any]:
    about: dict[str, Any] = {
        "detector": found.detector.name,
        "labels_before": found.counts[0],
        "labels": found.counts[1],
        "change": asdict(found.change),
        "comparison": None if found.comparison is None else asdict(found.comparison),
        "seconds": round(found.n_seconds, 3),
    }
    return about | ({"threshold": described(found.model)} if hasattr(found.model, "expected_") else {})
