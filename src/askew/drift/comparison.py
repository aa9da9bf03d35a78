"""Rows in memory, or a file or folder of any length, beside what a model learned from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.drift.columns import rows_of
from askew.drift.findings import NO_SCORES, Criteria, Drift, judge
from askew.drift.held_out_scores import HeldOutScores, are_training_rows, held_out_scores
from askew.drift.reference import Reference, reference_of
from askew.drift.tally import Tally
from askew.errors import InvalidInputError, must
from askew.inputs import Data
from askew.scoring import SILENCE, Listener, ReadOptions, RowSource, holds_images, open_source
from askew.scoring.row_source import join_rows, take_rows

ROWS = 200_000
"""Most rows of a file to compare with; of more, as many are drawn evenly."""

_FEWEST = 20  # rows to compare with

_TRAINING_ROWS = (
    "the model was fitted on the rows of the reference, and gives them better scores than any others. Give rows that "
    "are new to it, or put a threshold on it with `askew threshold`."
)


def compare(
    model: Any,
    X: Any,
    reference: Any = None,
    criteria: Criteria | None = None,
    *,
    scores: NDArray[np.float64] | None = None,
) -> Drift:
    """Say whether rows are still like those that a model learned from.

    Parameters
    ----------
    model : Detector, Prepared or Threshold
        Fitted.
    X : what `model` takes, n_rows rows
        New rows.
    reference : what `model` takes, optional
        Rows to compare with; by default what the model keeps of its training rows (:func:`keep_columns`) and of
        held-out scores. The scores of rows that the model was fitted on are too good, and are not compared.
    criteria : Criteria, optional
        When rows have drifted.
    scores : (n_rows,) float64, optional
        What `model` gives X, where that is known already.

    Raises
    ------
    InvalidInputError
        If the model keeps no summary of its training rows and `reference` is None, or there are fewer than 20 rows to
        compare with.

    Examples
    --------
    >>> import askew, numpy as np
    >>> X = np.random.default_rng(0).normal(size=(900, 3))
    >>> model = askew.AutoDetector(candidates=("isolation_forest",), random_state=0).fit(X[:600])
    >>> [compare(model, new, X[:600]).verdict for new in (X[600:], X[600:] * 2)]
    ['no drift', 'drift']
    """
    kept, why = (reference_of(model), NO_SCORES) if reference is None else _of_rows(model, rows_of(reference))
    tally = Tally(kept)
    tally.add(model, rows_of(X), scores)
    return judge(kept, tally, criteria or Criteria(), no_scores=why)


def compare_file(
    model: Any,
    data: Data,
    reference: Data | None = None,
    options: ReadOptions | None = None,
    criteria: Criteria | None = None,
    listener: Listener = SILENCE,
) -> Drift:
    """Say whether the rows of a table, or images of a folder, are still like those that a model learned from.

    The arguments and errors are those of :func:`~askew.scoring.score_file` and of :func:`compare`; memory is constant,
    whatever the number of rows.
    """
    source = open_source(model, data, options)
    model, criteria = source.model, criteria or Criteria()
    if reference is None:
        kept, why = reference_of(model), NO_SCORES
    else:
        options = replace(options or ReadOptions(), id_column=None, ignore_extra=not holds_images(reference))
        kept, why = _of_rows(model, _drawn(open_source(model, reference, options), listener))
    tally = Tally(kept)
    with listener.bar("comparing") as progress:
        for batch in source.batches():
            if len(batch.ids):
                tally.add(model, batch.X)
            progress(batch.fraction)
    return judge(kept, tally, criteria, source.notes(), why)


def _of_rows(model: Any, X: Any) -> tuple[Reference, str]:
    """Return rows X as a reference, and why it has no scores, if it has none."""
    if len(X) < _FEWEST:
        rule, remedy = f"{_FEWEST} rows or more", "Give all rows that are as they should be."
        raise InvalidInputError(must("reference", "drift", rule, len(X), remedy))
    scores = model.score_samples(X)
    if are_training_rows(model, scores):
        return replace(Reference.of_rows(model, X), scores=held_out_scores(model)), _TRAINING_ROWS
    return replace(Reference.of_rows(model, X), scores=HeldOutScores.of(scores, "rows of the reference")), ""


def _drawn(source: RowSource, listener: Listener) -> Any:
    """Return the rows of a source, or so many that are drawn evenly."""
    generator = np.random.default_rng(0)
    rows: list[Any] = []
    keys = np.empty(0)
    cut = np.inf
    with listener.bar("reading the reference") as progress:
        for batch in source.batches():
            new = generator.random(len(batch.ids))
            kept = np.flatnonzero(new < cut)
            if len(kept):
                rows.append(take_rows(batch.X, kept))
                keys = np.concatenate([keys, new[kept]])
            if len(keys) > 2 * ROWS:
                cut, rows, keys = _fewest_keys(rows, keys)
            progress(batch.fraction)
    if len(keys) > ROWS:
        _, rows, keys = _fewest_keys(rows, keys)
    return join_rows(rows)


def _fewest_keys(rows: list[Any], keys: NDArray[np.float64]) -> tuple[float, list[Any], NDArray[np.float64]]:
    """Return the rows with the smallest keys, with these, and the key that is too large."""
    cut = float(np.partition(keys, ROWS)[ROWS])
    kept = np.flatnonzero(keys < cut)
    return cut, [take_rows(join_rows(rows), kept)], keys[kept]
