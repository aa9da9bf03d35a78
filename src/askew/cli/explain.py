"""``askew explain``: a model file and a table or images -> what drove the lowest scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json, print_rows

if TYPE_CHECKING:
    import pandas as pd


def explain(
    model: options.ModelArgument,
    data: Annotated[
        str, typer.Argument(metavar="DATA", help=f"{options.DATA_HELP[:-1]}, or an array of them, .npy.")
    ],
    top: Annotated[int, typer.Option(min=1, help="How many rows or images, the most anomalous first.")] = 20,
    features: Annotated[
        int, typer.Option(min=1, help="How many features of each row, or squares of each image, at most.")
    ] = 5,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Reasons file: .parquet, .csv or .json; of images also a picture, .png."
        ),
    ] = None,
    id_column: options.IdColumnOption = None,
    ignore_extra: options.IgnoreExtraOption = False,
    skip_corrupt: options.SkipCorruptOption = False,
    quote_formulas: options.QuoteFormulasOption = False,
    seed: Annotated[int, typer.Option(min=0, max=options.LAST_SEED, help="Seed of what is drawn.")] = 0,
    sheet: options.SheetOption = None,
    query: options.QueryOption = None,
    decimal: options.DecimalOption = None,
    thousands: options.ThousandsOption = None,
    na: options.NaOption = None,
    encoding: options.EncodingOption = None,
    separator: options.SeparatorOption = None,
    json: options.JsonOption = False,
) -> None:
    """Say why rows are flagged: which features lowered their scores, by how much, and what was to be expected.

    One line per row and feature: the id or row number; score; feature; observed; expected, given the row's
    other features; share, of all that lowered the score. Rows of the table that pass stand for what is usual.

    Of images, one line per image and square of pixels; a .png is a contact sheet of the most anomalous and the
    most normal images, with what was to be expected and maps of what is off.
    """
    from askew.scoring import ReadOptions, explain_file, refuse_onnx

    refuse_onnx(model, "explain")
    options.refuse_quoting(quote_formulas, "" if output is None else output.suffix)
    rows = options.data_of(data, sheet, query)
    numbers = {"top": top, "features": features, "seed": seed}
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    reading = ReadOptions(id_column, ignore_extra, skip_corrupt, written, quote_formulas)
    reasons = explain_file(model, rows, output, reading, **numbers, listener=console)
    for sentence in reasons.sentences(rows):
        note(sentence)
    if output is not None:
        note(f"Wrote {output}.")
    if json:
        about = {"model": str(model), "data": str(rows), "output": output and str(output)}
        print_json(about | reasons.as_dict())
    elif output is None:
        _print(reasons.lines)


def _print(lines: pd.DataFrame) -> None:
    from askew.scoring import cell_text

    rows: list[tuple[str, ...]] = []
    before: Any = object()
    n_names = list(lines.columns).index("score")  # the row or its id, and the file if there are several
    for line in lines.itertuples(index=False):
        row, score, *rest, share = line[:n_names], *line[n_names:]
        named = [""] * (n_names + 1) if row == before else [*map(str, row), cell_text(score)]
        rows.append((*named, *(cell_text(cell) for cell in rest), f"{share:.0%}"))
        before = row
    print_rows(list(lines.columns), rows)
