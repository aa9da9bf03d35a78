"""One column of a mixed table -> numbers: what is learned from the training rows, and how it is applied.

What each encoder learns comes from scikit-learn's parts (:class:`~sklearn.impute.SimpleImputer`,
:class:`~sklearn.preprocessing.OneHotEncoder`) and is kept as plain numbers and words; Arrow's kernels apply it,
column by column, in batches of any size. So nothing is pickled, a model does not depend on scikit-learn's
version, and the result is the one that scikit-learn's parts give (tested).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from askew.inputs.stored_fields import check_fields

Values = NDArray[np.float64]
State = tuple[dict[str, Any], dict[str, NDArray[Any]]]

UNSEEN = 3.0
"""Value of a category's last column for a word never seen, where the training rows have 0 alone there: as far
from them as three standard deviations, since detectors divide a constant column by 1."""

_DAY = 86_400e6  # microseconds
_YEAR = 365.0


class Encoder(ABC):
    """Turns one column, brought to its kind, into numbers (n, k); `parts` names the k of them."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def parts(self) -> tuple[str, ...]:
        """Suffixes of the k numbers, "" for the column itself."""

    @abstractmethod
    def encode(self, column: pa.Array) -> Values:
        """Return (n, k) finite numbers; a missing value is filled in."""

    @abstractmethod
    def in_words(self) -> str:
        """Return what becomes of the column, for a line of a summary."""

    def unseen(self, column: pa.Array) -> pa.Array | None:
        """Return the words of the column that the training rows do not have; None if there are no words."""
        return None

    def state(self) -> State:
        """Return JSON-able values and arrays that :meth:`from_state` takes back."""
        return asdict(self), {}  # type: ignore[call-overload]

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the encoder that :meth:`state` took apart."""
        check_fields(cls, values)
        return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})


@final
@dataclass(frozen=True)
class Number(Encoder):
    """A number, a truth value: missing ones are the median of the training rows."""

    name: ClassVar[str] = "number"
    fill: float

    @classmethod
    def fit(cls, column: pa.Array) -> Self:
        """Learn the median."""
        from sklearn.impute import SimpleImputer

        values = column.to_numpy(zero_copy_only=False).reshape(-1, 1)
        imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(values)
        return cls(float(imputer.statistics_[0]))

    @property
    def parts(self) -> tuple[str, ...]:
        """The number itself."""
        return ("",)

    def encode(self, column: pa.Array) -> Values:
        """Return (n, 1)."""
        values = column.to_numpy(zero_copy_only=False)
        return np.where(np.isnan(values), self.fill, values)[:, None]

    def in_words(self) -> str:
        """Return for example ``number``."""
        return f"gaps become {self.fill:.6g}"


@final
@dataclass(frozen=True)
class OneHot(Encoder):
    """A category with few levels: one column per level, and one for rare and unseen words together.

    Levels that fewer training rows have than `min_share` share the last column. Where there are none, or all of
    them together are fewer, that column is 0 in the training rows and :data:`UNSEEN` for unseen words.
    """

    name: ClassVar[str] = "one_hot"
    levels: tuple[str, ...]
    rare: tuple[str, ...]
    pooled: bool

    @classmethod
    def fit(cls, column: pa.Array, min_share: float) -> Self:
        """Learn the levels."""
        from sklearn.preprocessing import OneHotEncoder

        known = column.drop_null()
        words = np.array(known.to_pylist(), dtype=object).reshape(-1, 1)
        least = max(1, math.ceil(min_share * len(column)))
        encoder = OneHotEncoder(min_frequency=least, handle_unknown="infrequent_if_exist").fit(words)
        rare = encoder.infrequent_categories_[0]
        rare = [] if rare is None else [str(word) for word in rare]
        levels = tuple(str(word) for word in encoder.categories_[0] if word not in set(rare))
        return cls(levels, tuple(rare), bool(np.isin(words, rare).sum() >= least))

    @property
    def parts(self) -> tuple[str, ...]:
        """``=level`` for each level and ``=other``."""
        return (*(f"={level}" for level in self.levels), "=other")

    def encode(self, column: pa.Array) -> Values:
        """Return (n, levels + 1); a missing word has 0 everywhere."""
        known = pa.array([*self.levels, *self.rare], pa.string())
        other = len(self.levels)
        place = pc.index_in(column, value_set=known, skip_nulls=True).to_numpy(zero_copy_only=False)
        missing = column.is_null().to_numpy(zero_copy_only=False)
        place = np.where(np.isnan(place), len(known), place).astype(np.intp)
        result = np.zeros((len(column), other + 1))
        few = (place < other).nonzero()[0]
        result[few, place[few]] = 1.0
        last = place >= (other if self.pooled else len(known))
        result[last & ~missing, other] = 1.0 if self.pooled else UNSEEN
        return result

    def unseen(self, column: pa.Array) -> pa.Array:
        """Return the words that are no level."""
        return _not_among(column, [*self.levels, *self.rare])

    def in_words(self) -> str:
        """Return for example ``5 levels, 2 rare ones``."""
        more = f", {len(self.rare)} rare" if self.rare else ""
        return f"{len(self.levels)} level{'s' if len(self.levels) != 1 else ''}{more}"


@final
class Frequency(Encoder):
    """A category with many levels: how common the word is, ``log((count + 1) / (n + 1))``.

    Free of labels, one number whatever the number of levels, and what is rare or unseen is low: rarity is what
    an anomaly detector asks for. Hashing would keep which word it is, at the price of some sixteen columns in
    which common and rare words collide. Words that are equally common look the same.
    """

    name: ClassVar[str] = "frequency"

    def __init__(self, words: Sequence[str], counts: NDArray[np.int64], n_rows: int) -> None:
        self.words = pa.array(words, pa.string())
        self.counts, self.n_rows = counts, n_rows

    @classmethod
    def fit(cls, column: pa.Array) -> Self:
        """Count the words."""
        counted = column.drop_null().value_counts()
        words, counts = counted.field("values"), counted.field("counts")
        return cls(words, np.asarray(counts, dtype=np.int64), len(column))

    @property
    def parts(self) -> tuple[str, ...]:
        """One number."""
        return (" frequency",)

    def encode(self, column: pa.Array) -> Values:
        """Return (n, 1); a missing word is as common as the middle one of the training rows."""
        place = pc.index_in(column, value_set=self.words, skip_nulls=True).to_numpy(zero_copy_only=False)
        known = ~np.isnan(place)
        counts = np.zeros(len(column))
        counts[known] = self.counts[place[known].astype(np.intp)]
        counts[column.is_null().to_numpy(zero_copy_only=False)] = self._middle()
        return np.log((counts + 1) / (self.n_rows + 1))[:, None]

    def _middle(self) -> float:
        """Return the count of a row's word, in the middle of the training rows."""
        order = np.sort(self.counts)
        return float(order[np.searchsorted(np.cumsum(order), order.sum() / 2)])

    def unseen(self, column: pa.Array) -> pa.Array:
        """Return the words that were not counted."""
        return _not_among(column, self.words)

    def in_words(self) -> str:
        """Return for example ``1,204 words, by how common they are``."""
        return f"{len(self.words):,} words, by how common they are"

    def state(self) -> State:
        """Return the words as their bytes and lengths."""
        encoded = [word.encode() for word in self.words.to_pylist()]
        arrays: dict[str, NDArray[Any]] = {
            "counts": self.counts,
            "lengths": np.array([len(word) for word in encoded], dtype=np.int64),
            "words": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        }
        return {"n_rows": self.n_rows}, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the encoder that :meth:`state` took apart."""
        data, ends = arrays["words"].tobytes(), np.cumsum(arrays["lengths"])
        starts = ends - arrays["lengths"]
        words = [data[start:end].decode() for start, end in zip(starts, ends, strict=True)]
        counts, n_rows = arrays["counts"], values["n_rows"]
        if type(n_rows) is not int or n_rows < 1 or counts.shape != (len(words),) or (counts < 0).any():
            raise ValueError(f"its {len(words)} words have no count each")
        return cls(words, counts, n_rows)


@final
@dataclass(frozen=True)
class Date(Encoder):
    """A date: days since the first training row, and the time of day, weekday and month as points on circles.

    Days are cut off at the first and the last training row, or every row of next month would look odd. A circle
    is used if the training rows span it: hours if there are times of day, weekdays from a week on, months from a
    year on. A missing date is the middle day and in the middle of every circle.
    """

    name: ClassVar[str] = "date"
    first: float
    last: float
    middle: float
    circles: tuple[str, ...]

    @classmethod
    def fit(cls, column: pa.Array) -> Self:
        """Learn the span."""
        days = _days(column)
        days = days[~np.isnan(days)]
        if not len(days):
            return cls(0.0, 0.0, 0.0, ())
        first, last = float(days.min()), float(days.max())
        used = {
            "hour": bool((days % 1 != 0).any()),
            "weekday": last - first >= 7,
            "month": last - first >= _YEAR,
        }
        return cls(first, last, float(np.median(days)), tuple(name for name, use in used.items() if use))

    @property
    def parts(self) -> tuple[str, ...]:
        """Days, and sine and cosine of each circle."""
        return (" days", *(f" {circle} {part}" for circle in self.circles for part in ("sin", "cos")))

    def encode(self, column: pa.Array) -> Values:
        """Return (n, 1 + 2 * circles)."""
        days = _days(column)
        missing = np.isnan(days)
        days = np.where(missing, self.middle, days)
        parts = [np.clip(days, self.first, self.last) - self.first]
        for circle in self.circles:
            angle = 2 * np.pi * _turn(days, circle)
            parts += [np.where(missing, 0.0, np.sin(angle)), np.where(missing, 0.0, np.cos(angle))]
        return np.stack(parts, axis=1)

    def in_words(self) -> str:
        """Return for example ``days, hour, weekday``."""
        return ", ".join(("days", *self.circles))


def _days(column: pa.Array) -> Values:
    """Return days since 1970, NaN where missing."""
    numbers = column.cast(pa.int64()).cast(pa.float64(), safe=False)
    return np.asarray(pc.fill_null(numbers, float("nan")).to_numpy(zero_copy_only=False) / _DAY)


def _turn(days: Values, circle: str) -> Values:
    """Return where on a circle each day is, as a share of the turn."""
    if circle == "hour":
        return days % 1
    if circle == "weekday":
        return (np.floor(days) % 7) / 7
    months = np.floor(days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.asarray((months % 12) / 12)


def _not_among(column: pa.Array, words: Any) -> pa.Array:
    known = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return column.filter(pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=known))))


ENCODERS: dict[str, type[Encoder]] = {kind.name: kind for kind in (Number, OneHot, Frequency, Date)}
"""Every encoder by the name that files carry."""
