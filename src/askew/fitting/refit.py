"""A fitted model -> a new one of the same preparation, settings and threshold rule, fitted on other labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.base import clone

from askew.errors import InvalidInputError, must
from askew.inputs.column_names import match_columns
from askew.inputs.frames import arrow_table, frame_of, refuse_other_order
from askew.inputs.in_memory import to_matrix
from askew.inputs.mixed_tables import refuse_extra
from askew.scoring.row_source import take_rows

if TYPE_CHECKING:
    from askew.calibration import HeldOut, Threshold

_SHARE = 0.2
"""Of the rows, held out for a threshold of a model that does not say on how many it was fitted."""

_MOST = 0.5
"""Largest share of the rows that is held out: a threshold may be from a file larger than that of its model."""


def refit(model: Any, X: Any, y: Any = None, *, warm_start: bool = False) -> Any:
    """Return a new model like `model`, fitted on X with the labels y; `model` stays as it is.

    It has the class, the parameters and the settings of preparation of the old one, which are learned anew. A
    threshold holds out as large a share of the rows as the old one did (at most half), drawn by the model's seed, and
    is fitted on them by the same rule.

    Parameters
    ----------
    model : fitted Detector or wrapper
    X : what the model scores, n_rows rows
        The rows to learn from: those of the first fit, as a rule, maybe with more.
    y : vector of n_rows labels, optional
        +1 known normal, 0 unlabelled, -1 known anomaly; all that is known, not only what is new.
    warm_start : bool
        Go on from the fitted weights of a method with networks, with a tenth of the epochs.

    Raises
    ------
    InvalidInputError
        If the rows are not like those that the model knows. `LabelError` for wrong labels.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.

    Examples
    --------
    >>> from askew import KDE
    >>> X = np.array([[0.0], [1.0], [2.0], [9.0]])
    >>> before = KDE(bandwidth=1.0).fit(X)
    >>> after = refit(before, X, [0, 0, 0, -1])
    >>> bool(after.score_samples(X)[3] < before.score_samples(X)[3])
    True
    """
    from askew.base.fitted_parameters import require_fitted
    from askew.base.wrapper import unwrap
    from askew.calibration import Threshold
    from askew.drift import keep_columns

    require_fitted(model)
    refuse_other_order(X, y, "refit")
    rows = known_columns(model, X)
    if isinstance(model, Threshold):
        return _refit_threshold(model, rows, y, warm_start)
    model.score_samples(rows[:1])  # rows of another kind are refused in the words of the model
    if warm_start:
        refuse_warm_start(model)
    options = {"init_model": model} if warm_start else {}
    new: Any = clone(model).fit(rows, y, **options)
    before, after = unwrap(model), unwrap(new)
    after.training_file_ = before.training_file_
    if hasattr(before, "other_columns_"):
        after.other_columns_ = before.other_columns_
    keep_columns(new, rows, y)
    return new


def can_warm_start(model: Any) -> bool:
    """Return whether :func:`refit` can go on from a model's weights: whether its method is one of networks."""
    from askew.base import DeepDetector
    from askew.base.wrapper import unwrap

    return isinstance(unwrap(model), DeepDetector)


def refuse_warm_start(model: Any) -> None:
    """Raise InvalidInputError if a refit of the model cannot go on from its weights."""
    from askew.base.wrapper import unwrap

    if not can_warm_start(model):
        rule = f"False for {type(unwrap(model)).__name__}, which has no networks of its own"
        raise InvalidInputError(
            must("warm_start", "refit", rule, True, "Leave it out: every fit is a full one.")
        )


def _refit_threshold(threshold: Threshold, rows: Any, y: Any, warm_start: bool) -> Threshold:
    from askew import labels

    checked = None if y is None else labels.check(y, len(rows), owner="refit")
    training, held_out = held_out_rows(threshold, checked, len(rows))
    parts: Any = (None, None) if checked is None else (checked[training], checked[held_out])
    model = refit(threshold.model, take_rows(rows, training), parts[0], warm_start=warm_start)
    new: Threshold = clone(threshold).set_params(model=model)
    return new.fit(take_rows(rows, held_out), parts[1])


def held_out_rows(threshold: Threshold, y: Any, n_rows: int) -> HeldOut:
    """Return which of `n_rows` rows with labels y a refit holds out for a threshold, and which it learns from.

    As large a share as in its first fit, at most half, and of the same rows most of those of then: drawn by the seed.
    """
    from askew.base.wrapper import unwrap
    from askew.calibration import hold_out

    detector, share = unwrap(threshold), _SHARE
    seed = getattr(detector, "random_state", (detector.training_file_ or {}).get("seed"))
    if (facts := detector.facts_) is not None:
        held_out = len(threshold.calibration_) + len(threshold.anomalies_)
        learned = facts.n_normal + facts.n_unlabelled + facts.n_anomalies
        share = min(held_out / (held_out + learned), _MOST)
    return hold_out(y, n_rows, share, int(seed) if isinstance(seed, int | np.integer) else 0)


def known_columns(model: Any, X: Any, where: str = "X of refit") -> Any:
    """Return the rows with the columns that the model knows, in its order; refuse a frame, called `where`, with others.

    What stood beside the features in the training file, such as ids and labels, may be there, and is left out.
    """
    from askew.base.prepared import raw_columns
    from askew.base.wrapper import unwrap

    detector: Any = unwrap(model)
    frame = frame_of(X, "refit")
    if frame is None:
        return X if isinstance(X, np.ndarray) else _array_of(X, detector.input_kind)
    raw = raw_columns(model)
    if raw is None:
        features: Sequence[str] = getattr(detector, "feature_names_in_", frame.columns)
        ignored: Collection[str] = ()
        others, extra = getattr(detector, "other_columns_", ()), "refuse"
    else:
        features, ignored = raw.names, raw.preparation.ignored
        others, extra = raw.other_columns, raw.extra
    matched = match_columns([str(name) for name in features], frame.columns, where)
    unknown = [name for name in matched.extra if name not in {*ignored, *others}]
    if unknown and extra == "refuse":
        refuse_extra(unknown, where)
    chosen = frame.select(*matched.selected, *(name for name in matched.extra if name in ignored))
    if raw is None:  # words and gaps would make another kind of model of it
        return pd.DataFrame(to_matrix(chosen, "refit").values, columns=list(matched.selected))
    native = chosen.to_native()
    return native if isinstance(native, pd.DataFrame | pa.Table) else arrow_table(chosen, "refit")


def _array_of(X: Any, kind: str) -> Any:
    if kind == "table":
        return np.asarray(X)
    texts = np.empty(len(X), dtype=object)
    texts[:] = list(X)
    return texts
