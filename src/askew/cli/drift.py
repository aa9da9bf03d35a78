"""``askew drift``: a model file and new rows -> whether they are still what the model learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json, print_rows, say

if TYPE_CHECKING:
    from askew.drift import Drift

DRIFTED = 3
"""The exit code of rows that have drifted."""


def drift(
    model: options.ModelArgument,
    data: Annotated[str, typer.Argument(metavar="DATA", help=options.DATA_HELP)],
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="Rows to compare with, such as the table that the model was fitted on, or rows that are new to it; "
            "without it, what the model file keeps.",
        ),
    ] = None,
    level: Annotated[
        float,
        typer.Option(
            help="How often drift may be reported of a file without any: 0.01 is once in a hundred."
        ),
    ] = 0.01,
    smallest: Annotated[
        float,
        typer.Option(help="Smallest change that counts: the share of rows that would have to be others."),
    ] = 0.05,
    top: Annotated[
        int, typer.Option(min=0, help="Columns to print, those that changed most; 0 is none.")
    ] = 10,
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
    """Say whether a table or a folder of images is still what a model learned. Exit code 3: it is not.

    The distribution of its scores is compared with that of held-out rows, and each column with the training rows':
    its values, and how often they are missing. Half of --level is spent on the scores, half on all columns together
    (Benjamini-Hochberg). Of many rows every tiny change is significant: what concerns fewer of them than --smallest
    is no drift.
    """
    from askew.drift import Criteria, compare_file
    from askew.scoring import ReadOptions, refuse_onnx

    refuse_onnx(model, "drift")
    criteria = Criteria(level, smallest)
    rows = options.data_of(data, sheet, query)
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    reading = ReadOptions(None, ignore_extra, skip_corrupt, written)
    compared = None if reference is None else options.data_of(reference, None, None)
    found = compare_file(model, rows, compared, reading, criteria, console)
    verdict, *more = found.sentences()
    for line in more:
        note(line)
    if json:
        print_json({"model": str(model), "data": str(rows), "sentence": verdict} | found.as_dict())
    else:
        say(verdict)
        _print(found, top)
    if found.verdict == "drift":
        raise typer.Exit(DRIFTED)


def _print(found: Drift, top: int) -> None:
    from askew.drift import share

    shown = ([] if found.scores is None else [found.scores]) + list(found.columns[:top])
    if not shown:
        return
    print_rows(
        ["column", "where it changed most", "before", "now", "distance", "p", ""],
        [
            [
                each.name,
                each.what,
                share(each.before) if each.what else "",
                share(each.now) if each.what else "",
                f"{each.distance:.2f}",
                "<0.0001" if each.p_value < 1e-4 else f"{each.p_value:.2g}",
                "drift" if each.drift else "",
            ]
            for each in shown
        ],
    )
    if len(found.columns) > top:
        note(f"{len(found.columns) - top} more are in --json.")
