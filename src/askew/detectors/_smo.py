"""Sequential minimal optimisation for the dual of semi-supervised anomaly detection (Görnitz et al. 2013).

    minimise ½ Σ_ij α_i α_j y_i y_j k_ij   subject to   0 ≤ α ≤ C,  Σ_i y_i α_i = 1,  Σ_labelled α_i ≥ κ

Every step moves along one direction with at most three non-zeros that keeps both sums. A pair of rows of
one kind (unlabelled, known normal, known anomaly) keeps them by itself; a pair of two kinds changes the
labelled sum, so it may lower it only while it is above κ; a step of all three kinds keeps it. These
are the elementary vectors of the two constraints: if none of them descends, no feasible direction does,
and α is optimal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.errors import InvalidInputError, TrainingError

Vector = NDArray[np.float64]

_UP, _DOWN = 1, -1
_CROSS = ((0, _UP, 2, _UP), (1, _UP, 0, _DOWN), (1, _UP, 2, _UP))
"""(kind, way, kind, way) of pairs of two kinds that raise the labelled sum; turned round they lower it.
Kinds: 0 unlabelled, 1 known normal, 2 known anomaly."""


class Solution(NamedTuple):
    """Of the dual: ``sums`` is Σ_j y_j α_j k_ij of every row, ``violation`` the steepest feasible descent left."""

    alpha: Vector
    sums: Vector
    steps: int
    violation: float


def kinds_of(labels: NDArray[np.int8]) -> NDArray[np.intp]:
    """Return each row's kind: 0 unlabelled, 1 known normal, 2 known anomaly."""
    return np.where(labels == 0, 0, np.where(labels > 0, 1, 2)).astype(np.intp)


def feasible_start(labels: NDArray[np.int8], C: float, kappa: float) -> Vector:
    """Return an α that meets the constraints, equal within each kind.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
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
    """Return the solution of the dual.

    Parameters
    ----------
    kernel : (n, n)
        Symmetric, positive semi-definite.
    labels : (n,)
        +1, 0 and -1; unlabelled rows have y = +1 in the formula.
    C, kappa : float
        See the module's formula.
    start : (n,), optional
        A feasible α to begin with, say that of a neighbouring kernel.
    tolerance : float
        Stops when no feasible direction descends faster than this share of ‖w‖² = Σ_ij α_i α_j y_i y_j k_ij.
    max_steps : int
        More steps are a failure.

    Raises
    ------
    InvalidInputError
        If no α meets the constraints.
    TrainingError
        If `max_steps` did not suffice.
    """
    alpha = feasible_start(labels, C, kappa) if start is None else start.copy()
    state = _State(kernel, labels, C, kappa, alpha)
    for step in range(max_steps):
        violation = state.choose()
        if step % 64 == 0:
            state.norm = float(state.gradient @ state.alpha)
        if violation <= tolerance * max(state.norm, 1e-12):
            return Solution(state.alpha, kernel @ (state.y * state.alpha), step, violation)
        state.move()
    raise TrainingError(
        f"sequential minimal optimisation did not converge in {max_steps} steps (violation {violation:.2g}). "
        "Raise tolerance, or look for rows that are equal but labelled differently."
    )


class _State:
    """α, its gradient and the direction of the next step. Rows of each kind are kept together."""

    def __init__(
        self, kernel: Vector, labels: NDArray[np.int8], C: float, kappa: float, alpha: Vector
    ) -> None:
        kinds = kinds_of(labels)
        self.rows = [np.flatnonzero(kinds == kind) for kind in range(3)]
        self.present = [kind for kind in range(3) if len(self.rows[kind])]
        self.y = np.where(kinds == 2, -1.0, 1.0)
        self.kernel, self.diagonal, self.C = kernel, np.diagonal(kernel).copy(), C
        self.alpha = alpha
        self.slack = float(alpha[kinds > 0].sum()) - kappa  # how far the labelled sum is above its bound
        self.gradient = self.y * (kernel @ (self.y * alpha))
        self.norm = float(self.gradient @ alpha)
        self.indices: list[int] = []
        self.weights: list[float] = []
        self.raises = 0.0
        # added to the gradient so that rows at a bound are not chosen to move beyond it
        self.full = np.where(alpha >= C, np.inf, 0.0)
        self.empty = np.where(alpha <= 0.0, -np.inf, 0.0)

    def choose(self) -> float:
        """Choose the next direction and return how fast the objective descends along it."""
        extreme = {}
        for kind in self.present:
            rows = self.rows[kind]
            gradient = self.gradient[rows]
            up = gradient + self.full[rows]
            down = gradient + self.empty[rows]
            i, j = int(up.argmin()), int(down.argmax())
            extreme[kind, _UP] = (float(up[i]), int(rows[i]))
            extreme[kind, _DOWN] = (-float(down[j]), int(rows[j]))
        best, found = 0.0, None
        for kind in self.present:
            slope = extreme[kind, _UP][0] + extreme[kind, _DOWN][0]
            if slope < best:
                best, found = slope, [(kind, _UP, 1.0), (kind, _DOWN, 1.0)]
        for moves in self._mixed():
            slope = sum(weight * extreme[kind, way][0] for kind, way, weight in moves)
            if slope < best:
                best, found = slope, moves
        if found is None:
            self.indices = []
            return 0.0
        self.indices = [extreme[kind, way][1] for kind, way, _ in found]
        self.weights = [way * weight for _, way, weight in found]
        self.raises = sum(way * weight for kind, way, weight in found if kind > 0)
        if len(found) == 2 and found[0][0] == found[1][0]:
            self.indices[1] = self._second_order(found[0][0], self.indices[0])
        return -best

    def _mixed(self) -> list[list[tuple[int, int, float]]]:
        """Return the directions across kinds that are allowed now, as (kind, way, weight)."""
        moves: list[list[tuple[int, int, float]]] = []
        for one, way, other, other_way in _CROSS:
            if one in self.present and other in self.present:
                moves.append([(one, way, 1.0), (other, other_way, 1.0)])
                if self.slack > 0.0:
                    moves.append([(one, -way, 1.0), (other, -other_way, 1.0)])
        if len(self.present) == 3:
            moves += [[(1, way, 1.0), (2, -way, 1.0), (0, -way, 2.0)] for way in (_UP, _DOWN)]
        return moves

    def _second_order(self, kind: int, i: int) -> int:
        """Return the row that lowers the objective most when α moves from it to row `i` (Fan, Chen, Lin 2005)."""
        rows = self.rows[kind]
        slope = self.gradient[rows] + self.empty[rows] - self.gradient[i]
        curvature = self.diagonal[rows] + self.diagonal[i] - 2.0 * self.kernel[i, rows]
        gain = np.where(slope > 0.0, slope, 0.0) ** 2 / np.maximum(curvature, 1e-12)
        return int(rows[gain.argmax()])

    def move(self) -> None:
        """Step along the chosen direction to its minimum or the nearest bound."""
        i = self.indices
        signed = [weight * float(self.y[index]) for weight, index in zip(self.weights, i, strict=True)]
        columns = [self.kernel[index] for index in i]
        # Σ signed_a K_ab signed_b and −Σ weight_a gradient_a, number by number: arrays of three are slower
        curvature = sum(
            a * b * float(column[other])
            for a, column in zip(signed, columns, strict=True)
            for b, other in zip(signed, i, strict=True)
        )
        slope = sum(
            weight * float(self.gradient[index]) for weight, index in zip(self.weights, i, strict=True)
        )
        t = -slope / max(curvature, 1e-12)
        for index, weight in zip(i, self.weights, strict=True):
            room = (self.C - self.alpha[index]) if weight > 0 else self.alpha[index]
            t = min(t, float(room) / abs(weight))
        if self.raises < 0:
            t = min(t, self.slack / -self.raises)
        for index, weight in zip(i, self.weights, strict=True):
            value = self.alpha[index] + t * weight
            # exact bounds: a row within rounding of one is at it
            value = 0.0 if value < 1e-15 else self.C if value > self.C - 1e-15 else value
            self.alpha[index] = value
            self.full[index] = np.inf if value >= self.C else 0.0
            self.empty[index] = -np.inf if value <= 0.0 else 0.0
        if self.raises:
            slack = self.slack + t * self.raises
            self.slack = slack if slack > 1e-15 else 0.0
        change = (t * signed[0]) * columns[0]
        for sign, column in zip(signed[1:], columns[1:], strict=True):
            change += (t * sign) * column
        self.gradient += self.y * change
