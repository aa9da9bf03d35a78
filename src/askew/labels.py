"""The label convention, converters into it, and the refusal of label vectors that could mean two things.

======  ===============  ==============================================
label   meaning          what a detector does with the row
======  ===============  ==============================================
``+1``  known normal     learns that such rows are normal
``0``   unlabelled       treats the row as normal, most of them are
``-1``  known anomaly    learns that such rows are not normal
======  ===============  ==============================================

Other libraries use the same numbers for other things: PyOD's 1 is an anomaly, scikit-learn's -1 is an
unlabelled row. A vector that fits two conventions is therefore refused until one of the converters here has
declared what it means; they all return :class:`Labels`, which detectors take at its word.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from askew.errors import LabelError, must

__all__ = ["Labels", "check", "from_binary", "from_pyod", "from_sklearn", "ours"]

_Int8Vector: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int8]]

_MEANING = "+1 (known normal), 0 (unlabelled) or -1 (known anomaly)"
_OURS = {-1: -1, 0: 0, 1: 1}
_SHOWN = 6  # distinct values that an error lists before it says "..."


class Labels(_Int8Vector):
    """An int8 vector of +1, 0 and -1 whose meaning a converter declared; shape (n,).

    It is an ordinary array: slicing, masking, copying and pickling keep the declaration. Arithmetic and
    comparisons give plain arrays, and so do numpy functions that mix it with undeclared values, because what
    they return is no longer known to be labels. Make one with a converter, never with the class itself.

    Examples
    --------
    >>> y = ours([0, 0, 1, -1])
    >>> y[1:]
    Labels([ 0,  1, -1], dtype=int8)
    >>> type(y == -1).__name__
    'ndarray'
    """

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            kwargs["out"] = tuple(_plain(out) for out in kwargs["out"])
        if "where" in kwargs:
            kwargs["where"] = _plain(kwargs["where"])
        return getattr(ufunc, method)(*(_plain(value) for value in inputs), **kwargs)

    def __array_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        result = super().__array_function__(func, types, args, kwargs)
        # numpy joins arrays into a plain one; joined labels are labels if every part is.
        if func is np.concatenate and all(isinstance(part, Labels) for part in next(iter(args))):
            return result.view(Labels)
        return result


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Labels) else value


class _Words(str):
    """Words for the "got" of a message, which is printed with repr."""

    def __repr__(self) -> str:
        return str(self)


class _Column(NamedTuple):
    """A column of any values as its distinct values, so that each rule is applied once per value."""

    levels: list[Any]  # distinct values; None stands for every missing cell
    codes: NDArray[np.intp]  # (n,) index into levels
    rows: list[int]  # first row of each level
    counts: list[int]

    def row(self, value: Any) -> int:
        return self.rows[self.levels.index(value)]

    def count(self, value: Any) -> int:
        return self.counts[self.levels.index(value)] if value in self.levels else 0

    def tally(self) -> _Words:
        names = ["missing" if level is None else repr(level) for level in self.levels]
        pairs = [f"{name}: {count}" for name, count in zip(names, self.counts, strict=True)]
        more = ", ..." if len(pairs) > _SHOWN else ""
        return _Words("{" + ", ".join(pairs[:_SHOWN]) + more + "} (value: rows)")

    def translate(self, table: dict[Any, int]) -> Labels:
        labels = np.array([table[level] for level in self.levels], dtype=np.int8)
        return cast(Labels, labels[self.codes].view(Labels))


def ours(y: ArrayLike) -> Labels:
    """Declare that ``y`` already follows this package's convention: +1 normal, 0 unlabelled, -1 anomaly.

    Parameters
    ----------
    y : array-like of shape (n,)
        Numbers -1, 0 and 1.

    Returns
    -------
    Labels
        The same labels as a new int8 vector of shape (n,).

    Raises
    ------
    LabelError
        If a value is anything else or missing; the message names the value and its row.

    Examples
    --------
    >>> ours([0, 1, 1, 0])  # known normal rows only, no known anomaly
    Labels([0, 1, 1, 0], dtype=int8)
    """
    column = _factorise(y, "ours")
    rule = f"a vector of {_MEANING}"
    remedy = "Correct that row, or let another converter of askew.labels say what the values mean."
    return _translate(column, _OURS, "ours", rule, remedy)


def from_pyod(y: ArrayLike, normal_is: Literal["unlabelled", "normal"] = "unlabelled") -> Labels:
    """Convert PyOD's labels: 1 is an anomaly, 0 is everything else.

    Parameters
    ----------
    y : array-like of shape (n,)
        Numbers or truth values 0 and 1.
    normal_is : {"unlabelled", "normal"}
        What a 0 means: nobody looked at the row (the default, it becomes 0) or the row is known to be normal
        (it becomes +1).

    Returns
    -------
    Labels
        int8 vector of shape (n,): 1 becomes -1.

    Raises
    ------
    LabelError
        If a value is neither 0 nor 1, or is missing, or ``normal_is`` is unknown.

    Examples
    --------
    >>> from_pyod([0, 0, 1])
    Labels([ 0,  0, -1], dtype=int8)
    >>> from_pyod([0, 0, 1], normal_is="normal")
    Labels([ 1,  1, -1], dtype=int8)
    """
    zero = {"unlabelled": 0, "normal": 1}.get(normal_is)
    if zero is None:
        rule = '"unlabelled" or "normal"'
        remedy = "Choose what a 0 in y means: a row nobody looked at, or a known normal one."
        raise LabelError(must("normal_is", "from_pyod", rule, normal_is, remedy))
    remedy = (
        "Correct that row; a column with missing or other values is read by "
        "askew.labels.from_binary(y, anomaly=1, normal=0)."
    )
    rule = "a vector of 0 (not an anomaly) and 1 (anomaly)"
    return _translate(_factorise(y, "from_pyod"), {0: zero, 1: -1}, "from_pyod", rule, remedy)


def from_sklearn(y: ArrayLike, anomaly: Any, normal: Any = None) -> Labels:
    """Convert scikit-learn's semi-supervised labels: -1 is an unlabelled row, everything else is a class.

    Parameters
    ----------
    y : array-like of shape (n,)
        Classes (numbers or strings), with -1 where the class is unknown.
    anomaly : value or list of values
        The class or classes that are anomalies; they become -1.
    normal : value, list of values or None
        The class or classes that are normal; they become +1. None: every class that is not an anomaly.

    Returns
    -------
    Labels
        int8 vector of shape (n,): -1 becomes 0.

    Raises
    ------
    LabelError
        If a class belongs to neither group, a value is missing, or ``normal`` is None and no row has the
        class ``anomaly`` (a misspelt class would make every anomaly normal).

    Examples
    --------
    >>> from_sklearn([-1, -1, 0, 1], anomaly=1)
    Labels([ 0,  0,  1, -1], dtype=int8)
    """
    owner = "from_sklearn"
    column = _factorise(y, owner)
    anomalies = _group("anomaly", anomaly, owner)
    others = [value for value in column.levels if value not in (None, -1, *anomalies)]
    if normal is None:
        _refuse_absent_anomaly(column, anomalies, others, owner)
    normals = others if normal is None else _group("normal", normal, owner)
    if -1 in [*anomalies, *normals]:
        remedy = "A vector where -1 is an anomaly is declared by askew.labels.ours(y)."
        rule = "a class other than -1, which scikit-learn keeps for unlabelled rows"
        raise LabelError(must("anomaly or normal", owner, rule, -1, remedy))
    return _translate_groups(column, anomalies, normals, -1, owner)


def from_binary(y: ArrayLike, anomaly: Any, normal: Any = None) -> Labels:
    """Convert a column with a word or number for anomalies, one for normal rows, and blanks.

    Parameters
    ----------
    y : array-like of shape (n,)
        Any values. None, NaN, NaT, ``pandas.NA`` and blank strings are missing: those rows are unlabelled.
    anomaly : value or list of values
        What a known anomaly is called, for example ``"fraud"``; it becomes -1. Compared with ``==``, so upper
        and lower case differ.
    normal : value, list of values or None
        What a known normal row is called; it becomes +1. None: the one other value that the column holds.

    Returns
    -------
    Labels
        int8 vector of shape (n,): a missing value becomes 0.

    Raises
    ------
    LabelError
        If the column holds a value that is neither (the message names the value and its row), or if
        ``normal`` is None and there are several other values or no row is called ``anomaly``: a misspelt word
        would otherwise make every anomaly normal.

    Examples
    --------
    >>> from_binary(["ok", None, "fraud", ""], anomaly="fraud")
    Labels([ 1,  0, -1,  0], dtype=int8)
    >>> from_binary(["ok", "error", "failure"], anomaly=["error", "failure"], normal="ok")
    Labels([ 1, -1, -1], dtype=int8)
    """
    owner = "from_binary"
    column = _factorise(y, owner)
    anomalies = _group("anomaly", anomaly, owner)
    others = [value for value in column.levels if value is not None and value not in anomalies]
    if normal is None:
        _refuse_absent_anomaly(column, anomalies, others, owner)
        _refuse_several(column, anomalies, others)
    normals = others if normal is None else _group("normal", normal, owner)
    return _translate_groups(column, anomalies, normals, None, owner)


def check(y: ArrayLike | None, n_rows: int | None = None, owner: str = "fit") -> Labels:
    """Return what a detector's ``fit`` was given as labels, or refuse it.

    Parameters
    ----------
    y : array-like of shape (n,) or None
        Labels of this package's convention. None: every row is unlabelled (``n_rows`` zeros).
    n_rows : int or None
        Rows of X; a vector of another length is refused. None: any length.
    owner : str
        The class or function that asks, for the message.

    Returns
    -------
    Labels
        A new int8 vector of shape (n,).

    Raises
    ------
    LabelError
        If the vector has the wrong length or shape, holds missing values or anything but -1, 0 and 1, or if
        all of it is -1. Without a declaration (:func:`ours` or another converter) also if it holds a 1 and no
        -1 (in PyOD's convention that 1 is an anomaly) or is truth values, and if more than half of it is -1
        (in scikit-learn's convention those rows are unlabelled). The message names the converter to use.

    Examples
    --------
    >>> check([0, 0, 1, -1])
    Labels([ 0,  0,  1, -1], dtype=int8)
    >>> check(None, n_rows=2)
    Labels([0, 0], dtype=int8)
    >>> check([0, 0, 1])
    Traceback (most recent call last):
    ...
    askew.errors.LabelError: y of fit must be +1 (known normal), 0 (unlabelled) or -1 (known anomaly), \
without doubt; got {0: 2, 1: 1} (value: rows). Write askew.labels.from_pyod(y) if 1 marks an anomaly, or \
askew.labels.ours(y) if 1 marks a known normal row.
    """
    if y is None:
        if n_rows is None:
            remedy = "Pass n_rows as well to label every row as unlabelled."
            raise LabelError(must("y", owner, "a vector of labels when n_rows is None", None, remedy))
        return cast(Labels, np.zeros(n_rows, dtype=np.int8).view(Labels))
    declared = isinstance(y, Labels) and y.dtype == np.int8
    column = _factorise(y, owner)
    if n_rows is not None and len(column.codes) != n_rows:
        got, rule = _Words(f"{len(column.codes)} labels"), f"one label per row of X ({n_rows} rows)"
        remedy = "Pass the labels of exactly these rows, 0 where a row is unlabelled."
        raise LabelError(must("y", owner, rule, got, remedy))
    _refuse_foreign(column, owner)
    if not declared:
        _refuse_ambiguous(column, owner)
    if column.levels == [-1]:
        remedy = "Add the normal or unlabelled rows with label 0, or pass y=None if no row is labelled."
        rule = "labels that leave something to learn normal from"
        raise LabelError(must("y", owner, rule, column.tally(), remedy))
    return column.translate(_OURS)


def _refuse_foreign(column: _Column, owner: str) -> None:
    """Refuse missing values and values that are not ours, with the call that would convert them."""
    foreign = [value for value in column.levels if value is not None and value not in _OURS]
    if foreign:
        rarest = min(foreign, key=column.count)
        anomaly, rest = repr(rarest), [v for v in column.levels if v not in (None, -1, rarest)]
        call = f"askew.labels.from_binary(y, anomaly={anomaly}, normal={_argument(rest or ['...'])})"
        if -1 in column.levels:
            call = f"askew.labels.from_sklearn(y, anomaly={anomaly}) if -1 marks unlabelled rows, or {call}"
        place = f"Row {column.row(foreign[0])} holds {foreign[0]!r}"
        remedy = f"{place}. If {anomaly} marks an anomaly, write {call}."
    elif None in column.levels:
        remedy = (
            f"Row {column.row(None)} is missing. Write 0 for an unlabelled row, or use "
            "askew.labels.from_binary(y, anomaly=-1, normal=1), which reads missing values as unlabelled."
        )
    else:
        return
    raise LabelError(must("y", owner, _MEANING, column.tally(), remedy))


def _refuse_ambiguous(column: _Column, owner: str) -> None:
    """Refuse undeclared vectors that PyOD or scikit-learn would read in another way."""
    truth = any(isinstance(level, bool) for level in column.levels)
    n_anomalies = column.count(-1)
    if truth or (1 in column.levels and not n_anomalies):
        one = truth or 1
        remedy = (
            f"Write askew.labels.from_pyod(y) if {one} marks an anomaly, or "
            f"askew.labels.ours(y) if {one} marks a known normal row."
        )
    elif len(column.codes) / 2 < n_anomalies < len(column.codes):
        remedy = (
            "More than half is -1, which marks unlabelled rows in scikit-learn. Write "
            "askew.labels.from_sklearn(y, anomaly=1, normal=0) if that is meant here and class 1 marks an "
            "anomaly, or askew.labels.ours(y) if -1 does."
        )
    else:
        return
    raise LabelError(must("y", owner, f"{_MEANING}, without doubt", column.tally(), remedy))


def _refuse_absent_anomaly(column: _Column, anomalies: list[Any], others: list[Any], owner: str) -> None:
    """Refuse to guess which values are normal when nothing in the column is called an anomaly."""
    if others and not any(value in column.levels for value in anomalies):
        call = f"askew.labels.{owner}(y, anomaly={_argument(anomalies)}, normal={_argument(others)})"
        remedy = f"No row has it. Correct the word, or write {call} if all of these are normal."
        rule = f"a value that occurs in y ({_listed(others)})"
        raise LabelError(must("anomaly", owner, rule, _Words(_argument(anomalies)), remedy))


def _refuse_several(column: _Column, anomalies: list[Any], others: list[Any]) -> None:
    """Refuse to guess which of several values are normal: one of them may be a misspelt anomaly."""
    if len(others) > 1:
        rule = f"a column of {_listed(anomalies)} (anomaly), one other value (normal) and blanks"
        call = f"askew.labels.from_binary(y, anomaly={_argument(anomalies)}, normal={_argument(others)})"
        places = ", ".join(f"{value!r} in row {column.row(value)}" for value in others[:_SHOWN])
        remedy = f"They first occur as {places}. If every one of them is normal, write {call}."
        raise LabelError(must("y", "from_binary", rule, _Words(_argument(others)), remedy))


def _factorise(y: Any, owner: str) -> _Column:
    """Return the distinct values of a vector of anything, with every kind of missing value as None."""
    if isinstance(y, np.ma.MaskedArray):
        y = y.tolist()  # masked cells become None
    # A list may hold words and None side by side, which only dtype object keeps apart.
    typed = hasattr(y, "dtype") and hasattr(y, "__array__")
    values: NDArray[Any] = _plain(np.asarray(y) if typed else np.asarray(y, dtype=object))
    if values.ndim != 1:
        got = _Words(f"shape {values.shape}")
        remedy = "Use y.ravel() if it has one column."
        raise LabelError(must("y", owner, "a vector with one label per row", got, remedy))
    if values.dtype.kind not in "biuf":
        return _factorise_objects(values, owner)
    levels, first, codes, counts = np.unique(
        values, return_index=True, return_inverse=True, return_counts=True
    )
    # Only NaN differs from itself.
    found = [None if level != level else level for level in levels.tolist()]
    return _Column(found, codes, first.tolist(), counts.tolist())


def _factorise_objects(values: NDArray[Any], owner: str) -> _Column:
    index: dict[Any, int] = {}
    rows: list[int] = []
    codes = np.empty(len(values), dtype=np.intp)
    for row, cell in enumerate(values.tolist()):
        key = None if _missing(cell) else cell
        if not isinstance(key, Hashable):
            got = _Words(f"{cell!r} in row {row}")
            remedy = "Pass one number or word per row."
            raise LabelError(must("y", owner, "a vector with one label per row", got, remedy))
        codes[row] = index.setdefault(key, len(index))
        if len(index) > len(rows):
            rows.append(row)
    return _Column(list(index), codes, rows, np.bincount(codes, minlength=len(index)).tolist())


def _missing(cell: Any) -> bool:
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


def _group(argument: str, values: Any, owner: str) -> list[Any]:
    """Return one value or a list of values as a list, without missing ones."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    group = list(values) if isinstance(values, (list, tuple, set, frozenset)) else [values]
    if not group or any(_missing(value) or not isinstance(value, Hashable) for value in group):
        rule = "a value or a list of values that mark a label, none of them missing"
        remedy = f"For example askew.labels.{owner}(y, anomaly='fraud', normal='ok')."
        raise LabelError(must(argument, owner, rule, values, remedy))
    return group


def _translate_groups(
    column: _Column, anomalies: list[Any], normals: list[Any], unlabelled: Any, owner: str
) -> Labels:
    both = [value for value in anomalies if value in normals]
    if both:
        got, remedy = _Words(_argument(both)), "Name each value in one of the two."
        raise LabelError(must("normal", owner, "values that are not in anomaly", got, remedy))
    word = "missing" if unlabelled is None else unlabelled
    rule = f"a column of {_listed(anomalies)} (anomaly), {_listed(normals)} (normal) and {word} (unlabelled)"
    table = {unlabelled: 0, **dict.fromkeys(normals, 1), **dict.fromkeys(anomalies, -1)}
    return _translate(column, table, owner, rule, "Correct that row, or add its value to anomaly or normal.")


def _translate(column: _Column, table: dict[Any, int], owner: str, rule: str, remedy: str) -> Labels:
    for level, row in zip(column.levels, column.rows, strict=True):
        if level not in table:
            word = "a missing value" if level is None else repr(level)
            raise LabelError(must("y", owner, rule, _Words(f"{word} in row {row}"), remedy))
    return column.translate(table)


def _listed(values: list[Any]) -> str:
    shown = " or ".join(repr(value) for value in values[:_SHOWN]) or "nothing"
    return shown + (" or ..." if len(values) > _SHOWN else "")


def _argument(values: list[Any]) -> str:
    if len(values) == 1:
        return repr(values[0])
    return "[" + ", ".join(map(repr, values[:_SHOWN])) + (", ...]" if len(values) > _SHOWN else "]")
