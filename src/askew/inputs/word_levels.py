"""The different words of a column and how often each occurs: what a column is, is asked of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MOSTLY = 0.9
"""From this share on, a column is of a kind, and its other cells are mistakes."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class WordLevels:
    """Different `words` in the order of their first rows, and their `counts`."""

    words: pa.Array
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, words: pa.Array) -> Self:
        """Return the levels of a column; missing cells are none.

        >>> WordLevels.of(pa.array(["b", "a", None, "b"])).counts.tolist()
        [2, 1]
        """
        counted = pc.value_counts(words.drop_null())
        return cls(counted.field("values"), counted.field("counts").to_numpy())

    def __len__(self) -> int:
        return len(self.words)

    def match(self, pattern: str) -> Mask:
        """Return which words a regular expression matches."""
        return as_mask(pc.match_substring_regex(self.words, pattern))

    def share(self, mask: Mask) -> float:
        """Return the share of the cells whose words a mask has."""
        return float(self.counts[mask].sum() / max(self.counts.sum(), 1))

    def take(self, mask: Mask) -> WordLevels:
        """Return the words that a mask has."""
        return WordLevels(self.words.filter(pa.array(mask)), self.counts[mask])

    def first(self, mask: Mask) -> str:
        """Return the first word that a mask has, "" if there is none."""
        return str(self.words[int(mask.argmax())].as_py()) if mask.any() else ""

    def sample(self, size: int) -> WordLevels:
        """Return at most `size` words, spread evenly."""
        places = np.unique(np.linspace(0, len(self) - 1, min(size, len(self))).astype(np.int64))
        return WordLevels(self.words.take(pa.array(places)), self.counts[places])


def as_mask(array: Any) -> Mask:
    """Return an Arrow array of truth values as a mask; null is false."""
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=np.bool_)
