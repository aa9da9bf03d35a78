"""Rows to learn from, of whatever kind: a table file or a folder of images behind one protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from askew.fitting.training_images import TrainingImages
from askew.fitting.training_options import TrainingOptions
from askew.fitting.training_table import TrainingTable
from askew.inputs import Data
from askew.inputs.column_names import listed
from askew.labels import Labels
from askew.scoring import Listener
from askew.scoring.row_source import refuse_image_options, refuse_table_options
from askew.scoring.source_opening import is_image_folder

_LINES = 20  # columns that are described one by one


class TrainingRows(Protocol):
    """The rows of a file or a folder and their labels; made before the long work, so that faults are found at once."""

    default_detector: str
    """Name of the method that is taken where nobody names one."""

    numbers: NDArray[np.int64] | None
    """The number in the table, from 1, of each row that was read; None of images."""

    ids: Sequence[Any]
    """Of rows that were read with answers: what each is called, by the name that answers go by."""

    answered: NDArray[np.int8]
    """Of rows that were read with answers: what was answered, +1 or -1, or 0 for none."""

    given: Labels | None
    """The labels of the rows that were read without their answers; None without any."""

    def refuse(self, model: Any) -> None:
        """Refuse a detector that takes no rows of this kind."""

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the rows and their labels; what an answer says of a row counts in place of its label."""

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what is learned from, and what was left out."""

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model as it is to be fitted: behind a preparation if X holds more than numbers."""

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the rows."""


def open_training_rows(data: Data, options: TrainingOptions, listener: Listener) -> TrainingRows:
    """Return the rows of a table file or a folder of images, ready to be read; refuse options of the other kind."""
    if is_image_folder(data):
        refuse_table_options(
            **{
                "--label-column": options.labelling.column,
                "--any-spelling": options.labelling.meaning.any_spelling,
                "--id-column": options.id_column,
                "--drop": options.drop,
                "--column-kind": options.column_kinds,
                "--sample": options.n_most,
            },
            **options.text_format.options(),
        )
        return TrainingImages(data, options, listener)
    refuse_image_options(data, **{"--size": options.size, "--skip-corrupt": options.skip_corrupt})
    return TrainingTable(data, options, listener)


def preparation_lines(model: Any) -> list[str]:
    """Return what became of the columns of a mixed table: a line each, or counts if there are many."""
    from askew.base.prepared import raw_columns

    raw = raw_columns(model)
    if raw is None:
        return []
    columns, lines = raw.preparation.columns, raw.preparation.summary()
    if len(lines) > _LINES:
        kinds = Counter(column.kind for column in columns)
        left_out = [line for line in lines if "left out" in line]
        lines = [", ".join(f"{count} {kind}" for kind, count in kinds.items()), *left_out[:_LINES]]
    if marked := [column.name for column in columns if column.gaps]:
        lines.append(f"note: gaps are marked, so that a rare one counts as unusual: {listed(marked)}.")
    return [*lines, f"{len(columns)} columns become {len(raw.preparation.feature_of)} numbers."]
