"""Scores of a table file, batch after batch in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from askew.errors import InvalidInputError

if TYPE_CHECKING:
    import pyarrow as pa

    from askew.inputs import TableFile
    from askew.inputs.mixed_columns import Novelties

SCORES = ("score", "anomaly_score", "prediction")


class Scoring:
    """A detector about to score a table file.

    Parameters
    ----------
    detector
        The fitted detector.
    table
        The file.
    id_column
        Column that names the rows, which are numbered from 1 without it.
    ignore_extra
        Whether columns that the training file did not have play no part; else they are refused.

    Attributes
    ----------
    features
        The columns the model takes, in its order.
    extra
        Columns that nobody knows: neither features, nor the id, nor in the training file.
    novelties
        What the rows so far have and the training rows had not; None for a model of numbers alone.
    schema
        Of the result: the id or ``row``, then ``score``, ``anomaly_score`` and ``prediction``.

    Raises
    ------
    InvalidInputError
        If a column of the model is missing, or the id column cannot be one.
    """

    def __init__(
        self, detector: Any, table: TableFile, id_column: str | None, ignore_extra: bool = False
    ) -> None:
        from askew.cli.score_source import source_of

        self._detector, self._table, self._id = detector, table, id_column
        self._source = source_of(detector, table, id_column, ignore_extra)
        self.features, self.extra = self._source.features, self._source.extra
        self.schema = self._schema()

    @property
    def novelties(self) -> Novelties | None:
        """What the rows so far have and the training rows had not; None for a model of numbers alone."""
        return self._source.novelties

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield scored rows of :attr:`schema`, and how much of the file is done (0 to 1)."""
        done = 0
        for X, kept, fraction in self._source.batches(keep=[self._id] if self._id else []):
            rows = self._scored(X, kept, done)
            done += rows.num_rows
            yield rows, fraction

    def _scored(self, X: Any, kept: dict[str, Any], done: int) -> pa.RecordBatch:
        import numpy as np
        import pyarrow as pa

        scores = self._detector.score_samples(X)
        flagged = np.where(
            scores - self._detector.offset_ >= 0, 1, -1
        )  # what predict() says, without scoring twice
        names = np.arange(done + 1, done + 1 + len(scores)) if self._id is None else kept[self._id]
        columns = [names, scores, -scores, flagged]
        arrays = [
            pa.array(column).cast(field.type) for column, field in zip(columns, self.schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        kind = pa.int64() if self._id is None else self._table.kept_type(self._id)
        if self._id in (*SCORES, *self.features) or pa.types.is_nested(kind):
            raise InvalidInputError(
                f"id column must be one of words or numbers that is no feature of the model and not called "
                f"{', '.join(SCORES)}; got {self._id!r}. Fit with --id-column too, or rename it."
            )
        scores = [("score", pa.float64()), ("anomaly_score", pa.float64()), ("prediction", pa.int8())]
        return pa.schema([(self._id or "row", kind), *scores])


class Tally:
    """Counts of scored rows, and the most anomalous of them.

    Parameters
    ----------
    n_top
        How many rows to keep.
    """

    def __init__(self, n_top: int) -> None:
        self.n_rows = 0
        self.n_anomalies = 0
        self.notes: list[str] = []
        self._n_top = n_top
        self._top: pa.Table | None = None

    def add(self, rows: pa.RecordBatch) -> None:
        """Count scored rows."""
        import pyarrow as pa
        import pyarrow.compute as pc

        self.n_rows += rows.num_rows
        self.n_anomalies += pc.sum(pc.equal(rows.column("prediction"), -1), min_count=0).as_py()
        if self._n_top:
            table = pa.Table.from_batches([rows])
            table = table if self._top is None else pa.concat_tables([self._top, table])
            order = pc.sort_indices(table, sort_keys=[("score", "ascending")])
            self._top = table.take(order[: self._n_top]).combine_chunks()

    def counts(self) -> dict[str, Any]:
        """Return the counts for a JSON summary, and what was new in the rows."""
        return {"n_rows": self.n_rows, "n_anomalies": self.n_anomalies, "notes": self.notes}

    def top_rows(self) -> list[dict[str, Any]]:
        """Return the rows kept, the most anomalous first."""
        return [] if self._top is None else list(self._top.to_pylist())
