"""Shapley values by sampling: what each feature adds to the score when features become known one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

_NUMBERS = 1 << 22
"""Numbers in one batch of rows to score, 32 MiB."""


class Sampling(NamedTuple):
    """How many orders are drawn per row, an even number, and by which seed."""

    n_orders: int
    random_state: int


def shapley_values(
    score: Callable[[Rows], Rows],
    x: Rows,
    background: Rows,
    groups: Sequence[NDArray[np.intp]],
    n_orders: int,
    random_state: int,
) -> tuple[Rows, Rows]:
    r"""Return each group's mean change of the score, (rows, groups), and the mean score of where it began, (rows,).

    For each of `n_orders` random orders a background row is turned into x, group after group in that order, and
    the change of the score at each turn counts for its group. Every second order is the reverse of the one
    before it, from the same background row, which cancels what is odd in the order. Over the groups the
    changes add up to the row's score minus the start, exactly.

    Reference: Strumbelj and Kononenko (2014), Explaining Prediction Models and Individual Predictions with
    Feature Contributions, Algorithm 1; reversed orders as in Mitchell et al. (2022), Sampling Permutations for
    Shapley Value Estimation.

    Parameters
    ----------
    score : callable
        Scores of rows (n, features): (n,).
    x, background : array of shape (rows, features)
    groups : sequence of int arrays
        The numbers that change together, such as those that one column was turned into.
    n_orders : int
        Even; the error falls with its root.
    random_state : int
        Rows and orders drawn depend on it alone, and are the same for every row of x.

    Examples
    --------
    >>> groups = [np.array([0]), np.array([1])]
    >>> x, background = np.array([[3.0, 2.0]]), np.zeros((1, 2))
    >>> shapley_values(lambda rows: rows.prod(axis=1), x, background, groups, 2, 0)
    (array([[3., 3.]]), array([0.]))
    """
    generator = np.random.default_rng(random_state)
    starts, orders = [], []
    for _ in range(n_orders // 2):
        start, order = background[generator.integers(len(background))], generator.permutation(len(groups))
        starts += [start, start]
        orders += [order, order[::-1]]
    values, begun = np.zeros((len(x), len(groups))), np.zeros(len(x))
    per_order = (len(groups) + 1) * x.shape[1]
    chunk = max(1, _NUMBERS // (n_orders * per_order))
    at_once = min(n_orders, max(1, _NUMBERS // per_order))  # fewer where one row is too much: large images
    for first in range(0, len(x), chunk):
        part = slice(first, first + chunk)
        for o in range(0, n_orders, at_once):
            some = slice(o, o + at_once)
            found, begin = _turned(score, x[part], np.array(starts[some]), np.array(orders[some]), groups)
            weight = len(starts[some]) / n_orders
            values[part] += weight * found
            begun[part] += weight * begin
    return values, begun


def _turned(
    score: Callable[[Rows], Rows],
    x: Rows,
    starts: Rows,
    orders: NDArray[np.intp],
    groups: Sequence[NDArray[np.intp]],
) -> tuple[Rows, Rows]:
    """Return the values and starting scores of one chunk of rows, over all orders."""
    n_orders, n_groups = orders.shape
    known = np.zeros((n_orders, n_groups + 1, x.shape[1]), dtype=bool)  # which numbers are x's at each step
    for o, order in enumerate(orders):
        for step, group in enumerate(order, 1):
            known[o, step:, groups[group]] = True
    mixed = np.where(known, x[:, None, None, :], starts[:, None, :])  # (rows, orders, steps, features)
    scores = score(mixed.reshape(-1, x.shape[1])).reshape(len(x), n_orders, n_groups + 1)
    changes = np.empty((len(x), n_orders, n_groups))
    np.put_along_axis(changes, np.broadcast_to(orders, changes.shape), np.diff(scores, axis=2), axis=2)
    return changes.mean(axis=1), scores[:, :, 0].mean(axis=1)
