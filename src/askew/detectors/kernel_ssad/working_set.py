"""The dual of kernel SSAD for tables whose kernel matrix is too large: a working set of rows grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from askew.base import Y
from askew.detectors.kernel_ssad.smo import Solution, Vector, kinds_of, solve
from askew.errors import TrainingError
from askew.families.kernels import Expansion, squared_distances

_ADDED = 1000  # most rows added to the working set in one round
_LARGEST = 6000  # a working set larger than this loses the unlabelled rows that have no weight

_ROUNDS = 100


def solve_many(
    x: Vector, labels: Y, gamma: float, rows: NDArray[np.intp], C: float, kappa: float, tolerance: float
) -> tuple[NDArray[np.intp], Vector]:
    """Return the rows with α above 0 and their y α, where α solves the dual for exp(−γ‖x_i − x_j‖²).

    Rows outside the working set have α = 0; the first set, `rows`, has every labelled row. Each round solves the dual
    on the set, starting from the last round's α, and adds the rows along which it would still descend (Osuna, Freund
    and Girosi 1997, An Improved Training Algorithm for Support Vector Machines). Other arguments and errors are those
    of :func:`askew.detectors.kernel_ssad.smo.solve`; TrainingError also if the rounds did not suffice.
    """
    start = None
    for _ in range(_ROUNDS):
        order = np.argsort(kinds_of(labels[rows]), kind="stable")
        rows, start = rows[order], None if start is None else start[order]
        kernel = np.exp(-gamma * squared_distances(x[rows], x[rows]))
        solution = solve(kernel, labels[rows], C, kappa, start, tolerance)
        used = solution.alpha > 0.0
        beta = np.where(labels[rows] < 0, -solution.alpha, solution.alpha)
        sums = Expansion(x[rows[used]], beta[used], gamma, continued=False)(x)
        margin = tolerance * max(float(solution.sums @ beta), 1e-12)
        wanting = sums < _threshold(solution, labels[rows], C, kappa) - margin
        wanting[rows] = False
        new = np.flatnonzero(wanting)
        if len(new) == 0:
            return rows[used], beta[used]
        new = new[np.argsort(sums[new])[:_ADDED]]
        if len(rows) + len(new) > _LARGEST:
            stays = used | (labels[rows] != 0)
            rows, solution = rows[stays], solution._replace(alpha=solution.alpha[stays])
        rows, start = np.concatenate([rows, new]), np.concatenate([solution.alpha, np.zeros(len(new))])
    raise TrainingError(
        f"the working set of kernel SSAD was not complete after {_ROUNDS} rounds. "
        'Use approximation="subsample", or a smaller gamma.'
    )


def _threshold(solution: Solution, labels: Y, C: float, kappa: float) -> float:
    """Return the sum below which an unlabelled row outside the set would lower the objective by taking up α.

    It can take α from an unlabelled row; from a known anomaly, whose α then rises with it; from a known normal
    row while the labelled sum is above κ; or twice as much from one of each (see the directions of `solve`).
    """

    def highest(kind: int, can_fall: NDArray[np.bool_]) -> float:
        chosen = solution.sums[(kinds_of(labels) == kind) & can_fall]
        return float(chosen.max()) if len(chosen) else -np.inf

    free, normal = highest(0, solution.alpha > 0.0), highest(1, solution.alpha > 0.0)
    anomalous = highest(2, solution.alpha < C)
    slack = float(solution.alpha[labels != 0].sum()) - kappa > 1e-12
    return max(free, anomalous, normal if slack else -np.inf, (normal + anomalous) / 2.0)
