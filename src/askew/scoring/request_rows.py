"""Rows of requests: few at a time, of several requests scored together, since a call costs more than a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import AskewError, InvalidInputError
from askew.scoring.row_source import RowBatch, RowSource, join_rows
from askew.scoring.scored_rows import judged, score_schema, unjudged, with_scores


class RequestRows(NamedTuple):
    """All rows of one request as the model takes them, the columns of the result, and what is to be said of them."""

    batch: RowBatch
    schema: pa.Schema
    notes: list[str]


def read_request(source: RowSource, most: int) -> RequestRows:
    """Return all rows of a source; more than `most` raise InvalidInputError."""
    parts: list[RowBatch] = []
    n_rows = 0
    for batch in source.batches():
        parts.append(batch)
        n_rows += len(batch.ids)
        if n_rows > most:
            raise InvalidInputError(
                f"request must have at most {most:,} {source.unit}; got more. Send it in parts, or use askew score."
            )
    ids = parts[0].ids if len(parts) == 1 else _joined_ids([part.ids for part in parts])
    rows = RowBatch(parts[0].X if len(parts) == 1 else join_rows([part.X for part in parts]), ids, 1.0)
    schema = score_schema(source.model, source.id_field(), source.in_parts)
    extra = [f"note: the model does not use {', '.join(map(repr, source.extra))}."] if source.extra else []
    return RequestRows(rows, schema, [*extra, *source.notes()])


def score_together(model: Any, requests: Sequence[RequestRows]) -> list[pa.RecordBatch | AskewError]:
    """Return the scored rows of each request, or the error that they raise.

    Rows that are stored alike are scored in one call, which changes no score; each request is judged by itself.
    """
    from askew.calibration import Threshold

    results: list[pa.RecordBatch | AskewError] = []
    for request, scores in zip(requests, _scores(model, [each.batch for each in requests]), strict=True):
        if isinstance(scores, AskewError):
            results.append(scores)
            continue
        rows = with_scores(model, request.batch, scores, unjudged(request.schema))
        results.append(judged(model, rows, request.schema) if isinstance(model, Threshold) else rows)
    return results


def _scores(model: Any, batches: Sequence[RowBatch]) -> list[NDArray[np.float64] | AskewError]:
    """Return the scores of each batch."""
    found: list[Any] = [None] * len(batches)
    groups: dict[object, list[int]] = {}
    for place, batch in enumerate(batches):
        groups.setdefault(form_of_rows(batch.X), []).append(place)
    for places in groups.values():
        parts = [batches[place].X for place in places]
        try:
            scores = model.score_samples(parts[0] if len(parts) == 1 else join_rows(parts))
        except AskewError as error:
            if len(places) == 1:
                found[places[0]] = error
            else:  # one of them must not fail the others
                for place in places:
                    (found[place],) = _scores(model, [batches[place]])
            continue
        ends = np.cumsum([len(part) for part in parts])[:-1]
        for place, own in zip(places, np.split(scores, ends), strict=True):
            found[place] = own
    return found


def form_of_rows(X: Any) -> object:
    """Return what rows must have in common to be put together."""
    if isinstance(X, pa.Table):
        return X.schema.to_string()
    return tuple(X.columns) if isinstance(X, pd.DataFrame) else X.shape[1:]


def _joined_ids(parts: Sequence[Any]) -> Any:
    return pa.chunked_array([pa.array(part) for part in parts]).combine_chunks()
