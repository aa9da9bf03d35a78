"""Rows to learn from, drawn in one pass over a table of any length, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class Drawn(NamedTuple):
    """Rows of a table in their order, their numbers in it (from 1), and the group of each."""

    rows: pa.Table
    numbers: NDArray[np.int64]
    groups: NDArray[np.intp]


class RowSample:
    """Of groups of rows that come in batches, each whole, or `n_most` rows that are drawn evenly.

    Each row gets a random key, and those with the smallest are kept: whatever the batches, the same rows are drawn with
    the same `seed`, and a group of no more than `n_most` rows is kept whole and in order.

    >>> sample = RowSample(n_most=2, seed=0)
    >>> for start in (0, 3):
    ...     rows = pa.RecordBatch.from_pydict({"x": [start, start + 1, start + 2]})
    ...     sample.add(rows, np.array([0, 0, 1]), whole={1})
    >>> drawn = sample.draw({0: 0, 1: 1})
    >>> drawn.rows["x"].to_pylist(), drawn.groups.tolist()
    ([1, 2, 3, 5], [0, 1, 0, 1])
    """

    def __init__(self, n_most: int, seed: int) -> None:
        self.n_rows = 0
        self._n_most, self._generator = n_most, np.random.default_rng(seed)
        self._parts: list[pa.Table] = []
        self._keys, self._groups, self._numbers = np.empty(0), np.empty(0, np.intp), np.empty(0, np.int64)
        self._cuts = np.empty(0)  # of each group, the key from which on no row has a chance
        self._whole: set[int] = set()
        self._room = 2 * n_most  # rows until the hopeless ones are thrown out

    def add(self, rows: pa.RecordBatch, groups: NDArray[np.intp], whole: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        """Take the next rows and the number of each one's group; those of the groups in `whole` are all kept."""
        self._whole = set(whole)
        new = int(groups.max(initial=-1)) + 1 - len(self._cuts)
        self._cuts = np.concatenate([self._cuts, np.full(max(new, 0), np.inf)])
        keys = self._generator.random(len(groups))
        places = np.flatnonzero(keys < self._cuts[groups])
        if len(places):
            self._parts.append(pa.Table.from_batches([rows]).take(pa.array(places)))
            self._keys = np.concatenate([self._keys, keys[places]])
            self._groups = np.concatenate([self._groups, groups[places]])
            self._numbers = np.concatenate([self._numbers, self.n_rows + 1 + places])
        self.n_rows += len(groups)
        if len(self._keys) > self._room:
            for group in set(np.unique(self._groups).tolist()) - self._whole:
                self._cuts[group] = self._cut(self._groups == group)
            self._keep(self._keys < self._cuts[self._groups])
            self._room = len(self._keys) + self._n_most

    def draw(self, labels: Mapping[int, int]) -> Drawn:
        """Return the rows, with groups of one label as one group: `n_most` of it, unless one of them is whole."""
        label_of = np.array([labels[group] for group in range(len(self._cuts))])
        of_rows = label_of[self._groups]
        kept = np.ones(len(self._keys), dtype=bool)
        for label in set(labels.values()) - {labels[group] for group in self._whole if group in labels}:
            mine = of_rows == label
            kept[mine] = self._keys[mine] < self._cut(mine)
        self._keep(kept)
        return Drawn(self._parts[0], self._numbers, self._groups)

    def _cut(self, mine: NDArray[np.bool_]) -> float:
        """Return the smallest key that is too large for a place among `n_most`."""
        keys = self._keys[mine]
        return float(np.partition(keys, self._n_most)[self._n_most]) if len(keys) > self._n_most else np.inf

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        self._parts = [pa.concat_tables(self._parts).filter(pa.array(kept)).combine_chunks()]
        self._keys, self._groups, self._numbers = self._keys[kept], self._groups[kept], self._numbers[kept]
