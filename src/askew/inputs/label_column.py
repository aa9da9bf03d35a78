"""The label column of a table file: words or numbers -> labels, with refusals that name the row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from askew.errors import LabelError
from askew.inputs.column_names import listed, suggestion
from askew.labels import Labels, check, ours

_OURS = {"1": 1, "0": 0, "-1": -1}
_RULE = "+1 (known normal), 0 (unlabelled) or -1 (known anomaly)"


@dataclass(frozen=True)
class Meaning:
    """What the values of a label column stand for; empty cells are always unlabelled.

    Each group has values as they stand in the file, and no value is in two groups. All empty: the column is in our
    convention, +1 known normal, 0 unlabelled, -1 known anomaly.
    """

    anomaly: tuple[str, ...] = ()
    normal: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()

    def table(self) -> dict[str, int]:
        """Return the label of each value; raise LabelError if a value is in two groups."""
        table: dict[str, int] = {}
        for option, number in (("anomaly", -1), ("normal", 1), ("unlabelled", 0)):
            for value in getattr(self, option):
                if table.setdefault(word(value), number) != number:
                    raise LabelError(
                        f"--{option} must be a value with one meaning; got {value!r}, which has two. "
                        "Give it once."
                    )
        return table


def word(value: Any) -> str:
    """Return a value of a label column as text: ``1``, ``1.0`` and ``"+1"`` are the same, missing is empty.

    >>> [word(value) for value in (1, "1.0", "+1", -1.0, True, "true", " fraud ", None, float("nan"))]
    ['1', '1', '1', '-1', 'true', 'true', 'fraud', '', '']
    """
    text = "" if value is None else str(value).strip()
    if text.lower() in ("true", "false", "nan"):
        return text.lower().replace("nan", "")
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() and "_" not in text else text


def read_labels(
    values: Sequence[Any], meaning: Meaning, where: str, row_name: Callable[[int], str] = "row {}".format
) -> Labels:
    """Return the labels that a column stands for, an int8 vector (n,).

    The n values are words, numbers, truth values; None, NaN and blanks are unlabelled. `where` and `row_name` are what
    an error calls the column and a row (counted from 1). A value without a meaning (the message names the first row
    with it), or a column that could mean two things, raises LabelError.

    >>> read_labels(["ok", "", "fraud"], Meaning(anomaly=("fraud",), normal=("ok",)), "label of a.csv")
    Labels([ 1,  0, -1], dtype=int8)
    >>> read_labels([0, 0, 1], Meaning(), "label of a.csv")
    Traceback (most recent call last):
    askew.errors.LabelError: label of a.csv must be +1 (known normal), 0 (unlabelled) or -1 (known anomaly), \
without doubt; got only '0', '1'. Say what they mean: for example --normal=1 --unlabelled=0 or --anomaly=1 \
--unlabelled=0.
    """
    words = [word(value) for value in values]
    levels, rows = np.unique(words, return_index=True)
    first = {str(level): int(row) + 1 for level, row in zip(levels, rows, strict=True)}
    declared = meaning.table()
    table = (declared or _OURS) | {"": 0}
    for text, row in sorted(first.items(), key=lambda item: item[1]):
        if text not in table:
            raise _unknown(text, row_name(row), list(first), meaning, where)
    y = np.array([table[text] for text in words], dtype=np.int8)
    return ours(y) if declared else _undoubted(y, set(first), where)


def _unknown(text: str, place: str, levels: list[str], meaning: Meaning, where: str) -> LabelError:
    declared = meaning.table()
    if declared:
        hint = (
            _misspelt(levels, declared)
            or suggestion(text, [value for value in declared if value in levels])
            or "Add --anomaly, --normal or --unlabelled with that value."
        )
        return LabelError(f"{where} must hold only values with a meaning; got {text!r} in {place}. {hint}")
    words = [other for other in levels if other]
    return LabelError(
        f"{where} must be {_RULE}; got {text!r} in {place}. "
        f"Say what its values mean with --anomaly VALUE and --normal VALUE; it holds {listed(words)}."
    )


def _misspelt(levels: list[str], declared: dict[str, int]) -> str:
    """Return a close value of the column for a declared one that no row has, "" if there is none."""
    for value in declared:
        if value not in levels and (
            hint := suggestion(value, [other for other in levels if other not in declared])
        ):
            return f"No row has the value {value!r} that you gave. {hint}"
    return ""


def _undoubted(y: Any, levels: set[str], where: str) -> Labels:
    """Return labels in our convention, unless they could be in PyOD's or scikit-learn's."""
    try:
        return check(y)
    except LabelError as error:
        if levels == {"-1"}:
            raise
        first, second = (
            {"-1": "anomaly", "1": "normal", "0": "unlabelled"},
            {"1": "anomaly", "0": "unlabelled"},
        )
        if "-1" in levels:
            second = {"-1": "unlabelled", "0": "normal", "1": "anomaly" if "0" in levels else "normal"}
        examples = [
            " ".join(f"--{group}={text}" for text, group in way.items() if text in levels)
            for way in (first, second)
        ]
        raise LabelError(
            f"{where} must be {_RULE}, without doubt; got only {listed(sorted(levels - {''}))}. "
            f"Say what they mean: for example {' or '.join(examples)}."
        ) from error
