"""The rows of a table file to learn from, with a column of labels if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import DataFileError, InvalidInputError
from askew.fitting.answers import NUMBERS, AnswerJoin, Answers
from askew.fitting.row_sample import Drawn, RowSample
from askew.fitting.training_options import ROWS, TrainingOptions
from askew.inputs import Data, open_table
from askew.inputs.column_names import require_column, suggestion
from askew.inputs.kinds import KINDS
from askew.inputs.label_column import LabelColumn
from askew.inputs.whole_numbers import origin_of
from askew.labels import Labels, ours
from askew.scoring import Listener
from askew.scoring.labelled_folder import counts_in_words, label_counts

_SAID = (0, -1, 1)  # no answer, anomaly, normal
_NAMES = {1: "normal", 0: "unlabelled", -1: "anomaly"}
_VALUES = 1000  # different values, more than any column of labels has
_LABEL_LIKE = {"label", "labels", "y", "target", "class", "anomaly", "outlier", "is_anomaly", "is_outlier"}


class TrainingTable:
    """The rows of a table file, with a column of labels if there is one; missing columns are refused at once."""

    default_detector = "auto"
    numbers: NDArray[np.int64] | None = None
    ids: Sequence[Any] = ()
    answered: NDArray[np.int8] = np.empty(0, dtype=np.int8)
    given: Labels | None = None

    def __init__(self, data: Data, options: TrainingOptions, listener: Listener) -> None:
        self._table, self._labelling = open_table(data, options.text_format), options.labelling
        self._features = self._choose_features(options, listener)
        self._table.refuse_unusable(self._features)
        self._kinds = _parse_kinds(options.column_kinds, self._features, str(data))
        self._n_most, self._seed = options.n_most or ROWS, options.seed
        self._answers = options.answers
        self._id_name = (
            None if options.answers is None else self._id_column(options.answers, options.id_column)
        )
        self._n_rows, self._counts = 0, {"normal": 0, "unlabelled": 0, "anomaly": 0}  # of the whole table

    def refuse(self, model: Any) -> None:
        """Refuse a detector that takes no tables."""
        from askew.base.wrapper import require_table

        require_table(model, "--detector")

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the rows, as a frame if they are numbers alone, else as an Arrow table; and their labels."""
        drawn, y = self._draw(listener)
        self.numbers = drawn.numbers
        self.ids = drawn.numbers.tolist() if self._id_name is None else drawn.rows[self._id_name].to_pylist()
        if self._n_rows < 2:
            raise DataFileError(
                f"table {self._table.path} must have at least 2 rows to learn from; got 1. Add rows."
            )
        table = self._table.interpret(
            drawn.rows.select(self._features),
            self._kinds,
            lambda row: self._table.row_name(int(drawn.numbers[row - 1])),
        )
        for line in self._table.notes:
            listener.note(f"note: {line}")
        frame = None if self._kinds else _numbers_alone(table)
        return table if frame is None else frame, y

    def _draw(self, listener: Listener) -> tuple[Drawn, Labels | None]:
        """Return the rows to learn from and their labels: all known anomalies, and so many of the others.

        Rows are drawn in groups: three of each value of the label column, for no answer, anomaly and normal.
        """
        name, meaning = self._labelling.column, self._labelling.meaning
        sample, counts = RowSample(self._n_most, self._seed), np.zeros(0, dtype=np.int64)
        labels = LabelColumn(f"label column {name!r} of {self._table.path}", self._table.row_name, {}, {})
        join = None if self._answers is None else AnswerJoin(self._answers, str(self._table.path))
        kept = list(dict.fromkeys([*self._features, *([self._id_name] if self._id_name else [])]))
        wanted = list(dict.fromkeys([*kept, *([name] if name else [])]))
        with listener.bar("reading") as progress:
            for batch, fraction in self._table.raw_batches(wanted):
                values = np.zeros(batch.num_rows, dtype=np.intp)
                if name is not None:
                    values = labels.add(batch.column(name))
                    if len(labels.rows) > _VALUES:
                        break  # no column of labels: the refusal names its values
                groups = len(_SAID) * values + self._said(join, batch, sample.n_rows + 1)
                whole = {len(_SAID) * value for value in labels.anomalies(meaning)}
                answered = {len(_SAID) * value + 1 for value in range(max(len(labels.rows), 1))}
                sample.add(batch.select(kept), groups, whole | answered)
                counts = _sum(counts, np.bincount(groups))
                progress(fraction)
        self._n_rows = sample.n_rows
        if join is not None:
            join.refuse_unknown()
        of_values = [0] if name is None else list(labels.labels(meaning, listener.note).values())
        given, said = np.repeat(of_values, len(_SAID)), np.tile(_SAID, len(of_values))
        label_of = np.where(said != 0, said, given).astype(np.int8)
        for group, count in enumerate(counts.tolist()):
            self._counts[_NAMES[int(label_of[group])]] += count
        drawn = sample.draw(dict(enumerate(label_of.tolist())))
        self.answered = said[drawn.groups].astype(np.int8)
        self.given = None if name is None else ours(given[drawn.groups])
        return drawn, None if name is None and join is None else ours(label_of[drawn.groups])

    def _said(self, join: AnswerJoin | None, batch: pa.RecordBatch, first: int) -> NDArray[np.intp]:
        """Return the place in ``_SAID`` of what is said of the next rows, (n,)."""
        if join is None:
            return np.zeros(batch.num_rows, dtype=np.intp)
        numbers = range(first, first + batch.num_rows)
        labels = join.labels(numbers if self._id_name is None else batch.column(self._id_name), first)
        return np.select([labels < 0, labels > 0], [1, 2], 0)

    def _id_column(self, answers: Answers, id_column: str | None) -> str | None:
        """Return the column that answers go by, None for the numbers of rows."""
        if answers.id_name == NUMBERS and id_column != NUMBERS:
            if self._table.parts is None:
                return None
            raise InvalidInputError(
                f"labels of {answers.where} must name rows by a column of {self._table.path}, which is several files; "
                f"got the column {NUMBERS!r}. Name one with --id-column."
            )
        return require_column(answers.id_name, self._table.names, str(self._table.path), "id column")

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what is learned from, and what was left out."""
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
        """Return what a JSON summary says of the rows."""
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


def _sum(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum of two vectors of counts, which may be of different lengths."""
    total = np.zeros(max(len(one), len(other)), dtype=np.int64)
    for counts in (one, other):
        total[: len(counts)] += counts
    return total
