"""``askew report MODEL``: a page about one model, and its model card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.cli import console
from askew.cli.console import bar, note
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Meaning


def model_report(
    model: Path,
    output: Path | None,
    data: Path | None,
    label_column: str | None,
    meaning: Meaning,
    curve: bool,
    skip_corrupt: bool,
) -> dict[str, Any]:
    """Write the page and the card of a model file, and return where they are, JSON-able.

    The data are a table to score and explain (the training table for a learning curve), or a folder or an array of
    images; labels are in a column of the table, or of the folders that `meaning` names.
    """
    from askew.inputs import check_writable, open_table
    from askew.scoring import (
        Labelling,
        holds_images,
        load_model,
        read_labelled_images,
        read_labelled_table,
        refuse_onnx,
    )
    from askew.scoring.row_source import refuse_image_options, refuse_table_options

    refuse_onnx(model, "report")
    if data is None and (label_column is not None or curve):
        raise InvalidInputError("--data must be given with --label-column and --learning-curve.")
    images = data is not None and holds_images(data)
    if curve and label_column is None and not (images and meaning.anomaly):
        given = "--anomaly" if images else "--label-column"
        raise InvalidInputError(f"{given} must be given with --learning-curve: it is about labels.")
    page = model.with_suffix(".html") if output is None else output
    if page.suffix.lower() != ".html":
        raise InvalidInputError(f"--output must end in .html; got {str(page)!r}.")
    check_writable(page, sources=[model, *([data] if data else [])])
    if images:
        refuse_table_options(**{"--label-column": label_column})
    elif data is not None or skip_corrupt:
        refuse_image_options(data or Path(), **{"--skip-corrupt": skip_corrupt})
    table = None if data is None or images else open_table(data)
    from askew.model_card import collect, gather, write_page

    loaded, rows = load_model(model), None
    if table is not None:
        rows = read_labelled_table(loaded, table, Labelling(label_column, meaning))
    elif data is not None:
        rows = read_labelled_images(loaded, str(model), data, meaning, skip_corrupt, console)
    evidence = None
    if rows is not None and data is not None:
        about: dict[str, Any] = {
            "source": data.name if table is not None else data.resolve().name,
            "curve": curve,
        }
        about |= {} if table is not None else {"names": rows.names}
        with bar("learning curve" if curve else "explaining") as progress:
            evidence = gather(loaded, rows.X, rows.y, progress=progress, **about)
    made, markdown = write_page(collect(loaded, model.name, evidence), page)
    note(f"Written: {made}, {markdown}.")
    files: dict[str, Any] = {"page": str(made), "card": str(markdown)}
    if evidence is not None and evidence.curve is not None:
        print(evidence.curve.sentence())
        names = ("gain_of_ten", "low", "high")
        files["learning_curve"] = dict(zip(names, evidence.curve.gain(), strict=True))
    return files
