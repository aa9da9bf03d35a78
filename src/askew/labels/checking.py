"""The check of what a detector's ``fit`` takes for labels, and refusal of what could mean two things."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from askew.errors import LabelError, must
from askew.labels.values import Column, Labels, Words, as_argument, factorise, listed, spelt_alike

MEANING = "+1 (known normal), 0 (unlabelled) or -1 (known anomaly)"

OURS = {-1: -1, 0: 0, 1: 1}
"""What the values of this package's convention become."""


def check(y: ArrayLike | None, n_rows: int | None = None, owner: str = "fit") -> Labels:
    """Return the argument y of a detector's ``fit`` as labels, a new int8 vector of shape (n,), or refuse it.

    Parameters
    ----------
    y : array-like of shape (n,) or None
        Labels of this package's convention. None: every row is unlabelled (``n_rows`` zeros).
    n_rows : int or None
        Rows of X; a vector of another length is refused. None: any length.
    owner : str
        The class or function that asks, for the message.

    Raises
    ------
    LabelError
        If the vector has the wrong length or shape, holds missing values or anything but -1, 0 and 1, or if
        all of it is -1. Without a declaration (:func:`ours` or another converter) also if it holds a 1 and no
        -1 (in PyOD's convention that 1 is an anomaly) or is truth values, and if more than half of it is -1
        (in scikit-learn's convention those rows are unlabelled). The message names the converter to use.

    Examples
    --------
    >>> check([0, 0, 1, -1])
    Labels([ 0,  0,  1, -1], dtype=int8)
    >>> check(None, n_rows=2)
    Labels([0, 0], dtype=int8)
    >>> check([0, 0, 1])
    Traceback (most recent call last):
    ...
    askew.errors.LabelError: y of fit must be +1 (known normal), 0 (unlabelled) or -1 (known anomaly), \
without doubt; got {0: 2, 1: 1} (value: rows). Write askew.labels.from_pyod(y) if 1 marks an anomaly, or \
askew.labels.ours(y) if 1 marks a known normal row.
    """
    if y is None:
        if n_rows is None:
            remedy = "Pass n_rows as well to label every row as unlabelled."
            raise LabelError(must("y", owner, "a vector of labels when n_rows is None", None, remedy))
        return cast(Labels, np.zeros(n_rows, dtype=np.int8).view(Labels))
    declared = isinstance(y, Labels) and y.dtype == np.int8
    column = factorise(y, owner)
    if n_rows is not None and len(column.codes) != n_rows:
        got, rule = Words(f"{len(column.codes)} labels"), f"one label per row of X ({n_rows} rows)"
        remedy = "Pass the labels of exactly these rows, 0 where a row is unlabelled."
        raise LabelError(must("y", owner, rule, got, remedy))
    _refuse_foreign(column, owner)
    if not declared:
        _refuse_ambiguous(column, owner)
    if column.levels == [-1]:
        remedy = "Add the normal or unlabelled rows with label 0, or pass y=None if no row is labelled."
        rule = "labels that leave something to learn normal from"
        raise LabelError(must("y", owner, rule, column.tally(), remedy))
    return column.translate(OURS)


def _refuse_foreign(column: Column, owner: str) -> None:
    """Refuse missing values and values that are not ours, with the call that would convert them."""
    foreign = [value for value in column.levels if value is not None and value not in OURS]
    if foreign:
        rarest = min(foreign, key=column.count)
        alike = [rarest, *spelt_alike([rarest], foreign)]
        anomaly, rest = as_argument(alike), [v for v in column.levels if v not in (None, -1, *alike)]
        call = f"askew.labels.from_binary(y, anomaly={anomaly}, normal={as_argument(rest or ['...'])})"
        if -1 in column.levels:
            call = f"askew.labels.from_sklearn(y, anomaly={anomaly}) if -1 marks unlabelled rows, or {call}"
        place = f"Row {column.row(foreign[0])} holds {foreign[0]!r}"
        remedy = f"{place}. If {listed(alike)} marks an anomaly, write {call}."
    elif None in column.levels:
        remedy = (
            f"Row {column.row(None)} is missing. Write 0 for an unlabelled row, or use "
            "askew.labels.from_binary(y, anomaly=-1, normal=1), which reads missing values as unlabelled."
        )
    else:
        return
    raise LabelError(must("y", owner, MEANING, column.tally(), remedy))


def _refuse_ambiguous(column: Column, owner: str) -> None:
    """Refuse undeclared vectors that PyOD or scikit-learn would read in another way."""
    truth = any(isinstance(level, bool) for level in column.levels)
    n_anomalies = column.count(-1)
    if truth or (1 in column.levels and not n_anomalies):
        one = truth or 1
        remedy = (
            f"Write askew.labels.from_pyod(y) if {one} marks an anomaly, or "
            f"askew.labels.ours(y) if {one} marks a known normal row."
        )
    elif len(column.codes) / 2 < n_anomalies < len(column.codes):
        remedy = (
            "More than half is -1, which marks unlabelled rows in scikit-learn. Write "
            "askew.labels.from_sklearn(y, anomaly=1, normal=0) if that is meant here and class 1 marks an "
            "anomaly, or askew.labels.ours(y) if -1 does."
        )
    else:
        return
    raise LabelError(must("y", owner, f"{MEANING}, without doubt", column.tally(), remedy))
