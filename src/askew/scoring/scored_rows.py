"""Rows with their scores, and with what a threshold says of them: p-values, severities, decisions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import InvalidInputError
from askew.inputs import to_matrix
from askew.inputs.column_names import require_column
from askew.scoring.pipeline import in_order
from askew.scoring.row_source import RowBatch
from askew.scoring.table_source import FILE, number_columns

if TYPE_CHECKING:
    from askew.calibration import Threshold

Part: TypeAlias = "tuple[pa.RecordBatch, float]"
"""Scored rows, and how much of their source is done (0 to 1)."""

Mapped: TypeAlias = Callable[[Callable[[RowBatch], Part], Iterable[RowBatch]], Iterable[Part]]

JUDGED = ("p_value", "severity")
"""Columns that a threshold adds."""


def score_batches(
    model: Any, batches: Iterable[pa.RecordBatch], id_column: str | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the scores of rows in memory, batch by batch; nothing else is read, written or changed.

    A column that is missing or of another kind, and a cell that cannot be used, raise InvalidInputError. Spark, Ray and
    DuckDB call it on many machines or many rows as it is.

    Parameters
    ----------
    model
        A fitted model of tables.
    batches
        Rows with the columns that the model was fitted on, in any order; all of one schema. They may have none.
    id_column
        Column that names the rows; they are numbered from 1 without it.

    Yields
    ------
    RecordBatch
        The columns of :func:`score_schema`: the id or ``row``, ``score``, ``anomaly_score`` and ``prediction``; of a
        threshold also ``p_value`` and ``severity``. A threshold that judges all rows together yields the first when the
        last has come.

    Examples
    --------
    >>> import askew
    >>> rows = pa.RecordBatch.from_pydict({"name": list("abcd"), "x": [0.0, 0.1, 0.2, 9.0]})
    >>> model = askew.KDE(bandwidth=1.0).fit(rows.to_pandas()[["x"]])
    >>> [found["prediction"].to_pylist() for found in score_batches(model, [rows.slice(0, 3), rows.slice(3)], "name")]
    [[1, 1, 1], [-1]]
    """
    from askew.base.prepared import raw_columns
    from askew.base.wrapper import unwrap

    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        return
    names, ids = first.schema.names, [] if id_column is None else [id_column]
    if id_column is not None:
        require_column(id_column, names, "the batches", "id column")
    mixed = raw_columns(model) is not None
    if mixed:
        features = tuple(name for name in names if name not in ids)
    else:
        features, _ = number_columns(unwrap(model), names, "the batches", ids)
    named = mixed or hasattr(unwrap(model), "feature_names_in_")
    kind = pa.int64() if id_column is None else first.schema.field(id_column).type
    schema = score_schema(model, pa.field(id_column or "row", kind))
    rows = _row_batches(chain([first], batches), features, named, id_column)
    for part, _ in scored(model, rows, schema, map):  # one in, one out, in the caller's thread
        yield part


def _row_batches(
    batches: Iterable[pa.RecordBatch], features: Sequence[str], named: bool, id_column: str | None
) -> Iterator[RowBatch]:
    done = 0
    for batch in batches:
        numbers = np.arange(done + 1, done + 1 + batch.num_rows)
        ids = numbers if id_column is None else batch.column(id_column)
        table = pa.Table.from_batches([batch.select(list(features))])
        yield RowBatch(table if named or not len(table) else to_matrix(table).values, ids, 0.0)
        done += batch.num_rows


def score_schema(
    model: Any, id_field: pa.Field | None = None, in_parts: bool = False, reasons: Sequence[pa.Field] = ()
) -> pa.Schema:
    """Return the columns of the result, with the file of each row if rows are `in_parts`, and the `reasons`.

    `id_field` names the rows, by default by their numbers in ``row``; one with the name of a column that is added is
    refused.
    """
    from askew.calibration import Threshold

    id_field = id_field or pa.field("row", pa.int64())
    kinds = [("score", pa.float64()), ("anomaly_score", pa.float64()), ("prediction", pa.int8())]
    if isinstance(model, Threshold):
        kinds += [(name, pa.float64()) for name in JUDGED]
    schema = pa.schema([*[(FILE, pa.string())] * in_parts, id_field, *kinds, *reasons])
    if schema.names.count(id_field.name) > 1:
        raise InvalidInputError(
            f"id column must not be called like a column of the result; got {id_field.name!r}. Rename it."
        )
    return schema


def scored(
    model: Any, batches: Iterable[RowBatch], schema: pa.Schema, mapped: Mapped = in_order
) -> Iterator[Part]:
    """Yield rows with their scores and decisions, in the columns of :func:`score_schema`.

    `mapped` applies a function to the batches, in order: by default in several threads, while others are read.
    """
    from askew.calibration import Threshold

    plain = _scored(model, batches, unjudged(schema), mapped)
    if not isinstance(model, Threshold):
        yield from plain
    elif model.needs_all_rows:
        yield from _judged_together(model, plain, schema)
    else:
        for rows, fraction in plain:
            yield judged(model, rows, schema), fraction


def unjudged(schema: pa.Schema) -> pa.Schema:
    """Return the columns that every model gives."""
    return pa.schema([field for field in schema if field.name not in JUDGED])


def _scored(model: Any, batches: Iterable[RowBatch], schema: pa.Schema, mapped: Mapped) -> Iterator[Part]:
    from askew.base.quick_scorer import quick_scorer

    score = quick_scorer(model)

    def one(batch: RowBatch) -> Part:
        scores = score(batch.X) if len(batch.ids) else np.empty(0)  # a detector refuses to score nothing
        return with_scores(model, batch, scores, schema), batch.fraction

    return iter(mapped(one, batches))


def score_rows(model: Any, batch: RowBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return rows with their scores and what `predict` says of them, in the columns of :func:`unjudged`."""
    # a detector refuses to score nothing
    scores = model.score_samples(batch.X) if len(batch.ids) else np.empty(0)
    return with_scores(model, batch, scores, schema)


def with_scores(
    model: Any, batch: RowBatch, scores: NDArray[np.float64], schema: pa.Schema
) -> pa.RecordBatch:
    """Return rows that have been scored as :func:`score_rows` does."""
    _, ids, _, part = batch
    flagged = np.where(scores - model.offset_ >= 0, 1, -1)  # what predict() says, without scoring twice
    origin = [] if part is None else [pa.repeat(part, len(ids))]
    columns = zip((*origin, ids, scores, -scores, flagged), schema, strict=True)
    arrays = [pa.array(column).cast(field.type) for column, field in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _judged_together(threshold: Any, plain: Iterator[Part], schema: pa.Schema) -> Iterator[Part]:
    """Judge all rows at once; they wait in a temporary file, about 25 bytes a row, until the last is scored."""
    tally = threshold.tally(np.empty(0))
    with tempfile.TemporaryFile(prefix="askew-") as file:
        with pa.ipc.new_stream(file, unjudged(schema)) as writer:
            for rows, fraction in plain:
                writer.write_batch(rows)
                tally += threshold.tally(_scores(rows))
                yield judged(threshold, rows.slice(0, 0), schema), fraction  # so that the bar moves
        file.seek(0)
        cut = threshold.cut_of_tally(tally)
        for rows in pa.ipc.open_stream(file):
            yield judged(threshold, rows, schema, cut), 1.0


def judged(
    threshold: Threshold, rows: pa.RecordBatch, schema: pa.Schema, cut: float | None = None
) -> pa.RecordBatch:
    """Return scored rows with what a threshold says of them; `cut` is that of all rows together."""
    judgement = threshold.judge(_scores(rows), cut)._asdict()
    arrays = [
        pa.array(judgement[field.name]).cast(field.type)
        if field.name in judgement
        else rows.column(field.name)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _scores(rows: pa.RecordBatch) -> NDArray[np.float64]:
    return rows.column("score").to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
