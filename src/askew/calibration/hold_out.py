"""A part of the training rows, held out for a threshold: the same shares of each label in both parts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from askew import labels
from askew.errors import InvalidInputError, must


class HeldOut(NamedTuple):
    """Row numbers, in increasing order: those to fit the model on, and those to fit its threshold on."""

    fit: NDArray[np.intp]
    held_out: NDArray[np.intp]


def hold_out(
    y: Any = None,
    n_rows: int | None = None,
    share: float = 0.2,
    random_state: int | np.random.RandomState | None = 0,
) -> HeldOut:
    """Draw which of the training rows to hold out, each label's rows by themselves.

    Of two known anomalies or more at least one is held out, for the threshold's expectations, and one is not.

    Parameters
    ----------
    y : vector of labels, optional
        +1, 0 or -1.
    n_rows : int, optional
        Number of rows; needed if `y` is None.
    share : float in (0, 1)
        Of the rows to hold out.
    random_state : int, RandomState or None

    Raises
    ------
    InvalidInputError
        If `share` is out of range, or leaves no row to fit or to hold out. `LabelError` for wrong labels.

    Examples
    --------
    >>> fit, held_out = hold_out([0] * 8 + [-1] * 2, share=0.25)
    >>> len(fit), held_out.tolist()
    (7, [0, 4, 8])
    """
    if isinstance(share, bool) or not isinstance(share, int | float | np.floating) or not 0 < share < 1:
        remedy = "0.2 holds out one row in five."
        raise InvalidInputError(must("share", "hold_out", "in (0, 1)", share, remedy))
    checked = np.asarray(labels.check(y, n_rows, owner="hold_out"))
    random = check_random_state(random_state)
    ranks = random.permutation(len(checked))  # of all rows: one whose label changes moves few others
    parts = [np.flatnonzero(checked == label) for label in (-1, 0, 1)]
    drawn = [rows[np.argsort(ranks[rows])][: _count(len(rows), share)] for rows in parts]
    held_out = np.sort(np.concatenate(drawn))
    fit = np.setdiff1d(np.arange(len(checked)), held_out)
    for rows, what in ((held_out, "held out"), (fit, "left to fit the model on")):
        if not (checked[rows] >= 0).any():
            rule = "a share that leaves rows without a known anomaly in both parts"
            remedy = f"None would be {what}; add rows or change the share."
            raise InvalidInputError(must("share", "hold_out", rule, share, remedy))
    return HeldOut(fit, held_out)


def _count(n_rows: int, share: float) -> int:
    """Return how many of `n_rows` to hold out: at least one, and not all, if there are two."""
    return min(max(round(share * n_rows), 1), n_rows - 1) if n_rows > 1 else 0
