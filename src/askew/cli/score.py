"""``askew score``: a model file and a table or a folder of images -> a score each, read and written in batches."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json, print_rows
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Data
    from askew.scoring import FolderSummary, ReadOptions, Summary

_NAMED = 5  # files that could not be scored


def score(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` or `askew export` wrote.")
    ],
    data: Annotated[str, typer.Argument(metavar="DATA", help=options.DATA_HELP)],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Scores file: .parquet, .csv or .json; or a folder, for a file of scores per file of DATA. Without "
            "it: CSV on stdout.",
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
    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="KIND",
            help="Of the files in an output folder: parquet (default), csv or json.",
        ),
    ] = None,
    quote_formulas: options.QuoteFormulasOption = False,
    cluster: options.ClusterOption = None,
    json: options.JsonOption = False,
) -> None:
    """Score every row of a table, or every image of a folder and of the folders therein, with a model.

    Columns: the id, row number or path of the image; score, higher = more normal; anomaly_score, its negative;
    prediction, -1 for what is flagged, else 1. A model with a threshold adds p_value, how often an ordinary row
    scores as low, and severity, 0 to 100: the percentage of ordinary rows that are less anomalous.

    --reasons 2 adds, for rows that are flagged, reason_1, the name of the column that lowered the score most;
    reason_1_value, the row's value there; reason_1_expected, what was to be expected given the rest of the row;
    reason_1_share, its part, 0 to 1, of all that lowered the score; and the same of reason_2.

    -o out/ scores every file of DATA by itself: out/ gets what -o would write for each alone, under its path. The same
    command goes on where it was stopped, and passes over outputs of this model, input and settings; --cluster shares
    the work out.
    """
    from askew.scoring import ReadOptions, score_file

    rows = options.data_of(data, sheet, query)
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    reading = ReadOptions(id_column, ignore_extra, skip_corrupt, written, quote_formulas)
    about: dict[str, Any] = {"model": str(model), "data": str(rows), "output": output}
    if output is not None and (output.endswith(("/", os.sep)) or Path(output).is_dir()):
        if top is not None:
            raise InvalidInputError(
                "--top must be left out with an output folder. Score into one file for it."
            )
        options.refuse_quoting(quote_formulas, f".{(kind or 'parquet').removeprefix('.')}")
        found = _score_folder(model, rows, Path(output), reading, reasons or 0, kind or "parquet", cluster)
        _report_folder(found, rows, Path(output))
        if json:
            print_json(about | _folder_counts(found))
        if found.failed:
            raise typer.Exit(2)
        return
    if kind is not None or cluster is not None:
        raise InvalidInputError(
            f"{'--cluster' if kind is None else '--format'} must be given with an output folder; got "
            f"{'none' if output is None else repr(output)}. Name one, ending in /, such as -o scores/."
        )
    on_stdout = "" if json or top is not None else ".csv"
    options.refuse_quoting(quote_formulas, on_stdout if output is None else Path(output).suffix)
    if output is not None or top is not None:
        path = None if output is None else Path(output)
        summary = score_file(model, rows, path, reading, top or 0, console, reasons=reasons or 0)
        _report(summary, rows, path)
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


def _score_folder(
    model: Path, data: Data, folder: Path, reading: ReadOptions, reasons: int, kind: str, address: str | None
) -> FolderSummary:
    from askew.scoring import score_folder

    with ExitStack() as stack:
        workers = None
        if address is not None:
            from askew.distributed.cluster import cluster_at

            workers = stack.enter_context(cluster_at(address))
            for line in workers.notes:
                note(f"note: {line}.")
        how: dict[str, Any] = {"kind": f".{kind.removeprefix('.').lower()}", "reasons": reasons}
        return score_folder(model, data, folder, reading, **how, workers=workers, listener=console)


def _report_folder(found: FolderSummary, data: Data, folder: Path) -> None:
    n_files = len(found.records)
    share = found.n_anomalies / max(found.n_rows, 1)
    files = f"{n_files:,} file{'' if n_files == 1 else 's'}"
    note(f"{data}: {files}, {found.n_rows:,} rows, {found.n_anomalies:,} flagged as anomalies ({share:.1%}).")
    if found.found:
        note(f"{len(found.found):,} of the outputs were there, of this model, input and settings.")
    if n_files > len(found.found):
        note(f"Wrote {n_files - len(found.found):,} to {folder}{os.sep}.")
    for text in list(found.failed.values())[:_NAMED]:
        note(f"error: {text}")
    if found.failed:
        more = len(found.failed) - _NAMED
        also = f", {more:,} more than are named above" if more > 0 else ""
        note(
            f"error: {len(found.failed):,} of {len(found.failed) + n_files:,} files could not be scored{also}. Correct "
            "them and give the command again: it scores what is missing."
        )


def _folder_counts(found: FolderSummary) -> dict[str, Any]:
    outputs = [
        {
            "output": name,
            "n_rows": record.n_rows,
            "n_anomalies": record.n_anomalies,
            "found": name in found.found,
            "notes": record.notes,
        }
        for name, record in sorted(found.records.items())
    ]
    failed = [{"file": file, "error": error} for file, error in sorted(found.failed.items())]
    counts = {"n_rows": found.n_rows, "n_anomalies": found.n_anomalies}
    return counts | {"n_files": len(outputs) + len(failed), "outputs": outputs, "failed": failed}


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
