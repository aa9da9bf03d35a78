"""Converters into the label convention."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from askew.errors import LabelError, must
from askew.labels.checking import MEANING, OURS
from askew.labels.values import (
    SHOWN,
    Column,
    Labels,
    Words,
    as_argument,
    factorise,
    listed,
    missing,
    says_unknown,
    spelt_alike,
)


def ours(y: ArrayLike) -> Labels:
    """Declare that ``y`` already follows this package's convention: +1 normal, 0 unlabelled, -1 anomaly.

    Returns a new int8 vector of shape (n,).

    Parameters
    ----------
    y : array-like of shape (n,)
        Numbers -1, 0 and 1.

    Raises
    ------
    LabelError
        If a value is anything else or missing; the message names the value and its row.

    Examples
    --------
    >>> ours([0, 1, 1, 0])  # known normal rows only, no known anomaly
    Labels([0, 1, 1, 0], dtype=int8)
    """
    column = factorise(y, "ours")
    rule = f"a vector of {MEANING}"
    remedy = "Correct that row, or let another converter of askew.labels say what the values mean."
    return _translate(column, OURS, "ours", rule, remedy)


def from_pyod(y: ArrayLike, normal_is: Literal["unlabelled", "normal"] = "unlabelled") -> Labels:
    """Convert PyOD's labels: 1 is an anomaly and becomes -1, 0 is everything else; an int8 vector (n,).

    Parameters
    ----------
    y : array-like of shape (n,)
        Numbers or truth values 0 and 1.
    normal_is : {"unlabelled", "normal"}
        What a 0 means: nobody looked at the row (the default, it becomes 0) or the row is known to be normal
        (it becomes +1).

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
    return _translate(factorise(y, "from_pyod"), {0: zero, 1: -1}, "from_pyod", rule, remedy)


def from_sklearn(y: ArrayLike, anomaly: Any, normal: Any = None) -> Labels:
    """Convert scikit-learn's semi-supervised labels: -1 is an unlabelled row, everything else is a class.

    -1 becomes 0. Returns an int8 vector of shape (n,).

    Parameters
    ----------
    y : array-like of shape (n,)
        Classes (numbers or strings), with -1 where the class is unknown.
    anomaly : value or list of values
        The class or classes that are anomalies; they become -1.
    normal : value, list of values or None
        The class or classes that are normal; they become +1. None: every class that is not an anomaly.

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
    column = factorise(y, owner)
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

    A missing value becomes 0. Returns an int8 vector of shape (n,).

    Parameters
    ----------
    y : array-like of shape (n,)
        Any values. None, NaN, NaT, ``pandas.NA`` and blank strings are missing: those rows are unlabelled.
    anomaly : value or list of values
        What a known anomaly is called, for example ``"fraud"``; it becomes -1. Compared with ``==``, so upper
        and lower case differ.
    normal : value, list of values or None
        What a known normal row is called; it becomes +1. None: the one other value that the column holds, unless it
        is spelt like an anomaly (``"Fraud"``, ``"fraud."``) or may say that nobody looked (``"unknown"``, ``"?"``).

    Raises
    ------
    LabelError
        If the column holds a value that is neither (the message names the value and its row), or if
        ``normal`` is None and there are several other values, or one that is spelt like an anomaly or may say that
        nobody looked, or no row is called ``anomaly``: a misspelt word would otherwise make every anomaly normal.

    Examples
    --------
    >>> from_binary(["ok", None, "fraud", ""], anomaly="fraud")
    Labels([ 1,  0, -1,  0], dtype=int8)
    >>> from_binary(["ok", "error", "failure"], anomaly=["error", "failure"], normal="ok")
    Labels([ 1, -1, -1], dtype=int8)
    """
    owner = "from_binary"
    column = factorise(y, owner)
    anomalies = _group("anomaly", anomaly, owner)
    others = [value for value in column.levels if value is not None and value not in anomalies]
    if normal is None:
        _refuse_absent_anomaly(column, anomalies, others, owner)
        _refuse_spellings(column, anomalies, others)
        _refuse_several(column, anomalies, others)
        _refuse_unknown(anomalies, others)
    normals = others if normal is None else _group("normal", normal, owner)
    return _translate_groups(column, anomalies, normals, None, owner)


def _refuse_absent_anomaly(column: Column, anomalies: list[Any], others: list[Any], owner: str) -> None:
    """Refuse to guess which values are normal when nothing in the column is called an anomaly."""
    if others and not any(value in column.levels for value in anomalies):
        call = f"askew.labels.{owner}(y, anomaly={as_argument(anomalies)}, normal={as_argument(others)})"
        remedy = f"No row has it. Correct the word, or write {call} if all of these are normal."
        rule = f"a value that occurs in y ({listed(others)})"
        raise LabelError(must("anomaly", owner, rule, Words(as_argument(anomalies)), remedy))


def _refuse_spellings(column: Column, anomalies: list[Any], others: list[Any]) -> None:
    """Refuse to take other spellings of an anomaly for normal."""
    alike = spelt_alike(anomalies, others)
    if alike:
        rest = [value for value in others if value not in alike]
        normal = f", normal={as_argument(rest)}" if rest else ""
        call = f"askew.labels.from_binary(y, anomaly={as_argument([*anomalies, *alike])}{normal})"
        remedy = f"{listed(alike)} may be {listed(anomalies)} in another spelling; then write {call}."
        rule = f"a column of {listed(anomalies)} (anomaly), one other value (normal) and blanks"
        raise LabelError(must("y", "from_binary", rule, column.tally(), remedy))


def _refuse_several(column: Column, anomalies: list[Any], others: list[Any]) -> None:
    """Refuse to guess which of several values are normal: one of them may be a misspelt anomaly."""
    if len(others) > 1:
        rule = f"a column of {listed(anomalies)} (anomaly), one other value (normal) and blanks"
        call = f"askew.labels.from_binary(y, anomaly={as_argument(anomalies)}, normal={as_argument(others)})"
        places = ", ".join(f"{value!r} in row {column.row(value)}" for value in others[:SHOWN])
        remedy = f"They first occur as {places}. If every one of them is normal, write {call}."
        raise LabelError(must("y", "from_binary", rule, Words(as_argument(others)), remedy))


def _refuse_unknown(anomalies: list[Any], others: list[Any]) -> None:
    """Refuse to take a word for normal that may say that nobody looked at the row."""
    if others and says_unknown(others[0]):
        rule = f"a column of {listed(anomalies)} (anomaly), one other value (normal) and blanks"
        call = f"askew.labels.from_binary(y, anomaly={as_argument(anomalies)}, normal={as_argument(others)})"
        remedy = f"Make it blank where nobody looked at the row, or write {call} if such rows are normal."
        raise LabelError(must("y", "from_binary", rule, Words(as_argument(others)), remedy))


def _group(argument: str, values: Any, owner: str) -> list[Any]:
    """Return one value or a list of values as a list, without missing ones."""
    if isinstance(values, np.ndarray):
        values = values.tolist()
    group = list(values) if isinstance(values, (list, tuple, set, frozenset)) else [values]
    if not group or any(missing(value) or not isinstance(value, Hashable) for value in group):
        rule = "a value or a list of values that mark a label, none of them missing"
        remedy = f"For example askew.labels.{owner}(y, anomaly='fraud', normal='ok')."
        raise LabelError(must(argument, owner, rule, values, remedy))
    return group


def _translate_groups(
    column: Column, anomalies: list[Any], normals: list[Any], unlabelled: Any, owner: str
) -> Labels:
    both = [value for value in anomalies if value in normals]
    if both:
        got, remedy = Words(as_argument(both)), "Name each value in one of the two."
        raise LabelError(must("normal", owner, "values that are not in anomaly", got, remedy))
    word = "missing" if unlabelled is None else unlabelled
    rule = f"a column of {listed(anomalies)} (anomaly), {listed(normals)} (normal) and {word} (unlabelled)"
    table = {unlabelled: 0, **dict.fromkeys(normals, 1), **dict.fromkeys(anomalies, -1)}
    return _translate(column, table, owner, rule, "Correct that row, or add its value to anomaly or normal.")


def _translate(column: Column, table: dict[Any, int], owner: str, rule: str, remedy: str) -> Labels:
    for level, row in zip(column.levels, column.rows, strict=True):
        if level not in table:
            word = "a missing value" if level is None else repr(level)
            raise LabelError(must("y", owner, rule, Words(f"{word} in row {row}"), remedy))
    return column.translate(table)
