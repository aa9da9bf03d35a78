"""``askew score``: a model file and a table or a folder of images -> a score each, read and written in batches."""

from __future__ import annotations

import json as json_text
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli.console import JsonOption, fraction_bar, note, print_json, print_table
from askew.cli.folder_options import refuse_image_options, refuse_table_options

if TYPE_CHECKING:
    from askew.cli.image_scoring import ImageScoring
    from askew.cli.scoring import Scoring, Tally


def score(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Model file that `askew fit` or `askew export` wrote.")
    ],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="Table to score: .csv or .parquet, of any length; or a folder of images."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Scores file: .parquet, .csv or .json. Without it: CSV on stdout."
        ),
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column that names the rows; else they are numbered.")
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Print only this many rows, the most anomalous first.")
    ] = None,
    ignore_extra: Annotated[
        bool, typer.Option("--ignore-extra", help="Accept columns that the training table did not have.")
    ] = False,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Leave out images that cannot be read.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Score every row of a table, or every image of a folder and of the folders therein, with a model.

    Columns: the id, row number or path of the image; score, higher = more normal; anomaly_score, its negative;
    prediction, -1 for what is flagged, else 1. A model with a threshold adds p_value, how often an ordinary row
    scores as low, and severity, 0 to 100: the percentage of ordinary rows that are less anomalous.
    """
    from askew.cli.score_files import check_output
    from askew.inputs import atomic_path

    if output is not None:
        check_output(output, sources=[model, data])
    if data.is_dir():
        refuse_table_options(**{"--id-column": id_column, "--ignore-extra": ignore_extra})
        scoring = _prepare_images(model, data, skip_corrupt)
    else:
        refuse_image_options(data, **{"--skip-corrupt": skip_corrupt})
        scoring = _prepare(model, data, id_column, ignore_extra)
    about: dict[str, Any] = {"model": str(model), "data": str(data), "output": output and str(output)}
    if output is not None:
        with atomic_path(output) as path:
            tally = _run(scoring, path, output.suffix.lower(), top)
        _report(tally, data, output)
        _print_top(tally, about, json, wanted=top is not None)
    elif top is not None:
        tally = _run(scoring, None, "", top)
        _report(tally, data, None)
        _print_top(tally, about, json, wanted=True)
    else:
        with tempfile.TemporaryDirectory() as folder:  # stdout too gets all scores or none
            path = Path(folder, "scores")
            tally = _run(scoring, path, ".json" if json else ".csv", None)
            _report(tally, data, None)
            _print_all(path, tally, about, json)


def _prepare(model: Path, data: Path, id_column: str | None, ignore_extra: bool) -> Scoring:
    from askew.cli.judging import judging
    from askew.cli.model_file import load_model
    from askew.cli.scoring import Scoring
    from askew.inputs import open_table
    from askew.inputs.columns import require_column

    table = open_table(data)  # before the model: it takes seconds to load, this does not
    if id_column is not None:
        require_column(id_column, table.names, str(data), "id column")
    loaded = load_model(model)
    scoring: Scoring = judging(Scoring(loaded, table, id_column, ignore_extra), loaded)
    if scoring.extra:
        note(f"note: the model does not use {', '.join(repr(name) for name in scoring.extra)}.")
    return scoring


def _prepare_images(model: Path, folder: Path, skip_corrupt: bool) -> Any:
    from askew.cli.image_scoring import ImageScoring
    from askew.cli.judging import judging
    from askew.cli.model_file import load_model

    loaded = load_model(model)
    return judging(ImageScoring(loaded, str(model), folder, skip_corrupt), loaded)


def _run(scoring: Scoring | ImageScoring, path: Path | None, kind: str, top: int | None) -> Tally:
    from askew.cli.score_files import writing
    from askew.cli.scoring import Tally

    tally = Tally(top or 0)
    with fraction_bar("scoring") as show, writing(path, kind, scoring.schema) as write:
        for rows, fraction in scoring.batches():
            if rows.num_rows:  # else they wait for the rows to come
                write(rows)
            tally.add(rows)
            show(fraction)
    tally.notes = scoring.novelties.lines() if scoring.novelties else []
    for line in tally.notes:
        note(line)
    return tally


def _report(tally: Tally, data: Path, output: Path | None) -> None:
    share = tally.n_anomalies / tally.n_rows
    what = "images" if data.is_dir() else "rows"
    note(f"{data}: {tally.n_rows:,} {what}, {tally.n_anomalies:,} flagged as anomalies ({share:.1%}).")
    if output is not None:
        note(f"Wrote {output}.")


def _print_top(tally: Tally, about: dict[str, Any], json: bool, wanted: bool) -> None:
    if json:
        print_json(about | tally.counts() | {"rows": tally.top_rows()})
    elif wanted:
        from rich.table import Table

        rows = tally.top_rows()
        table = Table(*rows[0], box=None)
        for row in rows:
            table.add_row(
                *(f"{value:.6g}" if isinstance(value, float) else str(value) for value in row.values())
            )
        print_table(table)


def _print_all(path: Path, tally: Tally, about: dict[str, Any], json: bool) -> None:
    if json:
        head = json_text.dumps(about | tally.counts(), indent=2, ensure_ascii=False)
        sys.stdout.write(f'{head[:-2]},\n  "rows": ')
    with path.open(encoding="utf-8", newline="") as file:
        shutil.copyfileobj(file, sys.stdout)
    if json:
        sys.stdout.write("}\n")
