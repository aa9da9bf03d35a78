"""Rows with labels for a model that is there: to put a threshold on it, or to say how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from askew.errors import InvalidInputError, LabelError
from askew.inputs import Data, Meaning, TableFile, open_table, read_labels
from askew.inputs.column_names import require_column
from askew.scoring.image_source import name_in, read_named_images, shape_of
from askew.scoring.labelled_folder import LabelledFolder
from askew.scoring.listener import SILENCE, Listener
from askew.scoring.reasons import as_python
from askew.scoring.row_source import ReadOptions, join_rows, refuse_table_options
from askew.scoring.source_opening import holds_images, load_model
from askew.scoring.table_source import table_source

if TYPE_CHECKING:
    from askew.calibration import Threshold
    from askew.labels import Labels


@dataclass(frozen=True)
class Labelling:
    """Where the labels of rows stand: in a `column` of a table (None: there are none), whose values have a `meaning`.

    Of a folder of images, the meaning names folders in it whose images have a label.
    """

    column: str | None = None
    meaning: Meaning = field(default_factory=Meaning)

    def check(self, table: TableFile) -> None:
        """Raise InvalidInputError if a table has no such column, or meanings are given without one."""
        if self.column is not None:
            require_column(self.column, table.names, str(table.path), "label column")
            kind = table.kept_type(self.column)
            if pa.types.is_nested(kind):
                raise LabelError(
                    f"label column {self.column!r} of {table.path} must hold a word, number or truth value per row; "
                    f"got {kind}. Name another column, or write one value per row."
                )
        elif self.meaning != Meaning():
            raise InvalidInputError("--label-column must be given with --anomaly, --normal or --unlabelled.")

    def refuse_column(self) -> None:
        """Raise InvalidInputError if a column was named, or spellings of its values, where there are images."""
        refuse_table_options(**{"--label-column": self.column, "--any-spelling": self.meaning.any_spelling})

    def read(self, table: TableFile, listener: Listener = SILENCE) -> Labels | None:
        """Return the labels of a table, None without a column of them; a value without a meaning is refused."""
        self.check(table)
        if self.column is None:
            return None
        return self.labels(table, table.read([], keep=[self.column]).kept[self.column].to_pylist(), listener)

    def labels(self, table: TableFile, cells: Sequence[Any], listener: Listener = SILENCE) -> Labels:
        """Return the labels that the cells of the column stand for."""
        return read_labels(
            cells,
            self.meaning,
            f"label column {self.column!r} of {table.path}",
            table.row_name,
            listener.note,
        )


class LabelledRows(NamedTuple):
    """Rows as a model takes them, their labels (None: there are none), and what rows or images are called."""

    X: Any
    y: Labels | None
    names: Sequence[str] | None = None


def calibrate_file(
    threshold: Threshold,
    model: Path,
    data: Data,
    labelling: Labelling,
    options: ReadOptions,
    listener: Listener = SILENCE,
) -> Threshold:
    """Fit an unfitted `threshold` around the model of a file, on held-out rows of a table, a folder or an array.

    The rows must be new to the model; `labelling` says where their labels stand. A threshold that the model has is
    replaced. The other arguments and the errors are those of :func:`~askew.scoring.score_file`.
    """
    from askew.calibration import Threshold
    from askew.calibration.threshold import infinite_in_words

    images = data if holds_images(data) else None
    if images is not None:
        labelling.refuse_column()
    options.check(data, images is not None)
    if images is None:
        table = open_table(data, options.text_format)
        y = labelling.read(table, listener)
    loaded: Any = load_model(model)
    inner = loaded.model if isinstance(loaded, Threshold) else loaded
    if images is not None:
        X, y, _ = read_labelled_images(
            inner, str(model), images, labelling.meaning, options.skip_corrupt, listener
        )
        scores = inner.score_samples(X)
    else:
        parts = []
        with listener.bar("scoring") as progress:
            for batch in table_source(inner, table, None, options.ignore_extra).batches():
                if len(batch.ids):
                    parts.append(
                        inner.score_samples(batch.X)
                    )  # the cut-off is one of them: no digit is rounded
                progress(batch.fraction)
        scores = np.concatenate(parts)
        if not np.isfinite(scores).all():
            raise InvalidInputError(
                f"rows of {data} must have finite scores to put a threshold on; the model gives "
                f"{infinite_in_words(scores, table.row_name, 1)}. Their cells are far from all that it was trained "
                "on: correct them, or leave these rows out."
            )
    threshold.set_params(model=inner)
    return threshold.fit_scores(scores, y)


def read_labelled_images(
    model: Any, name: str, data: Path, meaning: Meaning, skip_corrupt: bool, listener: Listener = SILENCE
) -> LabelledRows:
    """Return images as the model, called `name`, takes them, and labels by the folders that `meaning` names.

    Without any, all that is in a folder and the folders therein, or in an array, is unlabelled.
    """
    if meaning == Meaning():
        pixels, names = read_named_images(model, name, data, skip_corrupt, listener)
        return LabelledRows(pixels, None, names)
    if not data.is_dir():
        raise InvalidInputError(
            f"--normal, --anomaly and --unlabelled must name folders in a folder of images; got {str(data)!r}. "
            "Leave them out, or give the images as files."
        )
    channels, height, width = shape_of(model, name, data)
    folder = LabelledFolder(data, meaning, skip_corrupt)
    for line in folder.unused():
        listener.note(line)
    pixels, y = folder.read((height, width), channels, listener)
    for line in folder.sentences(pixels, y):
        listener.note(line)
    return LabelledRows(pixels, y, [name_in(path, data) for path in folder.paths])


def read_labelled_table(
    model: Any,
    table: TableFile,
    labelling: Labelling,
    id_column: str | None = None,
    listener: Listener = SILENCE,
) -> LabelledRows:
    """Return all rows of a table as a model takes them, whatever other columns there are, their labels and ids."""
    y = labelling.read(table, listener)
    if id_column is not None:
        require_column(id_column, table.names, str(table.path), "id column")
    source = table_source(model, table, id_column, ignore_extra=True)
    source.id_field()  # refuses a column that cannot be one
    batches = list(source.batches())
    ids = None if id_column is None else [as_python(each) for batch in batches for each in batch.ids]
    return LabelledRows(join_rows([batch.X for batch in batches]), y, ids)
