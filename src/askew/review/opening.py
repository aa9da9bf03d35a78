"""A model file and a table file, or a folder of images -> a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from askew import labels
from askew.base.wrapper import unwrap
from askew.errors import DataFileError
from askew.fitting.training_file import options_of
from askew.inputs import Data, Meaning, TableFile, open_table
from askew.review.rows import ReviewRows
from askew.review.session import ReviewSession
from askew.scoring import (
    SILENCE,
    Labelling,
    Listener,
    ReadOptions,
    holds_images,
    load_model,
    open_source,
    read_labelled_images,
    refuse_onnx,
)
from askew.scoring.reasons import as_python
from askew.scoring.row_source import join_rows


def open_review(
    model: Path,
    data: Data,
    folder: Path | None = None,
    options: ReadOptions | None = None,
    labelling: Labelling | None = None,
    listener: Listener = SILENCE,
    training: Data | None = None,
    **session: Any,
) -> ReviewSession:
    """Return a session about the rows of a table file, or the images of a folder, that a model file scores.

    The log and the models are kept in `folder` (default: :func:`review_folder`). What is known already stands in a
    column, or in folders of images, see :class:`~askew.scoring.Labelling`; where none is named, in that of the fit.
    `training` is the file that the model was fitted on, if that is another one than `data`: refits learn from both.
    Further arguments are those of :class:`ReviewSession`. Errors are those of :func:`askew.scoring.score_file`.
    """
    refuse_onnx(model, "review")
    options, labelling = options or ReadOptions(), labelling or Labelling()
    loaded: Any = load_model(model)
    # a column that is named may be in the training rows alone
    rows = _read(loaded, str(model), data, options, labelling, listener, training is not None)
    more = None if training is None else _read(loaded, str(model), training, options, labelling, listener)
    if not (rows.y < 0).any() and (more is None or not (more.y < 0).any()):
        _warn_of_lost_cases(loaded, training or data, listener)
    reviewed = ReviewSession(
        loaded,
        rows,
        folder=folder or review_folder(model, data),
        training=None if more is None else (more.X, labels.ours(more.y)),
        **session,
    )
    reviewed._core.warm_up()
    return reviewed


def review_folder(model: Path, data: Data) -> Path:
    """Return where the session of a model and data is kept if nobody says: beside the model, named after both.

    >>> review_folder(Path("models/fraud.askew"), Path("march.csv")).as_posix()
    'models/fraud-march.review'
    """
    return model.with_name(f"{model.stem}-{Path(data.name).stem}.review")


def _at_the_fit(model: Any) -> Labelling:
    """Return where the labels stood when the model was fitted; nowhere if its file does not say."""
    record = unwrap(model).training_file_
    return Labelling() if record is None else options_of(record).labelling


def _known(
    model: Any, table: TableFile, given: Labelling, may_lack_it: bool, listener: Listener
) -> Labelling:
    """Return where the labels of a table stand: as `given`, or else as when the model was fitted."""
    if given.column is not None:
        return Labelling() if may_lack_it and given.column not in table.names else given
    at_the_fit = _at_the_fit(model)
    if at_the_fit.column not in table.names:
        return given
    listener.note(
        f"Labels: column {at_the_fit.column!r} of {table.path}, as at the fit; --label-column names another."
    )
    return at_the_fit


def _warn_of_lost_cases(model: Any, data: Data, listener: Listener) -> None:
    facts = unwrap(model).facts_
    if facts is not None and facts.n_anomalies:
        known = f"{facts.n_anomalies:,} anomal{'y' if facts.n_anomalies == 1 else 'ies'}"
        listener.note(
            f"note: the model knew {known}, and {data} names none: a refit learns from the answers alone. Name "
            + ("a folder of them (--anomaly)" if holds_images(data) else "their column (--label-column)")
            + ", or what the model was fitted on (--training)."
        )


def _read(
    model: Any,
    name: str,
    data: Data,
    options: ReadOptions,
    labelling: Labelling,
    listener: Listener,
    may_lack_labels: bool = False,
) -> ReviewRows:
    if holds_images(data):
        options.check(data, images=True)
        labelling.refuse_column()
        meaning = labelling.meaning if labelling.meaning != Meaning() else _at_the_fit(model).meaning
        return _read_images(model, name, data, options, meaning, listener)
    return _read_table(model, data, options, labelling, listener, may_lack_labels)


def _read_table(
    model: Any,
    data: Data,
    options: ReadOptions,
    labelling: Labelling,
    listener: Listener,
    may_lack_labels: bool,
) -> ReviewRows:
    table = open_table(data, options.text_format)
    known = _known(model, table, labelling, may_lack_labels, listener).read(table, listener)
    source = open_source(model, data, options)
    source.id_field()  # refuses a column that cannot be one
    parts, ids = [], []
    with listener.bar("reading") as progress:
        for batch in source.batches():
            parts.append(batch.X)
            ahead = [] if batch.part is None else [batch.part]
            ids += [
                ":".join(map(str, [*ahead, each])) if ahead else each for each in map(as_python, batch.ids)
            ]
            progress(batch.fraction)
    for line in source.notes():
        listener.note(line)
    if not ids:
        raise DataFileError(f"table {data} must have a row to ask about; got none. Add rows.")
    raw = pa.Table.from_batches([batch for batch, _ in table.raw_batches(list(table.names))])
    y = np.zeros(len(ids), dtype=np.int8) if known is None else np.asarray(known, dtype=np.int8)
    called = [each if isinstance(each, int) and not isinstance(each, bool) else str(each) for each in ids]
    return ReviewRows(join_rows(parts), called, source.id_name, y, raw=raw)


def _read_images(
    model: Any, name: str, data: Path, options: ReadOptions, meaning: Meaning, listener: Listener
) -> ReviewRows:
    read = read_labelled_images(model, name, data, meaning, options.skip_corrupt, listener)
    names = list(read.names or [])
    y = np.zeros(len(names), dtype=np.int8) if read.y is None else np.asarray(read.y, dtype=np.int8)
    files = [data / each for each in names] if data.is_dir() else None
    return ReviewRows(read.X, names, "path" if files else "row", y, files=files)
