"""Worlds with narrow passages: walls of whole cells on an 11 x 11 grid over the unit square."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from askew.errors import InvalidInputError, must

CELLS = 11
"""Cells along each side, as in Ichter et al. (2018)."""

SECOND_GAP = 0.25
"""Probability that a wall has a second gap, so that there is more than one way."""

_FINER = 4

Numbers: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """Obstacles in the unit square, and which cells are passages through a wall."""

    occupied: Flags
    """(11, 11): whether the cell [i, j], with x in [i/11, (i+1)/11) and y in [j/11, (j+1)/11), is wall."""
    passages: Flags
    """(11, 11): the free cells that were left open in a wall."""

    def __post_init__(self) -> None:
        for name in ("occupied", "passages"):
            if getattr(self, name).shape != (CELLS, CELLS):
                rule, got = f"of shape {(CELLS, CELLS)}", getattr(self, name).shape
                raise InvalidInputError(must(name, "World", rule, got, "Give one flag per cell."))

    @cached_property
    def _padded(self) -> Flags:
        """Whether each cell is wall, (13 * 13,), with a border around the square that counts as wall."""
        return np.pad(self.occupied, 1, constant_values=True).reshape(-1)

    def collides(self, x: Numbers, y: Numbers) -> Flags:
        """Return whether each point, of coordinates (...), is in a wall or outside the unit square, (...).

        >>> empty = World(np.zeros((11, 11), bool), np.zeros((11, 11), bool))
        >>> empty.collides(np.array([0.5, 0.5]), np.array([0.5, 1.5]))
        array([False,  True])
        """
        i, j = ((np.clip(of, -0.01, 1.0) * CELLS + 1.0).astype(np.intp) for of in (x, y))
        return self._padded.take(i * (CELLS + 2) + j)

    def wider(self) -> World:
        """Return this world as a robot of some size sees it: every wall a quarter of a cell thicker."""
        return _WiderWorld(self.occupied, self.passages)

    def free_points(self, n: int, rng: np.random.Generator) -> Numbers:
        """Return n points, (n, 2), uniform over the free cells."""
        cells = np.argwhere(~self.occupied)
        return (cells[rng.integers(len(cells), size=n)] + rng.random((n, 2))) / CELLS

    def edges(self) -> Numbers:
        """Return the walls' sides that face a free cell, (n, 2 ends, 2)."""
        padded = np.pad(self.occupied, 1, constant_values=True)  # beyond the square nothing is free
        sides = []
        for i, j in np.argwhere(self.occupied):
            for di, dj in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                if not padded[i + 1 + di, j + 1 + dj]:
                    middle = np.array([i + 0.5 + 0.5 * di, j + 0.5 + 0.5 * dj])
                    along = 0.5 * np.array([abs(dj), abs(di)])
                    sides.append([middle - along, middle + along])
        return np.array(sides).reshape(-1, 2, 2) / CELLS


@dataclass(frozen=True)
class _WiderWorld(World):
    """A world on a grid four times as fine, whose walls, and the square's border, are one fine cell thicker."""

    @cached_property
    def _padded(self) -> Flags:
        fine = self.occupied.repeat(_FINER, axis=0).repeat(_FINER, axis=1)
        padded = np.pad(fine, 1, constant_values=True)
        return binary_dilation(padded, structure=np.ones((3, 3), dtype=bool)).reshape(-1)

    def collides(self, x: Numbers, y: Numbers) -> Flags:
        cells = CELLS * _FINER
        i, j = ((np.clip(of, -0.01, 1.0) * cells + 1.0).astype(np.intp) for of in (x, y))
        return self._padded.take(i * (cells + 2) + j)


def boundary_points(world: World, n: int, depth: float, rng: np.random.Generator) -> Numbers:
    """Return n points, uniform over the walls' boundary, (n, 2), pushed up to `depth` into the wall.

    `depth`, in [0, 1/11], is the largest distance from the boundary; 0 puts every point on the boundary itself.
    """
    sides = world.edges()
    chosen = sides[rng.integers(len(sides), size=n)]
    points = chosen[:, 0] + rng.random((n, 1)) * (chosen[:, 1] - chosen[:, 0])
    across = np.abs(chosen[:, 1] - chosen[:, 0])[:, ::-1] * CELLS  # (n, 2): the unit normal, up to its sign
    inward = np.where(world.collides(*(points + 1e-6 * across).T)[:, None], 1.0, -1.0)
    inside: Numbers = points + depth * rng.random((n, 1)) * inward * across
    return inside


def random_world(rng: np.random.Generator) -> World:
    """Return a world of two or three parallel walls, each with one or two gaps.

    Walls reach from the bottom to the top and are one cell thick; gaps are one or two cells wide. Any free
    point can be reached from any other.

    >>> world = random_world(np.random.default_rng(0))
    >>> bool(world.passages.any()), bool((world.passages & world.occupied).any())
    (True, False)
    """
    occupied, passages = np.zeros((2, CELLS, CELLS), dtype=bool)
    for row in _wall_rows(int(rng.integers(2, 4)), rng):
        gaps = np.concatenate([_gap(rng) for _ in range(1 + (rng.random() < SECOND_GAP))])
        occupied[row], passages[row, gaps] = True, True
    return World(occupied & ~passages, passages)


def _wall_rows(n: int, rng: np.random.Generator) -> list[int]:
    """Return n rows from 1 to 9, at least two free rows between any two of them."""
    rows = rng.choice(9 - 2 * (n - 1), size=n, replace=False)
    return [int(row) + 1 + 2 * k for k, row in enumerate(sorted(rows))]


def _gap(rng: np.random.Generator) -> NDArray[np.intp]:
    width = int(rng.integers(1, 3))
    return np.arange(width) + int(rng.integers(0, CELLS - width + 1))
