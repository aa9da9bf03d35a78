"""Cells that the values of a column fall into, and counting them: what is kept of a column, in bounded memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Counts = NDArray[np.int64]

_CUTS = 127  # cut points of a column of numbers: the distance between two distributions is right to 1/128
_VALUES = 20  # different numbers, each of them common, that have a cell each
_NAMED = 50  # words with a cell each
_LISTED = 2_000  # words that are told apart from those never seen
_COMMON = 5  # rows from which on a value is common
_DAY, _HOUR = 86_400_000_000, 3_600_000_000  # in microseconds


class Learned(NamedTuple):
    """Cells, and how many training rows fall into each, (cells,)."""

    cells: Cells
    counts: Counts


class Cells(ABC):
    """What the values of a column are counted in; cells are fixed before the rows are seen that are compared."""

    name: ClassVar[str]
    ordered: ClassVar[bool] = False
    """Whether one cell lies above another."""

    @property
    @abstractmethod
    def n_cells(self) -> int:
        """Number of cells."""

    @abstractmethod
    def count(self, values: Any) -> Counts:
        """Return how many values fall into each cell, (cells,); missing ones into none."""

    @abstractmethod
    def in_words(self, cell: int, below: bool = False) -> str:
        """Return which values fall into a cell; of ordered cells those above it, or, if `below`, up to it."""

    def state(self) -> dict[str, Any]:
        """Return JSON-able values that :meth:`from_state` takes back."""
        return {key: list(value) for key, value in vars(self).items()}

    @classmethod
    def from_state(cls, values: dict[str, Any]) -> Self:
        """Return the cells that :meth:`state` took apart."""
        return cls(**{key: tuple(value) for key, value in values.items()})


@final
@dataclass(frozen=True)
class Cuts(Cells):
    """Numbers between cut points: a cell has those above the one before, up to its own.

    >>> Cuts((1.0, 2.0)).count(np.array([0.5, 1.0, 1.5, 9.0, np.nan]))
    array([2, 1, 1])
    """

    name: ClassVar[str] = "cuts"
    ordered: ClassVar[bool] = True
    points: tuple[float, ...]

    @property
    def n_cells(self) -> int:
        """One more than points."""
        return len(self.points) + 1

    def count(self, values: NDArray[np.float64]) -> Counts:
        """Return how many numbers fall into each cell."""
        known = values[~np.isnan(values)]
        return np.bincount(np.searchsorted(self.points, known), minlength=self.n_cells)

    def in_words(self, cell: int, below: bool = False) -> str:
        """Return for example ``above 1.5``."""
        return f"{'up to' if below else 'above'} {self.points[cell]:.4g}"


@final
@dataclass(frozen=True)
class Values(Cells):
    """A few numbers with a cell each, and cells for what is below, between and above them.

    >>> Values((0.0, 1.0)).count(np.array([0.0, 1.0, 1.0, 0.5, 7.0]))
    array([0, 1, 1, 2, 1])
    """

    name: ClassVar[str] = "values"
    numbers: tuple[float, ...]

    @property
    def n_cells(self) -> int:
        """Two per number, and one."""
        return 2 * len(self.numbers) + 1

    def count(self, values: NDArray[np.float64]) -> Counts:
        """Return how many numbers fall into each cell."""
        known = values[~np.isnan(values)]
        places = np.searchsorted(self.numbers, known) + np.searchsorted(self.numbers, known, side="right")
        return np.bincount(places, minlength=self.n_cells)

    def in_words(self, cell: int, below: bool = False) -> str:
        """Return for example ``1``, or ``above 1``."""
        place, own = divmod(cell, 2)
        if own:
            return f"{self.numbers[place]:.6g}"
        if place == 0:
            return f"below {self.numbers[0]:.6g}"
        last = place == len(self.numbers)
        low = f"{self.numbers[place - 1]:.6g}"
        return f"above {low}" if last else f"between {low} and {self.numbers[place]:.6g}"


@final
@dataclass(frozen=True)
class Words(Cells):
    """Words that are `named` have a cell each, others that are `listed` share one, those never seen another.

    >>> Words(("NO", "SE"), ("DK",)).count(pa.array(["NO", "NO", "DK", "PE", None]))
    array([2, 0, 1, 1])
    """

    name: ClassVar[str] = "words"
    named: tuple[str, ...]
    listed: tuple[str, ...] = ()

    @property
    def n_cells(self) -> int:
        """Two more than named words."""
        return len(self.named) + 2

    def count(self, values: pa.Array) -> Counts:
        """Return how many words fall into each cell."""
        known = pc.drop_null(values)
        places = pc.index_in(known, value_set=pa.array([*self.named, *self.listed], pa.string()))
        found = pc.fill_null(places, -1).to_numpy(zero_copy_only=False)
        others, unseen = len(self.named), len(self.named) + 1
        cells = np.where(found < 0, unseen, np.minimum(found, others))
        return np.bincount(cells.astype(np.intp), minlength=self.n_cells)

    def in_words(self, cell: int, below: bool = False) -> str:
        """Return the word, or ``rarer words`` or ``new words``."""
        if cell < len(self.named):
            return repr(self.named[cell])
        return "rarer words" if cell == len(self.named) else "new words"


@final
@dataclass(frozen=True)
class Gaps(Cells):
    """Whether there is a value.

    >>> Gaps().count(np.array([1.0, np.nan, 2.0]))
    array([2, 1])
    """

    name: ClassVar[str] = "gaps"

    @property
    def n_cells(self) -> int:
        """There, and missing."""
        return 2

    def count(self, values: Any) -> Counts:
        """Return how many values there are, and how many are missing."""
        n_missing = int(np.isnan(values).sum()) if isinstance(values, np.ndarray) else int(values.null_count)
        return np.array([len(values) - n_missing, n_missing])

    def in_words(self, cell: int, below: bool = False) -> str:
        """Return ``missing``."""
        return ("there", "missing")[cell]


@final
@dataclass(frozen=True)
class Hours(Cells):
    """The hour of the day of dates.

    >>> int(Hours().count(pa.array([3_600_000_000], pa.timestamp("us"))).argmax())
    1
    """

    name: ClassVar[str] = "hours"

    @property
    def n_cells(self) -> int:
        """24."""
        return 24

    def count(self, values: pa.Array) -> Counts:
        """Return how many dates fall into each hour."""
        return np.bincount(_microseconds(values) % _DAY // _HOUR, minlength=24)

    def in_words(self, cell: int, below: bool = False) -> str:
        """Return for example ``03:00 to 04:00``."""
        return f"{cell:02d}:00 to {cell + 1:02d}:00"


@final
@dataclass(frozen=True)
class Weekdays(Cells):
    """The day of the week of dates.

    >>> int(Weekdays().count(pa.array([0], pa.timestamp("us"))).argmax())  # 1 January 1970 was a Thursday
    3
    """

    name: ClassVar[str] = "weekdays"

    @property
    def n_cells(self) -> int:
        """Seven, from Monday."""
        return 7

    def count(self, values: pa.Array) -> Counts:
        """Return how many dates fall on each day."""
        return np.bincount((_microseconds(values) // _DAY + 3) % 7, minlength=7)

    def in_words(self, cell: int, below: bool = False) -> str:
        """Return the name of the day."""
        return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[cell]


CELLS: dict[str, type[Cells]] = {kind.name: kind for kind in (Cuts, Values, Words, Gaps, Hours, Weekdays)}
"""Every kind of cells by the name that files carry."""


def learn_numbers(values: NDArray[np.float64]) -> Learned | None:
    """Return cells of numbers (rows,), NaN where missing; None where all are.

    A few numbers that are all common have a cell each; others are cut at quantiles.
    """
    different, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if not len(different):
        return None
    cells: Cells
    if len(different) <= _VALUES and counts.min() >= _COMMON:
        cells = Values(tuple(different.tolist()))
    else:
        below = np.cumsum(counts)
        ranks = np.ceil(below[-1] * np.arange(1, _CUTS + 1) / (_CUTS + 1))
        points = different[np.searchsorted(below, ranks)]
        cells = Cuts(tuple(np.unique(points).tolist()))
    return Learned(cells, cells.count(values))


def learn_words(values: pa.Array, generator: np.random.Generator) -> Learned | None:
    """Return cells of words (rows,), null where missing; None where all are.

    Where some words are rare, half of the rows, which are drawn, say which words have a cell, and only the others are
    counted: words that come up once are new in any other rows, too, and the commonest are not quite as common there.
    """
    known = pc.drop_null(values)
    if not len(known):
        return None
    counted = _by_count(known)
    if len(counted) <= _NAMED and min(counted.values()) >= _COMMON:
        cells = Words(tuple(counted))
        return Learned(cells, cells.count(known))
    order = generator.permutation(len(known))
    half = len(known) // 2
    first = tuple(_by_count(known.take(pa.array(order[:half]))))
    cells = Words(first[:_NAMED], first[_NAMED:_LISTED])
    return Learned(cells, cells.count(known.take(pa.array(order[half:]))))


def _by_count(words: pa.Array) -> dict[str, int]:
    """Return how often each word comes up, the commonest first."""
    counts = {each["values"]: each["counts"] for each in words.value_counts().to_pylist()}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def days_of(values: pa.Array) -> tuple[float, float] | None:
    """Return the first and the last of dates, in days since 1970; None without any."""
    found = _microseconds(values)
    return (float(found.min() / _DAY), float(found.max() / _DAY)) if len(found) else None


def _microseconds(values: pa.Array) -> Counts:
    found: Counts = pc.drop_null(values).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return found
