"""The label column of a table file: words or numbers -> labels, with refusals that name the row."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import LabelError
from askew.inputs.column_names import listed, suggestion
from askew.labels import Labels, check, ours
from askew.labels.values import says_unknown, spelling, spelt_alike

_OURS = {"1": 1, "0": 0, "-1": -1}
_MANY = 1_000_000  # rows
_COUNTED = 20  # values that a line names with their counts
_RULE = "+1 (known normal), 0 (unlabelled) or -1 (known anomaly)"


@dataclass(frozen=True)
class Meaning:
    """What the values of a label column stand for; empty cells are always unlabelled.

    Each group has values as they stand in the file, and no value is in two groups. With anomalies alone, the one other
    value of the column is normal, as :func:`askew.labels.from_binary` has it. All empty: the column is in our
    convention, +1 known normal, 0 unlabelled, -1 known anomaly. `any_spelling` takes values that differ from a named
    one in case, spaces and punctuation alone as that one.
    """

    anomaly: tuple[str, ...] = ()
    normal: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()
    any_spelling: bool = False

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
        if self.any_spelling and not table:
            raise LabelError("--any-spelling must be given with --anomaly, --normal or --unlabelled.")
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


class LabelColumn(NamedTuple):
    """A column of labels: what errors call it and its rows, and the first row and the count of each value.

    Values are as :func:`word` has them; :meth:`add` counts those of a column that is read in batches.
    """

    where: str
    row_name: Callable[[int], str]
    rows: dict[str, int]
    counts: dict[str, int]

    def add(self, cells: pa.Array) -> NDArray[np.intp]:
        """Count the values of the next rows, and return the place that each has among all values so far."""
        if pa.types.is_nested(cells.type):  # the refusal shows what it holds
            cells = pa.array([None if cell is None else str(cell) for cell in cells.to_pylist()], pa.string())
        encoded = cells.dictionary_encode()
        values = [word(value) for value in encoded.dictionary.to_pylist()]
        codes = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        before, found = sum(self.counts.values()), np.unique(codes, return_index=True, return_counts=True)
        in_order = sorted(zip(*(part.tolist() for part in found), strict=True), key=lambda each: each[1])
        for code, first, count in in_order:
            value = [*values, ""][code]
            self.rows.setdefault(value, before + first + 1)
            self.counts[value] = self.counts.get(value, 0) + count
        places = {value: place for place, value in enumerate(self.rows)}
        by_code = np.array([places.get(value, -1) for value in [*values, ""]], dtype=np.intp)
        return np.asarray(by_code[codes], dtype=np.intp)

    def anomalies(self, meaning: Meaning) -> set[int]:
        """Return the places of values that may mark known anomalies, among all so far."""
        named = {spelling(word(value)) for value in meaning.anomaly} if meaning.table() else {spelling("-1")}
        return {place for place, value in enumerate(self.rows) if value and spelling(value) in named}

    def labels(self, meaning: Meaning, tell: Callable[[str], object]) -> dict[str, int]:
        """Return the label of each value; the errors and what `tell` takes are those of :func:`read_labels`."""
        declared = meaning.table()
        if declared:
            table = declared | _spellings(self, meaning, declared, tell)
            table |= _other_value(self, meaning, table, tell)
        else:
            table = _OURS
        table = table | {"": 0}
        unknown = [value for value in self.in_order() if value not in table]
        if unknown:
            raise _unknown(self, unknown, declared)
        found = {value: table[value] for value in self.rows}
        if not declared:
            thin = sum(self.counts.values()) // _MANY + 1  # shares tell, so not every row is needed
            counts = [-(-self.counts[value] // thin) for value in found]
            _refuse_doubt(
                np.repeat(np.array(list(found.values()), dtype=np.int8), counts), set(found), self.where
            )
        return found

    def in_order(self) -> list[str]:
        """Return its values, blanks left out, in the order of their first rows."""
        return sorted((value for value in self.rows if value), key=self.rows.__getitem__)

    def counted(self, values: Iterable[str]) -> str:
        """Return values with the number of rows that hold each."""
        named = list(values)
        texts = [f"{value!r}: {self.counts[value]}" for value in named[:_COUNTED]]
        more = f" and {len(named) - _COUNTED} more" if len(named) > _COUNTED else ""
        return f"{', '.join(texts)}{more} (value: rows)"


def _silent(text: str) -> None:
    pass


def read_labels(
    values: Sequence[Any],
    meaning: Meaning,
    where: str,
    row_name: Callable[[int], str] = "row {}".format,
    tell: Callable[[str], object] = _silent,
) -> Labels:
    """Return the labels that a column stands for, an int8 vector (n,).

    The n values are words, numbers, truth values; None, NaN and blanks are unlabelled. `where` and `row_name` are what
    an error calls the column and a row (counted from 1). `tell` takes a line where the column holds a value that
    nobody named. A value without a meaning (the message names the first row with it), or a column that could mean two
    things, raises LabelError.

    >>> read_labels(["ok", "", "fraud"], Meaning(anomaly=("fraud",)), "label of a.csv", tell=print)
    note: 'ok' (rows: 1) is taken as known normal: it is the one value beside 'fraud' in label of a.csv. Add \
--unlabelled=ok if nobody looked at these rows.
    Labels([ 1,  0, -1], dtype=int8)
    >>> read_labels([0, 0, 1], Meaning(), "label of a.csv")
    Traceback (most recent call last):
    askew.errors.LabelError: label of a.csv must be +1 (known normal), 0 (unlabelled) or -1 (known anomaly), \
without doubt; got only '0', '1'. Say what they mean: for example --normal=1 --unlabelled=0 or --anomaly=1 \
--unlabelled=0.
    """
    words = [word(value) for value in values]
    counts = Counter(words)  # NumPy would cut zero bytes off the ends of words
    rows: dict[str, int] = {}
    for row, text in enumerate(words, 1):
        rows.setdefault(text, row)
    names = sorted(counts)
    column = LabelColumn(
        where, row_name, {name: rows[name] for name in names}, {name: counts[name] for name in names}
    )
    table = column.labels(meaning, tell)
    return ours(np.array([table[text] for text in words], dtype=np.int8))


def _spellings(
    column: LabelColumn, meaning: Meaning, declared: dict[str, int], tell: Callable[[str], object]
) -> dict[str, int]:
    """Return the labels of values that are spelt like declared ones, if that is asked for."""
    if not meaning.any_spelling:
        return {}
    found: dict[str, int] = {}
    for value in spelt_alike(declared, column.in_order()):
        named = [name for name in declared if spelling(name) == spelling(value)]
        if len({declared[name] for name in named}) > 1:
            raise LabelError(
                f"{column.where} must hold only spellings of one meaning; got {value!r} in "
                f"{column.row_name(column.rows[value])}, which is spelt like {' and '.join(map(repr, named))}. "
                "Name it, too."
            )
        found[value] = declared[named[0]]
    for number, option in ((-1, "--anomaly"), (1, "--normal"), (0, "--unlabelled")):
        taken = [value for value in found if found[value] == number]
        if taken:
            tell(f"note: taken as spellings of what {option} names: {column.counted(taken)}.")
    return found


def _other_value(
    column: LabelColumn, meaning: Meaning, table: dict[str, int], tell: Callable[[str], object]
) -> dict[str, int]:
    """Return the one other value as normal, where anomalies alone are named and there are some."""
    others = [value for value in column.in_order() if value not in table]
    named = [value for value in table if value in column.rows]
    if meaning.normal or meaning.unlabelled or not named or len(others) != 1 or spelt_alike(table, others):
        return {}
    if says_unknown(others[0]):
        value = shlex.quote(others[0])
        raise LabelError(
            f"{column.where} must hold only values with a meaning; got {others[0]!r} in "
            f"{column.row_name(column.rows[others[0]])}. Add --unlabelled={value} if nobody looked at these rows, or "
            f"--normal={value} if they are known to be normal."
        )
    tell(
        f"note: {others[0]!r} (rows: {column.counts[others[0]]:,}) is taken as known normal: it is the one value "
        f"beside {listed(named)} in {column.where}. Add --unlabelled={shlex.quote(others[0])} if nobody looked at "
        "these rows."
    )
    return {others[0]: 1}


def _unknown(column: LabelColumn, unknown: list[str], declared: dict[str, int]) -> LabelError:
    """Return the error about values without a meaning, with all that the column holds."""
    alike_ones = spelt_alike(declared, unknown)
    first, values = (alike_ones or unknown)[0], column.in_order()
    got = f"got {first!r} in {column.row_name(column.rows[first])}"
    holds = f"It holds {column.counted(values)}"
    if not declared:
        groups: dict[Any, list[str]] = {}
        for value in values:
            groups.setdefault(spelling(value), []).append(value)
        alike = [
            f" {listed(group)} look like one word: --any-spelling takes them together."
            for group in groups.values()
            if len(group) > 1
        ]
        return LabelError(
            f"{column.where} must be {_RULE}; {got}. Say what its values mean with --anomaly VALUE and --normal "
            f"VALUE. {holds}.{''.join(alike[:1])}"
        )
    rule = f"{column.where} must hold only values with a meaning; {got}"
    if alike_ones:
        near = [value for value in declared if spelling(value) in set(map(spelling, alike_ones))]
        like = "looks like a spelling" if len(alike_ones) == 1 else "look like spellings"
        return LabelError(
            f"{rule}. {listed(alike_ones)} {like} of {listed(near)}: add --any-spelling to take them "
            f"together, or name each with --anomaly, --normal or --unlabelled. {holds}."
        )
    hint = (
        _misspelt(list(column.rows), declared)
        or suggestion(first, [value for value in declared if value in column.rows])
        or "Add --anomaly, --normal or --unlabelled with that value."
    )
    return LabelError(f"{rule}. {hint} {holds}.")


def _misspelt(levels: list[str], declared: dict[str, int]) -> str:
    """Return a close value of the column for a declared one that no row has, "" if there is none."""
    for value in declared:
        if value not in levels and (
            hint := suggestion(value, [other for other in levels if other not in declared])
        ):
            return f"No row has the value {value!r} that you gave. {hint}"
    return ""


def _refuse_doubt(y: Any, levels: set[str], where: str) -> None:
    """Raise LabelError for labels in our convention that could be in PyOD's or scikit-learn's."""
    try:
        check(y)
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
