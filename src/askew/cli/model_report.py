"""``askew report MODEL``: a page about one model, and its model card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.cli.console import bar, note
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.inputs import Meaning, TableFile
    from askew.labels import Labels
    from askew.model_card import Evidence


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

    Parameters
    ----------
    model
        A file that ``askew fit`` wrote.
    output
        The page; by default the model's name with ``.html``.
    data
        A table to score and explain, the training table for a learning curve; or a folder or an array of images.
    label_column, meaning
        Labels of a table; of images the folders that `meaning` names.
    curve
        Whether to draw the learning curve.
    skip_corrupt
        Whether images that cannot be read are left out.

    Raises
    ------
    InvalidInputError
        If options do not fit together, or the table does not fit the model.
    """
    from askew.inputs import check_writable, open_table
    from askew.scoring import holds_images, load_model, refuse_onnx
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
    from askew.model_card import collect, write_page

    loaded = load_model(model)
    evidence = None if table is None else _evidence(loaded, table, label_column, meaning, curve)
    if data is not None and images:
        evidence = _of_images(loaded, model, data, meaning, curve, skip_corrupt)
    made, markdown = write_page(collect(loaded, model.name, evidence), page)
    note(f"Written: {made}, {markdown}.")
    about: dict[str, Any] = {"page": str(made), "card": str(markdown)}
    if evidence is not None and evidence.curve is not None:
        print(evidence.curve.sentence())
        names = ("gain_of_ten", "low", "high")
        about["learning_curve"] = dict(zip(names, evidence.curve.gain(), strict=True))
    return about


def _evidence(model: Any, table: TableFile, label: str | None, meaning: Meaning, curve: bool) -> Evidence:
    from askew.model_card import gather
    from askew.scoring.table_labels import read_table_labels

    y: Labels | None = read_table_labels(table, label, meaning)
    X = _rows(model, table)
    with bar("learning curve" if curve else "explaining") as show:
        return gather(model, X, y, source=table.path.name, curve=curve, progress=show)


def _of_images(
    model: Any, path: Path, data: Path, meaning: Meaning, curve: bool, skip_corrupt: bool
) -> Evidence:
    from askew.cli.image_data import read_labelled
    from askew.model_card import gather

    images, y = read_labelled(model, str(path), data, meaning, skip_corrupt)
    about: dict[str, Any] = {"source": data.resolve().name, "names": images.names, "curve": curve}
    with bar("learning curve" if curve else "explaining") as show:
        return gather(model, images.pixels, y, progress=show, **about)


def _rows(model: Any, table: TableFile) -> Any:
    """Return all rows as the model takes them: a frame, or an Arrow table."""
    import pandas as pd
    import pyarrow as pa

    from askew.scoring.table_source import table_source

    parts = [X for X, _, _ in table_source(model, table, None, ignore_extra=True).batches()]
    if isinstance(parts[0], pa.Table):
        return pa.concat_tables(parts)
    return pd.concat(parts, ignore_index=True)
