"""A column of labels as its distinct values, and the words that errors have for them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from askew.errors import LabelError, must

Int8Vector: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int8]]

SHOWN = 12
"""Distinct values that an error lists before it says "..."."""


class Labels(Int8Vector):
    """An int8 vector of +1, 0 and -1 whose meaning a converter declared; shape (n,).

    It is an ordinary array: slicing, masking, copying and pickling keep the declaration. Arithmetic and
    comparisons give plain arrays, and so do numpy functions that mix it with undeclared values, because what
    they return is no longer known to be labels. Make one with a converter, never with the class itself.

    Examples
    --------
    >>> from askew.labels import ours
    >>> y = ours([0, 0, 1, -1])
    >>> y[1:]
    Labels([ 0,  1, -1], dtype=int8)
    >>> type(y == -1).__name__
    'ndarray'
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            kwargs["out"] = tuple(plain(out) for out in kwargs["out"])
        if "where" in kwargs:
            kwargs["where"] = plain(kwargs["where"])
        return getattr(ufunc, method)(*(plain(value) for value in inputs), **kwargs)

    def __array_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        result = super().__array_function__(func, types, args, kwargs)
        # numpy joins arrays into a plain one; joined labels are labels if every part is.
        if func is np.concatenate and all(isinstance(part, Labels) for part in next(iter(args))):
            return result.view(Labels)
        return result


def plain(value: Any) -> Any:
    """Return labels as a plain array, and anything else as it is."""
    return value.view(np.ndarray) if isinstance(value, Labels) else value


class Words(str):
    """Words for the "got" of a message, which is printed with repr."""

    def __repr__(self) -> str:
        return str(self)


class Column(NamedTuple):
    """A column of any values as its distinct values, so that each rule is applied once per value."""

    levels: list[Any]  # distinct values; None stands for every missing cell
    codes: NDArray[np.intp]  # (n,) index into levels
    rows: list[int]  # first row of each level
    counts: list[int]

    def row(self, value: Any) -> int:
        """Return the first row that holds `value`."""
        return self.rows[self.levels.index(value)]

    def count(self, value: Any) -> int:
        """Return how many rows hold `value`."""
        return self.counts[self.levels.index(value)] if value in self.levels else 0

    def tally(self) -> Words:
        """Return the values and how many rows hold each, for a message."""
        names = ["missing" if level is None else repr(level) for level in self.levels]
        pairs = [f"{name}: {count}" for name, count in zip(names, self.counts, strict=True)]
        more = ", ..." if len(pairs) > SHOWN else ""
        return Words("{" + ", ".join(pairs[:SHOWN]) + more + "} (value: rows)")

    def translate(self, table: dict[Any, int]) -> Labels:
        """Return the labels that `table` has for the values."""
        labels = np.array([table[level] for level in self.levels], dtype=np.int8)
        return cast(Labels, labels[self.codes].view(Labels))


def factorise(y: Any, owner: str) -> Column:
    """Return the distinct values of a vector of anything, with every kind of missing value as None."""
    if isinstance(y, np.ma.MaskedArray):
        y = y.tolist()  # masked cells become None
    # A list may hold words and None side by side, which only dtype object keeps apart.
    typed = hasattr(y, "dtype") and hasattr(y, "__array__")
    values: NDArray[Any] = plain(np.asarray(y) if typed else np.asarray(y, dtype=object))
    if values.ndim != 1:
        got = Words(f"shape {values.shape}")
        remedy = "Use y.ravel() if it has one column."
        raise LabelError(must("y", owner, "a vector with one label per row", got, remedy))
    if values.dtype.kind not in "biuf":
        return _factorise_objects(values, owner)
    levels, first, codes, counts = np.unique(
        values, return_index=True, return_inverse=True, return_counts=True
    )
    # Only NaN differs from itself.
    distinct = [None if level != level else level for level in levels.tolist()]
    return Column(distinct, codes, first.tolist(), counts.tolist())


def _factorise_objects(values: NDArray[Any], owner: str) -> Column:
    index: dict[Any, int] = {}
    rows: list[int] = []
    codes = np.empty(len(values), dtype=np.intp)
    for row, cell in enumerate(values.tolist()):
        key = None if missing(cell) else cell
        if not isinstance(key, Hashable):
            got = Words(f"{cell!r} in row {row}")
            remedy = "Pass one number or word per row."
            raise LabelError(must("y", owner, "a vector with one label per row", got, remedy))
        codes[row] = index.setdefault(key, len(index))
        if len(index) > len(rows):
            rows.append(row)
    return Column(list(index), codes, rows, np.bincount(codes, minlength=len(index)).tolist())


def missing(cell: Any) -> bool:
    """Return whether a cell is None, NaN, NaT, ``pandas.NA`` or a blank string."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell.strip()
    try:
        return bool(cell != cell)  # NaN and NaT differ from themselves
    except TypeError:  # pandas.NA refuses to be true or false
        return True
    except ValueError:  # an array in a cell; the caller refuses it as no label
        return False


UNKNOWN = frozenset(
    "unknown unlabelled unlabeled unchecked unseen unsure undefined unclear open pending todo tbd missing none null "
    "nil na n/a ? ?? - -- . *".split()
) | {"not known", "not checked", "not labelled", "not labeled", "to do"}
"""Words, in small letters, that may say that nobody looked at a row: they are never taken for normal by themselves."""


def says_unknown(value: Any) -> bool:
    """Return whether a value may say that nobody looked at a row."""
    return isinstance(value, str) and value.strip().casefold() in UNKNOWN


def spelling(value: Any) -> Any:
    """Return what spellings of a word have in common: its letters and digits, small; anything else is itself.

    >>> [spelling(value) for value in ("FRAUD ", "fraud.", "-1", 1)]
    ['fraud', 'fraud', '-1', 1]
    """
    if not isinstance(value, str) or not any(map(str.isalpha, value)):
        return value
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", value).casefold()))


def spelt_alike(values: Iterable[Any], among: Iterable[Any]) -> list[Any]:
    """Return those of `among` that are spelt like one of the values, and are none of them."""
    values = list(values)
    known = set(map(spelling, values))
    return [other for other in among if other not in values and spelling(other) in known]


def listed(values: list[Any]) -> str:
    """Return values for a sentence: "'ok' or 'fine'"."""
    text = " or ".join(repr(value) for value in values[:SHOWN]) or "nothing"
    return text + (" or ..." if len(values) > SHOWN else "")


def as_argument(values: list[Any]) -> str:
    """Return one or several values as an argument of a call is written."""
    if len(values) == 1:
        return repr(values[0])
    return "[" + ", ".join(map(repr, values[:SHOWN])) + (", ...]" if len(values) > SHOWN else "]")
