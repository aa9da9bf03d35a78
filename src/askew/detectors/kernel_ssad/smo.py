"""Sequential minimal optimisation for the dual of semi-supervised anomaly detection (Görnitz et al. 2013).

    minimise ½ Σ_ij α_i α_j y_i y_j k_ij   subject to   0 ≤ α ≤ C,  Σ_i y_i α_i = 1,  Σ_labelled α_i ≥ κ

Every step moves along one direction with at most three non-zeros that keeps both sums. A pair of rows of one
kind (unlabelled, known normal, known anomaly) keeps them by itself; a pair of two kinds changes the labelled
sum, so it may lower it only while it is above κ; a step of all three kinds keeps it. These are the elementary
vectors of the two constraints: if none of them descends, no feasible direction does, and α is optimal.

Inside, β = yα takes the place of α: its gradient is f = Kβ, Σβ = 1, and the labelled sum is that of β over known
normal rows less that over known anomalies, whose β lie in [−C, 0]. Rows of one kind lie side by side.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import daxpy

from askew.errors import InvalidInputError, TrainingError

Vector = NDArray[np.float64]

_RAISING = ((0, 2, 1.0), (1, 0, 1.0), (1, 2, 2.0))
"""(kind whose β rises, kind whose β falls, what that adds to the labelled sum); turned round they lower it.
Kinds: 0 unlabelled, 1 known normal, 2 known anomaly."""

_FLAT = 1e-12  # smallest curvature that is divided by
_ROUNDING = 1e-15  # how near a bound counts as at it


class Solution(NamedTuple):
    """A solution: ``sums`` is Σ_j y_j α_j k_ij of every row, ``violation`` the steepest feasible descent left."""

    alpha: Vector
    sums: Vector
    steps: int
    violation: float


def kinds_of(labels: NDArray[np.int8]) -> NDArray[np.intp]:
    """Return each row's kind: 0 unlabelled, 1 known normal, 2 known anomaly."""
    return np.where(labels == 0, 0, np.where(labels > 0, 1, 2)).astype(np.intp)


def feasible_start(labels: NDArray[np.int8], C: float, kappa: float) -> Vector:
    """Return an α that meets the constraints, equal within each kind; InvalidInputError if there is none."""
    free, normal, anomalous = np.bincount(kinds_of(labels), minlength=3) * C  # the largest sums possible
    # as little as possible on known anomalies; the others carry 1 more than they
    on_anomalies = max(0.0, (kappa - 1.0) / 2.0, kappa - normal)
    if on_anomalies > anomalous + 1e-12 or 1.0 + on_anomalies > free + normal + 1e-12:
        raise InvalidInputError(
            f"C and kappa of the dual must leave a solution; with C={C:g} and kappa={kappa:g} the known anomalies "
            f"need a sum of {on_anomalies:g} and can reach {anomalous:g}, the other rows {1 + on_anomalies:g} and "
            f"can reach {free + normal:g}. Raise C, lower kappa, or add rows that are not known anomalies."
        )
    # no more on known normal rows than an equal share of the rest, unless the labelled sum needs it
    share = (1.0 + on_anomalies) * normal / (free + normal)
    on_normals = max(share, kappa - on_anomalies, 1.0 + on_anomalies - free)
    sums = np.array([1.0 + on_anomalies - on_normals, on_normals, on_anomalies])
    counts = np.maximum(np.bincount(kinds_of(labels), minlength=3), 1)
    return np.asarray(np.clip(sums / counts, 0.0, C)[kinds_of(labels)])


def solve(
    kernel: Vector,
    labels: NDArray[np.int8],
    C: float = 1.0,
    kappa: float = 1.0,
    start: Vector | None = None,
    tolerance: float = 1e-4,
    max_steps: int = 1_000_000,
) -> Solution:
    """Return the solution of the dual in the module's formula.

    `kernel` (n, n) is symmetric and positive semi-definite; it is copied once unless the rows of each kind lie side by
    side in the order of :func:`kinds_of`. `labels` (n,) are +1, 0 and -1, and `start` is a feasible α, say that of a
    neighbouring kernel. The solver stops when no feasible direction descends faster than `tolerance` times
    ‖w‖² = Σ_ij α_i α_j y_i y_j k_ij.

    Raises InvalidInputError if no α meets the constraints, TrainingError if `max_steps` did not suffice.
    """
    alpha = feasible_start(labels, C, kappa) if start is None else start
    kinds = kinds_of(labels)
    order = np.argsort(kinds, kind="stable")
    if (np.diff(kinds) < 0).any():
        kernel, alpha, kinds = kernel[np.ix_(order, order)], alpha[order], kinds[order]
    state = _State(np.ascontiguousarray(kernel), kinds, C, kappa, alpha)
    for step in range(max_steps):
        violation = state.choose()
        if step % 64 == 0:
            norm = max(float(state.f @ state.beta), 1e-12)
        if violation <= tolerance * norm:
            return _solution(state, order, step, violation)
        state.move()
    raise TrainingError(
        f"sequential minimal optimisation did not converge in {max_steps} steps (violation {violation:.2g}). "
        "Raise tolerance, or look for rows that are equal but labelled differently."
    )


def _solution(state: _State, order: NDArray[np.intp], steps: int, violation: float) -> Solution:
    alpha, sums = np.empty_like(state.beta), np.empty_like(state.beta)
    alpha[order] = np.abs(state.beta)
    sums[order] = state.kernel @ state.beta  # afresh: rounding has gathered in f
    return Solution(alpha, sums, steps, violation)


class _State:
    """β, its gradient f and the direction of the next step."""

    def __init__(
        self, kernel: Vector, kinds: NDArray[np.intp], C: float, kappa: float, alpha: Vector
    ) -> None:
        edges = np.searchsorted(kinds, range(4))
        self.parts = [slice(int(a), int(b)) for a, b in pairwise(edges)]
        self.present = [kind for kind in range(3) if edges[kind] < edges[kind + 1]]
        self.same = [(kind, kind, 0.0) for kind in self.present]
        both = [pair for pair in _RAISING if pair[0] in self.present and pair[1] in self.present]
        self.raising = self.same + both
        self.any = self.raising + [(b, a, -raised) for a, b, raised in both]
        self.kernel, self.diagonal = kernel, np.diagonal(kernel).copy()
        anomalous = kinds == 2
        self.beta = np.where(anomalous, -alpha, alpha)
        self.lowest, self.highest = np.where(anomalous, -C, 0.0), np.where(anomalous, 0.0, C)
        self.slack = float(alpha[kinds > 0].sum()) - kappa  # how far the labelled sum is above its bound
        self.f = kernel @ self.beta
        # added to f so that rows at a bound are not chosen to move beyond it
        self.full = np.where(self.beta >= self.highest, np.inf, 0.0)
        self.empty = np.where(self.beta <= self.lowest, -np.inf, 0.0)
        self.up, self.down, self.gain, self.curvature = (np.empty_like(self.f) for _ in range(4))
        self.moves: list[tuple[int, float]] = []
        self.raised = 0.0

    def choose(self) -> float:
        """Choose the next direction and return how fast the objective descends along it."""
        np.add(self.f, self.full, out=self.up)
        np.add(self.f, self.empty, out=self.down)
        low, high = [np.inf] * 3, [-np.inf] * 3
        least, most = [0, 0, 0], [0, 0, 0]
        for kind in self.present:
            part = self.parts[kind]
            i = part.start + int(self.up[part].argmin())
            j = part.start + int(self.down[part].argmax())
            least[kind], low[kind] = i, float(self.up[i])
            most[kind], high[kind] = j, float(self.down[j])
        best, direction = 0.0, None
        for pair in self.any if self.slack > 0.0 else self.raising:
            slope = low[pair[0]] - high[pair[1]]
            if slope < best:
                best, direction = slope, pair
        if len(self.present) == 3:
            if low[1] + low[2] - 2.0 * high[0] < best:
                best, direction = low[1] + low[2] - 2.0 * high[0], None
                self.moves, self.raised = [(least[1], 1.0), (least[2], 1.0), (most[0], -2.0)], 0.0
            if 2.0 * low[0] - high[1] - high[2] < best:
                best, direction = 2.0 * low[0] - high[1] - high[2], None
                self.moves, self.raised = [(most[1], -1.0), (most[2], -1.0), (least[0], 2.0)], 0.0
        if direction is not None:
            up, down, self.raised = direction
            i = least[up]
            self.moves = [(i, 1.0), (self._second_order(self.parts[down], i, low[up]), -1.0)]
        return -best

    def _second_order(self, part: slice, i: int, low: float) -> int:
        """Return the row of `part` from which moving to row `i` lowers the objective most (Fan, Chen, Lin 2005)."""
        gain, curvature = self.gain[part], self.curvature[part]
        np.subtract(self.down[part], low, out=gain)
        np.maximum(gain, 0.0, out=gain)
        np.multiply(gain, gain, out=gain)
        np.multiply(self.kernel[i, part], -2.0, out=curvature)
        curvature += self.diagonal[part]
        curvature += self.diagonal[i]
        np.maximum(curvature, _FLAT, out=curvature)
        gain /= curvature
        return int(part.start + gain.argmax())

    def move(self) -> None:
        """Step along the chosen direction to its minimum or the nearest bound."""
        curvature = slope = 0.0
        for i, weight in self.moves:
            slope += weight * float(self.f[i])
            for j, other in self.moves:
                curvature += weight * other * float(self.kernel[i, j])
        t = -slope / max(curvature, _FLAT)
        for i, weight in self.moves:
            room = self.highest[i] - self.beta[i] if weight > 0 else self.beta[i] - self.lowest[i]
            t = min(t, float(room) / abs(weight))
        if self.raised < 0:
            t = min(t, self.slack / -self.raised)
        for i, weight in self.moves:
            value = float(self.beta[i]) + t * weight
            lowest, highest = float(self.lowest[i]), float(self.highest[i])
            # exact bounds: a row within rounding of one is at it
            value = (
                lowest if value < lowest + _ROUNDING else highest if value > highest - _ROUNDING else value
            )
            self.beta[i] = value
            self.full[i] = np.inf if value >= highest else 0.0
            self.empty[i] = -np.inf if value <= lowest else 0.0
            daxpy(self.kernel[i], self.f, a=t * weight)
        if self.raised:
            slack = self.slack + t * self.raised
            self.slack = slack if slack > _ROUNDING else 0.0
