"""``askew explain``: a model file and a table or images -> what drove the lowest scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, note, print_json, print_table

if TYPE_CHECKING:
    import pandas as pd

    from askew.cli.explaining import Reasons


def explain(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` wrote.")],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="Table to explain: .csv or .parquet, of any length; or a folder of images, or an array, .npy.",
        ),
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
    id_column: Annotated[
        str | None, typer.Option(help="Column that names the rows; else they are numbered.")
    ] = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Accept columns that the training table did not have.")
    ] = False,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out images that cannot be read.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
    json: JsonOption = False,
) -> None:
    """Say why rows are flagged: which features lowered their scores, by how much, and what was to be expected.

    One line per row and feature: the id or row number; score; feature; observed; expected, given the row's
    other features; share, of all that lowered the score. Rows of the table that pass stand for what is usual.

    Of images, one line per image and square of pixels; a .png is a contact sheet of the most anomalous and the
    most normal images, with what was to be expected and maps of what is off.
    """
    from askew.cli.folder_options import refuse_image_options, refuse_table_options
    from askew.cli.image_data import holds_images
    from askew.cli.model_file import refuse_onnx
    from askew.cli.score_files import check_output

    refuse_onnx(model, "explain")
    if holds_images(data):
        refuse_table_options(**{"--id-column": id_column, "--ignore-extra": ignore_extra})
        _images(model, data, output, (top, features, seed), skip_corrupt, json)
        return
    refuse_image_options(data, **{"--skip-corrupt": skip_corrupt})
    if output is not None:
        check_output(output, sources=[model, data])
    reasons = _reasons(model, data, top, id_column, ignore_extra, seed)
    lines = reasons.lines(features)
    note(f"{data}: {reasons.n_rows:,} rows, {reasons.n_anomalies:,} flagged as anomalies.")
    note(f"Contributions by {reasons.why.method}, expected values by {reasons.why.expected_by}.")
    if output is not None:
        _write(lines, output)
        note(f"Wrote {output}.")
    if json:
        about = {"model": str(model), "data": str(data), "output": output and str(output)}
        print_json(about | reasons.as_dict(features))
    elif output is None:
        _print(lines)


def _images(
    model: Path,
    data: Path,
    output: Path | None,
    numbers: tuple[int, int, int],
    skip_corrupt: bool,
    json: bool,
) -> None:
    """Explain images: as a contact sheet if the output is a picture, else as lines."""
    from askew.cli import explain_images
    from askew.cli.score_files import check_output
    from askew.inputs import check_writable

    top, squares, seed = numbers
    picture = output is not None and output.suffix.lower() == ".png"
    if output is not None and picture:
        check_writable(output, sources=[model, data])
    elif output is not None:
        check_output(output, sources=[model, data])
    sheet = explain_images.sheet_of(model, data, top, skip_corrupt, seed)
    lines = explain_images.lines(sheet, squares)
    if output is not None:
        if picture:
            sheet.save(output, f"{model.name}, {data.name}")
        else:
            _write(lines, output)
        note(f"Wrote {output}.")
    if json:
        about = {"model": str(model), "data": str(data), "output": output and str(output)}
        print_json(about | explain_images.as_dict(sheet, squares))
    elif output is None:
        _print(lines)


def _reasons(
    model: Path, data: Path, top: int, id_column: str | None, ignore_extra: bool, seed: int
) -> Reasons:
    from askew.cli.explaining import reasons
    from askew.cli.model_file import load_model
    from askew.inputs import open_table
    from askew.inputs.columns import require_column

    table = open_table(data)  # before the model: it takes seconds to load, this does not
    if id_column is not None:
        require_column(id_column, table.names, str(data), "id column")
    return reasons(load_model(model), table, top, id_column, ignore_extra, seed)


def _write(lines: pd.DataFrame, output: Path) -> None:
    import pyarrow as pa

    from askew.cli.score_files import writing
    from askew.inputs import atomic_path

    words = {
        name: lines[name].map(_word)
        for name in ("observed", "expected")
        if name in lines and lines[name].dtype == object
    }
    rows = pa.RecordBatch.from_pandas(lines.assign(**words), preserve_index=False)
    with atomic_path(output) as path, writing(path, output.suffix.lower(), rows.schema) as write:
        write(rows)


def _print(lines: pd.DataFrame) -> None:
    from rich.table import Table

    table = Table(*lines.columns, box=None)
    before: Any = object()
    for line in lines.itertuples(index=False):
        row, score, *rest, share = line
        named = ("", "") if row == before else (str(row), _word(score))
        table.add_row(*named, *(_word(value) for value in rest), f"{share:.0%}")
        before = row
    print_table(table)


def _word(value: Any) -> str:
    if value is None or value != value:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
