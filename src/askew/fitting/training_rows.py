"""Rows to learn from, of whatever kind: a table file or a folder of images behind one protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import DataFileError, InvalidInputError
from askew.fitting.row_sample import Drawn, RowSample
from askew.inputs import Data, TextFormat, open_table
from askew.inputs.column_names import listed, require_column, suggestion
from askew.inputs.kinds import KINDS
from askew.inputs.label_column import LabelColumn
from askew.inputs.whole_numbers import origin_of
from askew.labels import Labels, ours
from askew.scoring import Labelling, Listener
from askew.scoring.labelled_folder import LabelledFolder, counts_in_words, label_counts
from askew.scoring.row_source import refuse_image_options, refuse_table_options
from askew.scoring.source_opening import is_image_folder

ROWS = 200_000
"""Most unlabelled rows that are learned from: more would take time and memory, and hardly change a model."""

_NAMES = {1: "normal", 0: "unlabelled", -1: "anomaly"}
_VALUES = 1000  # different values, more than any column of labels has
_LINES = 20  # columns that are described one by one
_LABEL_LIKE = {"label", "labels", "y", "target", "class", "anomaly", "outlier", "is_anomaly", "is_outlier"}


class TrainingRows(Protocol):
    """The rows of a file or a folder and their labels; made before the long work, so that faults are found at once."""

    default_detector: str
    """Name of the method that is taken where nobody names one."""

    numbers: NDArray[np.int64] | None
    """The number in the table, from 1, of each row that was read; None of images."""

    def refuse(self, model: Any) -> None:
        """Refuse a detector that takes no rows of this kind."""

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the rows and their labels."""

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what is learned from, and what was left out."""

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model as it is to be fitted: behind a preparation if X holds more than numbers."""

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the rows."""


@dataclass(frozen=True)
class TrainingOptions:
    """What is learned from a file or a folder, and where the labels stand.

    Of a table, `id_column` and `drop` are no features, `column_kinds` are texts such as ``zip=category``, and
    `text_format` says how its text is written. At most `n_most` rows (None: :data:`ROWS`) that are unlabelled, and as
    many known normal ones, are drawn by `seed`. Of images, `size` is the side in pixels (None: see
    :func:`askew.inputs.read_images`), and `skip_corrupt` says whether those that cannot be read are left out.
    """

    labelling: Labelling = field(default_factory=Labelling)
    id_column: str | None = None
    drop: tuple[str, ...] = ()
    column_kinds: tuple[str, ...] = ()
    size: int | None = None
    skip_corrupt: bool = False
    n_most: int | None = None
    seed: int = 0
    text_format: TextFormat = field(default_factory=TextFormat)


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
        return _TrainingImages(data, options, listener)
    refuse_image_options(data, **{"--size": options.size, "--skip-corrupt": options.skip_corrupt})
    return _TrainingTable(data, options, listener)


def _parse_kinds(texts: Sequence[str], features: Sequence[str], where: str) -> dict[str, str]:
    """Return ``["zip=category"]`` as ``{"zip": "category"}``; refuse what is no feature and no kind."""
    kinds: dict[str, str] = {}
    for text in texts:
        name, equals, kind = (part.strip() for part in text.rpartition("="))
        if not equals or not name:
            raise InvalidInputError(
                f"--column-kind must be name=kind; got {text!r}. For example --column-kind zip=category."
            )
        require_column(name, features, where, "--column-kind")
        if kind not in KINDS:
            hint = suggestion(kind, KINDS) or f"Choose one of: {', '.join(KINDS)}."
            raise InvalidInputError(f"--column-kind must name a kind of column; got {kind!r}. {hint}")
        kinds[name] = kind
    return kinds


def _numbers_alone(table: pa.Table) -> pd.DataFrame | None:
    """Return a table of nothing but plain numbers without gaps as a frame of float64, None for any other."""
    types = pa.types
    numbers = (types.is_integer, types.is_floating, types.is_decimal)
    if any(column.null_count for column in table.columns):
        return None
    if any(key in (field.metadata or {}) for field in table.schema for key in (b"form", b"missing")):
        return None  # the preparation keeps how they are written
    if not all(any(fits(field.type) for fits in numbers) for field in table.schema):
        return None
    if any(origin_of(column) for column in table.columns):  # a preparation subtracts it
        return None
    values = np.empty(table.shape, dtype=np.float64)
    for place, column in enumerate(table.columns):
        values[:, place] = column.cast(pa.float64(), safe=False).to_numpy()
    return None if np.isnan(values).any() else pd.DataFrame(values, columns=table.column_names)


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


class _TrainingImages:
    """The images of a folder, of which other folders may say what they are."""

    default_detector = "dp_vae"
    numbers: NDArray[np.int64] | None = None

    def __init__(self, data: Path, options: TrainingOptions, listener: Listener) -> None:
        self._folder = LabelledFolder(data, options.labelling.meaning, options.skip_corrupt)
        self._size = options.size
        for line in self._folder.unused():
            listener.note(line)

    def refuse(self, model: Any) -> None:
        if not model.takes_images:
            raise InvalidInputError(
                f"--detector must be a method that takes images; got {model.name!r}. The default, dp_vae, does."
            )

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        return self._folder.read(self._size, "auto", listener)

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        return self._folder.sentences(X, y)

    def prepared(self, model: Any, X: Any) -> Any:
        return model

    def about(self, X: Any) -> dict[str, Any]:
        skipped = [{"path": str(each.path), "reason": each.reason} for each in self._folder.skipped]
        return {"n_images": len(X), "image_shape": list(X.shape[1:]), "skipped": skipped}


class _TrainingTable:
    """The rows of a table file, with a column of labels if there is one; missing columns are refused at once."""

    default_detector = "auto"
    numbers: NDArray[np.int64] | None = None

    def __init__(self, data: Data, options: TrainingOptions, listener: Listener) -> None:
        self._table, self._labelling = open_table(data, options.text_format), options.labelling
        self._features = self._choose_features(options, listener)
        self._table.refuse_unusable(self._features)
        self._kinds = _parse_kinds(options.column_kinds, self._features, str(data))
        self._n_most, self._seed = options.n_most or ROWS, options.seed
        self._n_rows, self._counts = 0, {"normal": 0, "unlabelled": 0, "anomaly": 0}  # of the whole table

    def refuse(self, model: Any) -> None:
        from askew.base.wrapper import require_table

        require_table(model, "--detector")

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the rows, as a frame if they are numbers alone, else as an Arrow table; and their labels."""
        drawn, y = self._draw(listener)
        self.numbers = drawn.numbers
        if self._n_rows < 2:
            raise DataFileError(
                f"table {self._table.path} must have at least 2 rows to learn from; got 1. Add rows."
            )
        table = self._table.interpret(
            drawn.rows, self._kinds, lambda row: self._table.row_name(int(drawn.numbers[row - 1]))
        )
        for line in self._table.notes:
            listener.note(f"note: {line}")
        frame = None if self._kinds else _numbers_alone(table)
        return table if frame is None else frame, y

    def _draw(self, listener: Listener) -> tuple[Drawn, Labels | None]:
        """Return the rows to learn from and their labels: all known anomalies, and so many of the others."""
        name, meaning = self._labelling.column, self._labelling.meaning
        sample = RowSample(self._n_most, self._seed)
        labels = LabelColumn(f"label column {name!r} of {self._table.path}", self._table.row_name, {}, {})
        with listener.bar("reading") as progress:
            for batch, fraction in self._table.raw_batches([*self._features, *([name] if name else [])]):
                rows, groups = batch.select(self._features), np.zeros(batch.num_rows, dtype=np.intp)
                if name is not None:
                    groups = labels.add(batch.column(name))
                    if len(labels.rows) > _VALUES:
                        break  # no column of labels: the refusal names its values
                sample.add(rows, groups, labels.anomalies(meaning))
                progress(fraction)
        self._n_rows = sample.n_rows
        if name is None:
            return sample.draw({0: 0}), None
        label_of = list(labels.labels(meaning, listener.note).items())
        for value, label in label_of:
            self._counts[_NAMES[label]] += labels.counts[value]
        drawn = sample.draw({place: label for place, (_, label) in enumerate(label_of)})
        return drawn, ours(np.array([label for _, label in label_of], dtype=np.int8)[drawn.groups])

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        columns = f"{len(self._features)} column{'s' if len(self._features) > 1 else ''}"
        unlabelled = f"every row is unlabelled in {self._labelling.column!r}"
        counts = None if y is None else self._counts
        known = counts_in_words(counts, "no labels (--label-column gives them)", unlabelled)
        n = self._table.parts
        files = "" if n is None else f" in {n:,} file{'s' if n > 1 else ''}"
        lines = [f"{self._table.path}: {self._n_rows:,} rows{files}, {columns}; {known}."]
        if len(X) < self._n_rows:
            lines.append(self._drawn_in_words(len(X), y))
        return lines

    def _drawn_in_words(self, n_drawn: int, y: Labels | None) -> str:
        groups = counts_in_words(label_counts(y), f"{n_drawn:,} rows", f"{n_drawn:,} unlabelled")
        line = f"Learned from {groups}, drawn evenly from the table (--sample {self._n_most}, --seed {self._seed})"
        if not (n_known := self._counts["anomaly"]):
            return f"{line}."
        times = self._n_rows / n_drawn
        more = (
            f", so they are {times:.1f} times as common as in the table" if n_known > n_drawn / 1000 else ""
        )
        return f"{line}; every known anomaly is among them{more}."

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model, behind a preparation if X holds more than numbers; it knows the file's other columns."""
        from askew.base.prepared import Prepared

        others = tuple(name for name in self._table.names if name not in self._features)
        if isinstance(X, pd.DataFrame):
            model.other_columns_ = others
            return model
        return Prepared(model, kinds=self._kinds or None, other_columns=others)

    def about(self, X: Any) -> dict[str, Any]:
        return {"n_rows": self._n_rows, "n_learned": len(X), "features": list(self._features)}

    def _choose_features(self, options: TrainingOptions, listener: Listener) -> list[str]:
        """Return the columns to learn from; refuse names that the table does not have."""
        names, where = self._table.names, str(self._table.path)
        label = options.labelling.column
        options.labelling.check(self._table)
        no_features = [name for name in (label, options.id_column) if name is not None] + list(options.drop)
        for name in no_features:
            require_column(name, names, where, "column to leave out")
        features = [name for name in names if name not in {*no_features, *self._table.index_names}]
        if not features:
            raise InvalidInputError(f"columns of {where} must include one to learn from; all are left out.")
        suspects = [name for name in features if name.strip().casefold() in _LABEL_LIKE]
        if label is None and suspects:
            listener.note(
                f"note: {suspects[0]!r} is learned from like any column; if it holds labels, use --label-column."
            )
        return features
