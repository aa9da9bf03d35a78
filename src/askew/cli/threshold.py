"""``askew threshold``: a model file and held-out rows or images -> a model file with another threshold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, bar, note, print_json
from askew.cli.options import (
    AnomalyOption,
    LabelColumnOption,
    NormalOption,
    UnlabelledOption,
    meaning_of,
)

if TYPE_CHECKING:
    from askew.inputs import TableFile


def threshold(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` wrote.")],
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
    output: Annotated[Path, typer.Option("--output", "-o", help="Model file to write.")],
    label_column: LabelColumnOption = None,
    anomaly: AnomalyOption = None,
    normal: NormalOption = None,
    unlabelled: UnlabelledOption = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Accept columns that the training table did not have.")
    ] = False,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out images that cannot be read.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Put a threshold on a model, from held-out rows, and say what to expect of it.

    The rows must be new to the model and like those it will judge. A threshold that the model had is replaced.
    Folders of images are labelled by --normal, --anomaly and --unlabelled as for `askew fit`; without these, all
    images in the folder and in the folders therein are unlabelled.
    """
    from askew.calibration import Threshold, from_rule
    from askew.cli.image_data import read_labelled
    from askew.cli.thresholds import described, report
    from askew.inputs import check_writable, open_table
    from askew.scoring import holds_images, load_model, refuse_onnx
    from askew.scoring.row_source import refuse_image_options, refuse_table_options
    from askew.scoring.table_labels import read_table_labels

    refuse_onnx(model, "threshold")
    check_writable(output, sources=[data])
    wanted = from_rule(rule)
    images = holds_images(data)
    if images:
        refuse_table_options(**{"--label-column": label_column, "--ignore-extra": ignore_extra})
    else:
        refuse_image_options(data, **{"--skip-corrupt": skip_corrupt})
        table = open_table(data)
        y = read_table_labels(table, label_column, meaning_of(anomaly, normal, unlabelled))
    loaded: Any = load_model(model)
    inner = loaded.model if isinstance(loaded, Threshold) else loaded
    if images:
        meaning = meaning_of(anomaly, normal, unlabelled)
        found, y = read_labelled(inner, str(model), data, meaning, skip_corrupt)
        scores = inner.score_samples(found.pixels)
    else:
        scores = _scores(inner, table, ignore_extra)
    wanted.set_params(model=inner).fit_scores(scores, y)
    wanted.save(output)
    report(wanted)
    note(f"Wrote {output}.")
    if json:
        print_json({"model": str(output), "data": str(data), "threshold": described(wanted)})


def _scores(model: Any, table: TableFile, ignore_extra: bool) -> Any:
    import numpy as np

    from askew.scoring.score_file import Scoring
    from askew.scoring.table_source import table_source

    parts = []
    with bar("scoring") as progress:
        for rows, fraction in Scoring(table_source(model, table, None, ignore_extra)).batches():
            parts.append(rows.column("score").to_numpy(zero_copy_only=False))
            progress(fraction)
    return np.concatenate(parts)
