"""``askew score``: a model file and a table or a folder of images -> a score each, read and written in batches."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json, print_rows

if TYPE_CHECKING:
    from askew.inputs import Data
    from askew.scoring import Summary


def score(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` or `askew export` wrote.")
    ],
    data: Annotated[str, typer.Argument(metavar="DATA", help=options.DATA_HELP)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Scores file: .parquet, .csv or .json. Without it: CSV on stdout."
        ),
    ] = None,
    id_column: options.IdColumnOption = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Print only this many rows, the most anomalous first.")
    ] = None,
    reasons: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of each flagged row, and of the --top ones, this many columns that lowered its score most.",
        ),
    ] = None,
    ignore_extra: options.IgnoreExtraOption = False,
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
    """Score every row of a table, or every image of a folder and of the folders therein, with a model.

    Columns: the id, row number or path of the image; score, higher = more normal; anomaly_score, its negative;
    prediction, -1 for what is flagged, else 1. A model with a threshold adds p_value, how often an ordinary row
    scores as low, and severity, 0 to 100: the percentage of ordinary rows that are less anomalous.

    --reasons 2 adds, for rows that are flagged, reason_1, the name of the column that lowered the score most;
    reason_1_value, the row's value there; reason_1_expected, what was to be expected given the rest of the row;
    reason_1_share, its part, 0 to 1, of all that lowered the score; and the same of reason_2.
    """
    from askew.scoring import ReadOptions, score_file

    rows = options.data_of(data, sheet, query)
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    reading = ReadOptions(id_column, ignore_extra, skip_corrupt, written)
    about: dict[str, Any] = {"model": str(model), "data": str(rows), "output": output and str(output)}
    if output is not None or top is not None:
        summary = score_file(model, rows, output, reading, top or 0, console, reasons=reasons or 0)
        _report(summary, rows, output)
        if json:
            print_json(about | summary.counts() | {"rows": summary.top_rows()})
        elif top is not None:
            _print_top(summary.top_rows(), reasons or 0)
        return
    with tempfile.TemporaryDirectory() as folder:  # stdout too gets all scores or none
        path = Path(folder, "scores.json" if json else "scores.csv")
        summary = score_file(model, rows, path, reading, listener=console, reasons=reasons or 0)
        _report(summary, rows, None)
        if json:
            print_json(about | summary.counts(), rows=path)
        else:
            console.print_file(path)


def _report(summary: Summary, data: Data, output: Path | None) -> None:
    share = summary.n_anomalies / summary.n_rows
    note(
        f"{data}: {summary.n_rows:,} {summary.unit}, {summary.n_anomalies:,} flagged as anomalies ({share:.1%})."
    )
    if output is not None:
        note(f"Wrote {output}.")


def _print_top(rows: list[dict[str, Any]], n_reasons: int) -> None:
    for row in rows:
        for name in [f"reason_{number}" for number in range(1, n_reasons + 1)]:
            value, expected, share = (row.pop(f"{name}_{part}") for part in ("value", "expected", "share"))
            told = row[name] is not None
            row[name] = f"{row[name]}: {value}, expected {expected} ({share:.0%})" if told else ""
    texts = [
        [f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row.values()] for row in rows
    ]
    print_rows(list(rows[0]), texts)
