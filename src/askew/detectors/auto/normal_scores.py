"""Normal scores: columns as ranks among the training rows, in standard deviations of a normal distribution."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from askew.base import ScoreGraph, Scores
from askew.families.tabular import LARGEST

LEVELS = np.linspace(-3.2, 3.2, 65)  # whose quantiles are the knots; beyond them values are cut off


class NormalScores:
    r"""The map of each column x to :math:`\Phi^{-1}(F(x))`, F its distribution in the rows `x`, (n, d).

    It is linear between knots, at quantiles, and constant beyond them, so that heavy tails and units don't matter.
    A value that is more than one quantile gets their mean, as do the ends of a small table.

    Reference: van der Waerden (1952), Order Tests for the Two-Sample Problem and Their Power.

    >>> scores = NormalScores(np.arange(1001.0)[:, None])
    >>> scores(np.array([[500.0], [841.3], [1e9]])).round(2).ravel()
    array([0. , 1. , 3.1])
    """

    def __init__(self, x: Scores) -> None:
        quantiles = np.quantile(_cut(x), norm.cdf(LEVELS), axis=0, method="nearest").T  # (d, knots)
        self.knots, self.levels = quantiles, np.empty_like(quantiles)
        for column, levels in zip(quantiles, self.levels, strict=True):
            which, sizes = np.unique(column, return_inverse=True, return_counts=True)[1:]
            levels[:] = (np.bincount(which, LEVELS) / sizes)[which]

    def __call__(self, x: Scores) -> Scores:
        """Return the scores of rows, (n, d)."""
        columns = [np.interp(*each) for each in zip(_cut(x).T, self.knots, self.levels, strict=True)]
        return np.stack(columns, axis=1)

    def add_to(self, graph: ScoreGraph, rows: str) -> str:
        """Add the scores of rows to a graph: the sum over intervals of the part that lies below the value."""
        add, number = graph.add, graph.constant
        left, right = self.knots[:, :-1], self.knots[:, 1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.where(right > left, np.diff(self.levels, axis=1) / (right - left), 0.0)
        rows = add("Clip", rows, number(-LARGEST), number(LARGEST))
        values = add("Unsqueeze", rows, number(np.array([2])))  # (rows, d, 1)
        below = add("Sub", add("Min", add("Max", values, number(left)), number(right)), number(left))
        total = add("ReduceSum", add("Mul", below, number(slope)), number(np.array([2])), keepdims=0)
        return add("Add", total, number(self.levels[:, 0]))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what :meth:`from_state` needs."""
        return {"knots": self.knots, "levels": self.levels}

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the one whose :meth:`state` is given."""
        scores = cls.__new__(cls)
        scores.knots, scores.levels = arrays["knots"], arrays["levels"]
        return scores


def _cut(x: Scores) -> Scores:
    return np.clip(x, -LARGEST, LARGEST)  # differences of larger ones are infinite
