r"""A robot that accelerates as it likes in the plane: the cheapest motion between two states, in closed form.

A state is ``(x, y, vx, vy)``. A motion of duration T costs :math:`T+\rho\int_0^T\|a(t)\|^2dt`; between two
states the cheapest one is a cubic, and for a given T its cost is

.. math:: T+\rho\left(\frac{12\|d\|^2}{T^3}-\frac{12\,d\cdot(v_0+v_1)}{T^2}
          +\frac{4(\|v_0\|^2+v_0\cdot v_1+\|v_1\|^2)}{T}\right),\quad d=p_1-p_0

Reference: Webb and van den Berg (2013): Kinodynamic RRT*: asymptotically optimal motion planning for robots
with linear dynamics. Ichter et al. (2018) plan for this robot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from askew.applications.motion_planning.worlds import Flags, Numbers, World

EFFORT = 0.05
"""ρ, the price of acceleration: from rest to rest across the unit square then takes 1.2 at speeds up to 1.7."""

RESOLUTION = 0.01
"""Motions are checked for collision at points about this far apart at most, a ninth of a cell."""

_HALVINGS = 30
_SHORTEST, _LONGEST = 1e-3, 10.0


def cost_of(start: Numbers, end: Numbers, duration: Numbers) -> Numbers:
    """Return the cost of the cheapest motions of the given durations; arguments (..., 4), (..., 4), (...)."""
    a, b, c = _coefficients(start, end)
    return duration + EFFORT * (a / duration**3 - b / duration**2 + c / duration)


def _coefficients(start: Numbers, end: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    d, v0, v1 = end[..., :2] - start[..., :2], start[..., 2:], end[..., 2:]
    far = 12.0 * (d * d).sum(-1)
    along = 12.0 * (d * (v0 + v1)).sum(-1)
    turning = 4.0 * (v0 * v0 + v0 * v1 + v1 * v1).sum(-1)
    return far, along, turning


def best_duration(start: Numbers, end: Numbers) -> Numbers:
    """Return the duration of the cheapest motion between states, (..., 4) and (..., 4) -> (...).

    The cost's derivative, times T⁴, is T⁴ − ρ(c T² − 2 b T + 3 a). Its last change of sign is a minimum of
    the cost and nearly always the only one; it is bracketed and halved.

    >>> at_rest = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    >>> float(best_duration(at_rest[0], at_rest[1]).round(4))  # (36 ρ)^(1/4)
    1.1583
    """
    a, b, c = _coefficients(start, end)
    grid = np.geomspace(_SHORTEST, _LONGEST, 24)
    costs = grid + EFFORT * (a[..., None] / grid**3 - b[..., None] / grid**2 + c[..., None] / grid)
    best = costs.argmin(-1)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    for _ in range(_HALVINGS):
        t = 0.5 * (low + high)
        rising = t**4 - EFFORT * (c * t**2 - 2 * b * t + 3 * a) > 0
        low, high = np.where(rising, low, t), np.where(rising, t, high)
    middle: Numbers = 0.5 * (low + high)
    return middle


def along(start: Numbers, end: Numbers, duration: Numbers, share: Numbers) -> Numbers:
    """Return the states at fractions `share`, (m,), of the time from start to end, (n, 4) each, as (n, m, 4)."""
    p0, p1, p2, p3 = (part[:, None] for part in _cubic(start, end, duration))
    s, t = share[:, None], duration[:, None, None]  # (m, 1), (n, 1, 1)
    position = p0 + s * (p1 + s * (p2 + s * p3))
    velocity = (p1 + s * (2 * p2 + 3 * s * p3)) / t
    return np.concatenate([position, velocity], axis=-1)


def _cubic(start: Numbers, end: Numbers, duration: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return a motion's coefficients in the fraction of its time, each (n, 2)."""
    d = end[:, :2] - start[:, :2]
    v0, v1 = duration[:, None] * start[:, 2:], duration[:, None] * end[:, 2:]
    return start[:, :2], v0, 3 * d - 2 * v0 - v1, v0 + v1 - 2 * d


def blocked(world: World, start: Numbers, end: Numbers, duration: Numbers) -> Flags:
    """Return whether each motion, (n, 4) to (n, 4), leaves the square or touches a wall, (n,)."""
    cubic = _cubic(start, end, duration)
    fastest = _largest_speed(start, end, duration)
    needed = np.ceil(fastest / RESOLUTION).astype(int) + 1
    hit = np.zeros(len(start), dtype=bool)
    for few in (3, 9):  # most motions that hit a wall do so at one of few points
        _check(world, cubic, np.flatnonzero(~hit), few, hit)
    left = np.flatnonzero(~hit)
    for lot in np.array_split(left[np.argsort(needed[left])], 8):  # of about equal length
        if len(lot):
            _check(world, cubic, lot, int(needed[lot].max()), hit)
    return hit


def _largest_speed(start: Numbers, end: Numbers, duration: Numbers) -> Numbers:
    """Return a bound on duration times speed, (n,): the control points of the velocity's Bezier curve."""
    v0, v1 = duration[:, None] * start[:, 2:], duration[:, None] * end[:, 2:]
    middle = 3 * (end[:, :2] - start[:, :2]) - v0 - v1
    largest: Numbers = np.sqrt(np.max([(v * v).sum(1) for v in (v0, middle, v1)], axis=0))
    return largest


def _check(world: World, cubic: tuple[Numbers, ...], lot: NDArray[np.intp], points: int, hit: Flags) -> None:
    """Set `hit` of those motions of the lot that collide at one of so many equally spaced points."""
    s = np.linspace(0, 1, points)
    x, y = (
        c0[lot, None] + s * (c1[lot, None] + s * (c2[lot, None] + s * c3[lot, None]))
        for c0, c1, c2, c3 in (tuple(c[:, axis] for c in cubic) for axis in (0, 1))
    )
    hit[lot] = world.collides(x, y).any(1)
