"""Reasons beside scores: which columns lowered a row's score, in columns of the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import InvalidInputError
from askew.inputs import Data
from askew.scoring.listener import SILENCE, Listener
from askew.scoring.reasons import SmallestKeys, cell_text
from askew.scoring.row_source import RowSource, take_rows
from askew.scoring.scored_rows import Part, judged, score_rows, unjudged
from askew.scoring.source_opening import holds_images, open_source, refuse_onnx

_PARTS = (("", pa.string()), ("_value", pa.string()), ("_expected", pa.string()), ("_share", pa.float64()))


def reason_fields(n_reasons: int) -> list[pa.Field]:
    """Return the columns of the reasons: ``reason_1``, ``reason_1_value``, ``_expected``, ``_share``, ``reason_2``, ...

    Values are text, because one column may name numbers, words and dates.
    """
    return [
        pa.field(f"reason_{number}{part}", kind)
        for number in range(1, n_reasons + 1)
        for part, kind in _PARTS
    ]


def refuse_reasons(model: Any, data: Data) -> None:
    """Raise InvalidInputError for a model or data whose scores can have no reasons beside them."""
    if isinstance(model, Path):
        refuse_onnx(model, "score --reasons")
    if holds_images(data):
        raise InvalidInputError(
            "--reasons must be left out for images: their reasons are squares of pixels. `askew explain` draws them."
        )


@dataclass(frozen=True)
class Survey:
    """What one reading of the rows tells: a sample of those that pass, and the lowest scores.

    Rows that score below `lowest`, and the first `n_ties` that score so, are the most anomalous ones. `cut` is the
    score below which rows are flagged when all are judged together; None otherwise.
    """

    usual: Any
    lowest: float
    n_ties: int
    cut: float | None


def explained(source: RowSource, schema: pa.Schema, n_reasons: int, survey: Survey) -> Iterator[Part]:
    """Yield rows with their scores and, for the flagged and the lowest ones, reasons, in the columns of `schema`."""
    n_scores = len(schema) - len(_PARTS) * n_reasons
    without, of_reasons = pa.schema(list(schema)[:n_scores]), list(schema)[n_scores:]
    model, n_ties = source.model, survey.n_ties
    for batch in source.batches():
        rows = score_rows(model, batch, unjudged(without))
        if len(without) > rows.num_columns:
            rows = judged(model, rows, without, survey.cut)
        scores = rows.column("score").to_numpy(zero_copy_only=False)
        flagged = rows.column("prediction").to_numpy(zero_copy_only=False) == -1
        ties = np.flatnonzero(scores == survey.lowest)[:n_ties]
        n_ties -= len(ties)
        places = np.union1d(np.flatnonzero(flagged | (scores < survey.lowest)), ties)
        reasons = _reasons(model, batch.X, places, n_reasons, survey.usual)
        arrays = [pa.array(cells, field.type) for cells, field in zip(reasons, of_reasons, strict=True)]
        yield pa.RecordBatch.from_arrays([*rows.columns, *arrays], schema=schema), batch.fraction


def usual_rows(model: Any, data: Data) -> Any:
    """Return a sample of the rows of a table that pass, as the model takes them, to stand for what is usual.

    Too few rows that pass raise InvalidInputError.
    """
    from askew.explain.model_explanation import FEWEST_ROWS

    usual = survey(open_source(model, data), 0, SILENCE).usual
    if usual is None:
        raise InvalidInputError(
            f"rows that say what is usual must be at least {FEWEST_ROWS} that pass; {data} has fewer. "
            "Give a table with more, such as the training table."
        )
    return usual


def survey(source: RowSource, n_top: int, listener: Listener) -> Survey:
    """Read all rows once, for a sample of what is usual and the `n_top` lowest scores."""
    from askew.explain.model_explanation import BACKGROUND_ROWS, FEWEST_ROWS

    model: Any = source.model
    usual, generator = SmallestKeys(BACKGROUND_ROWS), np.random.default_rng(0)
    together = getattr(model, "needs_all_rows", False)
    tally: Any = model.tally(np.empty(0)) if together else None
    lowest: NDArray[np.float64] = np.empty(0)
    with listener.bar("what is usual") as progress:
        for X, ids, fraction, _ in source.batches():
            scores = model.score_samples(X) if len(ids) else np.empty(0)
            passing = np.flatnonzero(scores >= model.offset_)
            usual.add(X, generator.random(len(passing)), passing, ids)
            lowest = np.sort(np.concatenate([lowest, scores]))[:n_top]
            tally = tally + model.tally(scores) if together else None
            progress(fraction)
    return Survey(
        usual=usual.rows if len(usual.keys) >= FEWEST_ROWS else None,
        lowest=float(lowest[-1]) if len(lowest) else -np.inf,
        n_ties=int((lowest == lowest[-1]).sum()) if len(lowest) else 0,
        cut=model.cut_of_tally(tally) if together else None,
    )


def _reasons(
    model: Any, X: Any, places: NDArray[np.intp], n_reasons: int, usual: Any
) -> list[NDArray[np.object_]]:
    """Return the cells of the reasons' columns, None where a row has none."""
    n_rows = len(X)
    columns = [np.full(n_rows, None, dtype=object) for _ in range(len(_PARTS) * n_reasons)]
    if not len(places):
        return columns
    why = model.explain(take_rows(X, places), background=usual, random_state=0)
    lines = replace(why, rows=pd.RangeIndex(len(places))).top(n_reasons)
    nth = lines.groupby("row").cumcount()  # of the row's reasons, the worst first
    texts = (
        lines["feature"],
        lines["observed"].map(cell_text),
        lines["expected"].map(cell_text),
        lines["share"],
    )
    for part, cells in enumerate(texts):
        for row, number, cell in zip(lines["row"], nth, cells, strict=True):
            columns[len(_PARTS) * number + part][places[row]] = cell
    return columns
