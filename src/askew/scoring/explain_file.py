"""A file or a folder -> what drove the scores of its most anomalous rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from askew.inputs import Data, atomic_path, check_writable
from askew.scoring.image_source import read_named_images
from askew.scoring.listener import SILENCE, Listener
from askew.scoring.reasons import ImageReasons, cell_text, table_reasons
from askew.scoring.row_files import check_output, open_writer
from askew.scoring.row_source import ReadOptions
from askew.scoring.source_opening import fitted, holds_images, open_source


class Reasons(Protocol):
    """The explanation of a file's most anomalous rows."""

    @property
    def lines(self) -> pd.DataFrame:
        """One line per row and feature (of images, per square), without the contribution in the score's unit."""

    def sentences(self, data: Data) -> tuple[str, str]:
        """Return how many rows of `data` are flagged, and where the reasons come from."""

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON."""


def explain_file(
    model: Any,
    data: Data,
    output: Path | None = None,
    options: ReadOptions | None = None,
    *,
    top: int = 20,
    features: int = 5,
    seed: int = 0,
    listener: Listener = SILENCE,
) -> Reasons:
    """Say what drove the scores of the most anomalous rows of a table, or images of a folder or an array (``.npy``).

    The arguments and errors are those of :func:`~askew.scoring.score_file`; `top` rows are explained by at most
    `features` of each, or squares of each image. `output` has a line for each of these; of images it may also be a
    contact sheet, ``.png``. `seed` is of what is drawn. Too few rows that pass, which say what is usual, are
    refused.
    """
    from askew.explain import contact_sheet

    options, images = options or ReadOptions(), data if holds_images(data) else None
    options.check(data, images is not None)
    picture = (
        output if output is not None and images is not None and output.suffix.lower() == ".png" else None
    )
    if output is not None:
        if picture is None:
            check_output(output, model, data)
        else:
            check_writable(output, [path for path in (model, data) if isinstance(path, Path)])
    if images is None:
        reasons: Reasons = table_reasons(open_source(model, data, options), top, features, seed, listener)
    else:
        loaded = fitted(model)
        pixels, names = read_named_images(loaded, str(model), images, options.skip_corrupt, listener)
        with listener.bar("explaining"):
            sheet = contact_sheet(loaded, pixels, top=top, names=names, random_state=seed)
        reasons = ImageReasons(sheet, features)
        if picture is not None:
            sheet.save(picture, f"{Path(str(model)).name}, {data.name}")
    if output is not None and picture is None:
        _write(reasons.lines, output, options.quote_formulas)
    return reasons


def _write(lines: pd.DataFrame, output: Path, quote_formulas: bool) -> None:
    texts = {
        name: lines[name].map(cell_text)
        for name in ("observed", "expected")
        if name in lines and lines[name].dtype == object
    }
    rows = pa.RecordBatch.from_pandas(lines.assign(**texts), preserve_index=False)
    with (
        atomic_path(output) as path,
        open_writer(path, output.suffix, rows.schema, quote_formulas) as write,
    ):
        write(rows)
