"""``askew threshold``: a model file and held-out rows or images -> a model file with another threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli import console
from askew.cli.console import JsonOption, note, print_json
from askew.cli.options import (
    AnomalyOption,
    IgnoreExtraOption,
    LabelColumnOption,
    ModelArgument,
    ModelOutputOption,
    NormalOption,
    SkipCorruptOption,
    UnlabelledOption,
    meaning_of,
)


def threshold(
    model: ModelArgument,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="Rows that the model was not fitted on: a .csv or .parquet table; or images: a folder, or an array, "
            ".npy.",
        ),
    ],
    rule: Annotated[
        str,
        typer.Option(
            "--rule",
            metavar="RULE",
            help="Which rows to flag: quantile:0.05, fdr:0.1, budget:20/1000 (alerts per rows) or cost:50 (a miss in "
            "false alarms).",
        ),
    ],
    output: ModelOutputOption,
    label_column: LabelColumnOption = None,
    anomaly: AnomalyOption = None,
    normal: NormalOption = None,
    unlabelled: UnlabelledOption = None,
    ignore_extra: IgnoreExtraOption = False,
    skip_corrupt: SkipCorruptOption = False,
    json: JsonOption = False,
) -> None:
    """Put a threshold on a model, from held-out rows, and say what to expect of it.

    The rows must be new to the model and like those it will judge. A threshold that the model had is replaced.
    Folders of images are labelled by --normal, --anomaly and --unlabelled as for `askew fit`; without these, all
    images in the folder and in the folders therein are unlabelled.
    """
    from askew.calibration import from_rule
    from askew.cli.thresholds import described, report
    from askew.inputs import check_writable
    from askew.scoring import Labelling, ReadOptions, calibrate_file, refuse_onnx

    refuse_onnx(model, "threshold")
    check_writable(output, sources=[data])
    labelling = Labelling(label_column, meaning_of(anomaly, normal, unlabelled))
    options = ReadOptions(ignore_extra=ignore_extra, skip_corrupt=skip_corrupt)
    fitted = calibrate_file(from_rule(rule), model, data, labelling, options, console)
    fitted.save(output)
    report(fitted)
    note(f"Wrote {output}.")
    if json:
        print_json({"model": str(output), "data": str(data), "threshold": described(fitted)})
