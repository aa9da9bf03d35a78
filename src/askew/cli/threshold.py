"""``askew threshold``: a model file and held-out rows or images -> a model file with another threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew import index
from askew.cli import console, options
from askew.cli.console import note, print_json

if TYPE_CHECKING:
    from askew.calibration import Threshold


def threshold(
    model: options.ModelArgument,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help=f"Rows that the model was not fitted on. {options.DATA_HELP[:-1]}, or an array of them, .npy.",
        ),
    ],
    rule: Annotated[
        str, typer.Option("--rule", metavar="RULE", help=f"Which rows to flag: {index.threshold_examples()}.")
    ],
    output: options.ModelOutputOption,
    label_column: options.LabelColumnOption = None,
    anomaly: options.AnomalyOption = None,
    normal: options.NormalOption = None,
    unlabelled: options.UnlabelledOption = None,
    any_spelling: options.AnySpellingOption = False,
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
    """Put a threshold on a model, from held-out rows, and say what to expect of it.

    The rows must be new to the model and like those it will judge. A threshold that the model had is replaced.
    Folders of images are labelled by --normal, --anomaly and --unlabelled as for `askew fit`; without these, all
    images in the folder and in the folders therein are unlabelled.
    """
    from askew.calibration import from_rule
    from askew.inputs import check_writable, source_files
    from askew.scoring import Labelling, ReadOptions, calibrate_file, refuse_onnx

    refuse_onnx(model, "threshold")
    rows = options.data_of(data, sheet, query)
    check_writable(output, sources=source_files(rows))
    labelling = Labelling(label_column, options.meaning_of(anomaly, normal, unlabelled, any_spelling))
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    reading = ReadOptions(None, ignore_extra, skip_corrupt, written)
    fitted = calibrate_file(from_rule(rule), model, rows, labelling, reading, console)
    fitted.save(output)
    report(fitted)
    note(f"Wrote {output}.")
    if json:
        print_json({"model": str(output), "data": str(rows), "threshold": described(fitted)})


def report(threshold: Threshold) -> None:
    """Print what to expect of a fitted threshold, a line per fact."""
    from askew.base.wrapper import unwrap

    expected, unit = threshold.expected_, unwrap(threshold).unit_
    word = "anomaly" if expected.n_anomalies == 1 else "anomalies"
    note(
        f"Threshold {type(threshold).__name__}, from {expected.n_rows:,} held-out {unit} and "
        f"{expected.n_anomalies:,} known {word}:"
    )
    for sentence in expected.sentences(unit):
        note(f"  {sentence}")


def described(threshold: Threshold) -> dict[str, Any]:
    """Return a fitted threshold for a JSON summary."""
    parameters = threshold.get_params(deep=False)
    del parameters["model"]
    return {"name": threshold.name, **parameters, "expected": threshold.expected_.as_dict()}
