"""Scores of any detector on one scale: how improbable a score as high is among normal rows."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from askew.base import ScoreGraph, Scores

TAIL = 0.1  # share of the reference whose upper tail is fitted; below it the reference is the distribution
_FEWEST = 10  # exceedances from which on the tail's shape is estimated; with fewer it is exponential
_KNOTS = 257  # points that stand for the reference's distribution below its tail
_ROUNDING = 1e-9  # knots that differ by less, relative to their size, are one
LIMITS = (-1e100, 1e100)  # where values are cut off: a detector may find a giant infinitely strange


class Surprise:
    r"""The surprise :math:`-\log P(A\ge a)` of a value a, in nats, with A distributed as a reference, (n,).

    Below the reference's upper tenth P is its empirical distribution function, interpolated; a value that many
    rows share has their mean surprise. Above it, with u where the tenth begins,
    :math:`P(A\ge a)=\frac1{10}(1+\xi\frac{a-u}\sigma)^{-1/\xi}`, a generalised Pareto tail, so that values beyond all
    of the reference still differ. ξ and σ are fitted by probability-weighted moments, ξ kept in [0, 1).

    Reference: Pickands (1975), Statistical Inference Using Extreme Order Statistics; Hosking and Wallis (1987),
    Parameter and Quantile Estimation for the Generalized Pareto Distribution, Eqs. 4 and 5.

    >>> surprise = Surprise(np.random.default_rng(0).exponential(size=2000))
    >>> surprise(np.array([0.0, 1.0, 10.0])).round(0)
    array([0., 1., 9.])
    """

    def __init__(self, reference: Scores) -> None:
        reference = np.clip(reference, *LIMITS)
        shares = np.linspace(0.0, 1.0 - TAIL, min(_KNOTS, max(len(reference), 2)))
        self.knots, self.levels = _one_level_each(np.quantile(reference, shares), -np.log1p(-shares))
        self.shape, self.scale = _tail(reference, float(self.knots[-1]))

    def __call__(self, values: Scores) -> Scores:
        """Return the surprise of each value: at least 0, never less for a higher value."""
        values = np.clip(values, *LIMITS)
        excess = np.maximum(values - self.knots[-1], 0.0) / self.scale
        tail = np.log1p(self.shape * excess) / self.shape if self.shape > 0 else excess
        return np.asarray(np.interp(values, self.knots, self.levels) + tail)

    def add_to(self, graph: ScoreGraph, value: str) -> str:
        """Add the surprise of a value to a graph: interpolated levels up to the last knot, the tail beyond it, (rows,).

        The interpolation is a sum over the knots' intervals of the part that lies below the value.
        """
        add, number = graph.add, graph.constant
        left, right = self.knots[:-1], self.knots[1:]
        body = number(float(self.levels[0]))
        if len(left):
            below = add("Min", add("Max", graph.column(value), number(left)), number(right))
            inside = add("Sub", below, number(left))
            slope = np.diff(self.levels) / (right - left)
            body = add("Add", graph.vector(add("MatMul", inside, number(slope[:, None]))), body)
        excess = add("Sub", value, number(float(self.knots[-1])))
        excess = add("Div", add("Max", excess, number(0.0)), number(float(self.scale)))
        if self.shape > 0:
            grown = add("Add", add("Mul", excess, number(self.shape)), number(1.0))
            excess = add("Div", add("Log", grown), number(self.shape))
        return add("Add", body, excess)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return what :meth:`from_state` needs, JSON-able values and arrays."""
        values = {"shape": self.shape, "scale": self.scale}
        return values, {"knots": self.knots, "levels": self.levels}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the one whose :meth:`state` is given."""
        surprise = cls.__new__(cls)
        surprise.shape, surprise.scale = float(values["shape"]), float(values["scale"])
        surprise.knots, surprise.levels = arrays["knots"], arrays["levels"]
        return surprise


def _one_level_each(knots: Scores, levels: Scores) -> tuple[Scores, Scores]:
    """Return the knots that differ by more than rounding, each with the mean level of those that do not."""
    differs = np.diff(knots) > _ROUNDING * max(1.0, float(np.abs(knots).max()))
    groups = np.concatenate([[0], np.cumsum(differs)])
    sizes = np.bincount(groups)
    return knots[np.concatenate([[True], differs])], np.bincount(groups, levels) / sizes


def _tail(reference: Scores, threshold: float) -> tuple[float, float]:
    """Return ξ and σ of the exceedances over `threshold`."""
    excess = np.sort(reference[reference > threshold] - threshold)
    smallest = 1e-9 * max(1.0, float(np.abs(reference).max()))
    if len(excess) < 2:
        return 0.0, max(float(reference.std()), smallest)
    mean = float(excess.mean())
    shape = 0.0
    if len(excess) >= _FEWEST:
        falling = 1.0 - np.arange(1, len(excess) + 1) / len(excess) + 0.35 / len(excess)
        moment = float((excess * falling).mean())  # E[x (1 - F(x))], plotting positions (i - 0.35) / n
        shape = float(np.clip(2.0 - mean / max(mean - 2.0 * moment, 1e-12 * mean), 0.0, 0.99))
    return shape, max(mean * (1.0 - shape), smallest)
