"""What people said of rows, in files of their own: read, checked, and joined to the rows by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import InvalidInputError
from askew.inputs import Meaning, TableFile, open_table, read_labels
from askew.inputs.column_names import listed, require_column, suggestion
from askew.inputs.label_column import word
from askew.labels import Labels
from askew.scoring import Listener

NUMBERS, PATHS = "row", "path"
"""What a column of ids is called that are the numbers of a table's rows, from 1, or the paths of images."""

_LABEL, _ANSWER, _CONFLICT = "label", "answer", "conflict"
_WORDS = Meaning(anomaly=("anomaly",), normal=("normal",), unlabelled=("unsure", "skip", _CONFLICT))
"""The answers of ``askew review``."""

_OURS = Meaning(anomaly=("-1",), normal=("1",), unlabelled=("0",))
"""Our numbers; with a -1 they are no other convention's."""

_NAMED = 3  # ids that a message names
_SUGGESTED = 20_000  # ids among which a close one is looked for


@dataclass(frozen=True)
class Answers:
    """The label of each row that somebody spoke of, by the text of its id: +1 normal, -1 anomaly, 0 no answer.

    `where` are the files; `id_name` is the column of ids: one of the table, or ``"row"`` for numbers of rows, or
    ``"path"`` for images. `n_conflicts` rows have no label because people differ.
    """

    labels: dict[str, int]
    where: str
    id_name: str
    n_conflicts: int = 0

    def in_words(self) -> str:
        """Return how many rows there are with each answer."""
        labels = list(self.labels.values())
        n_anomalies, n_normal, n_open = (labels.count(label) for label in (-1, 1, 0))
        words = [f"{n_anomalies:,} anomal{'y' if n_anomalies == 1 else 'ies'}", f"{n_normal:,} normal"]
        words += [f"{n_open:,} without an answer"] if n_open else []
        conflicts = f" ({self.n_conflicts:,} because people differ)" if self.n_conflicts else ""
        n = len(labels)
        return f"{self.where}: {n:,} row{'s' * (n != 1)} by {self.id_name!r}: {', '.join(words)}{conflicts}."


def read_answers(
    files: Sequence[Path],
    id_names: Sequence[str],
    meaning: Meaning,
    label_column: str | None,
    listener: Listener,
) -> Answers:
    """Return the answers of table files such as ``askew review`` exports.

    The first of `id_names` that a file has as a column names its rows; all files go by the same. The labels stand in
    the column ``answer`` in the words of ``askew review``, in `label_column`, or in ``label``; `meaning` says what
    other values than +1, 0 and -1 stand for. A file without these columns, an id that is missing or stands twice in a
    file, and one that two files label differently raise InvalidInputError.
    """
    found: dict[str, int] = {}
    origin: dict[str, Path] = {}
    id_name, n_conflicts = "", 0
    for path in files:
        table = open_table(path)
        id_name = _id_column(table, id_names if not id_name else [id_name])
        ids, labels, conflicts = _read(table, id_name, meaning, label_column, listener)
        n_conflicts += conflicts
        for id, label in zip(ids, labels.tolist(), strict=True):
            before = found.get(id, 0)
            if before and label and before != label:
                raise InvalidInputError(
                    f"labels must give each row one answer; {id_name} {id!r} is {_said(before)} in {origin[id]} and "
                    f"{_said(label)} in {path}. Leave one of them out."
                )
            found[id] = label or before
            origin.setdefault(id, path)
    return Answers(found, ", ".join(str(path) for path in files), id_name, n_conflicts)


def _said(label: int) -> str:
    return "an anomaly" if label < 0 else "normal"


def _id_column(table: TableFile, names: Sequence[str]) -> str:
    for name in names:
        if name in table.names:
            return name
    wanted = " or ".join(repr(name) for name in names)
    raise InvalidInputError(
        f"labels {table.path} must have a column {wanted} that names the rows; it has {listed(table.names)}. "
        f"--id-column names another, or {NUMBERS!r} has their numbers, from 1."
    )


def _read(
    table: TableFile, id_name: str, meaning: Meaning, label_column: str | None, listener: Listener
) -> tuple[list[str], Labels, int]:
    """Return the ids of a file, their labels, and how many have none because people differ."""
    column, means = _label_column(table, id_name, meaning, label_column)
    kept = table.read([], keep=[id_name, column]).kept
    ids, cells = kept[id_name].to_pylist(), kept[column].to_pylist()
    texts = [word(id) for id in ids]
    rows: dict[str, int] = {}
    for row, text in enumerate(texts, 1):
        if not text:
            raise InvalidInputError(
                f"labels {table.path} must name the row of every answer; {id_name!r} is empty in "
                f"{table.row_name(row)}. Fill it in, or remove the line."
            )
        if (first := rows.setdefault(text, row)) != row:
            raise InvalidInputError(
                f"labels {table.path} must give each row one answer; {id_name} {text!r} stands in "
                f"{table.row_name(first)} and in {table.row_name(row)}. Leave one of them out."
            )
    where = f"column {column!r} of {table.path}"
    labels = read_labels(cells, means, where, table.row_name, listener.note)
    return texts, labels, sum(word(cell) == _CONFLICT for cell in cells)


def _label_column(
    table: TableFile, id_name: str, meaning: Meaning, label_column: str | None
) -> tuple[str, Meaning]:
    """Return the column of labels, and what its values mean."""
    if label_column is not None:
        column = require_column(label_column, table.names, str(table.path), "label column of the answers")
    elif _ANSWER in table.names and id_name != _ANSWER:
        column = _ANSWER
    elif _LABEL in table.names and id_name != _LABEL:
        column = _LABEL
    else:
        raise InvalidInputError(
            f"labels {table.path} must have a column {_LABEL!r} of +1 (normal), -1 (anomaly) and 0, or a column "
            f"{_ANSWER!r}; it has {listed(table.names)}. --answer-column names another."
        )
    values = {word(cell) for cell in table.read([], keep=[column]).kept[column].to_pylist()}
    declared = meaning.table()
    if declared and any(value in declared for value in values):
        return column, meaning
    values.discard("")
    if values <= set(_WORDS.table()):
        return column, _WORDS
    if values <= set(_OURS.table()) and "-1" in values:
        return column, _OURS
    return column, Meaning()


class AnswerJoin:
    """Answers as they are joined to the rows of a table, called `where`, that come in batches."""

    def __init__(self, answers: Answers, where: str) -> None:
        self._answers, self._where = answers, where
        self._rows: dict[str, int] = {}
        self._some: list[str] = []
        self._numbered = False

    def labels(self, ids: Any, first: int) -> NDArray[np.int8]:
        """Return the answers of the next rows, (n,), by their ids; the first of them has the number `first`.

        An id of an answer that two rows have raises InvalidInputError.
        """
        known, found = self._answers.labels, np.zeros(len(ids), dtype=np.int8)
        texts, self._numbered = _texts(ids), isinstance(ids, range)
        self._some += texts[: _SUGGESTED - len(self._some)] if len(self._some) < _SUGGESTED else []
        for place, text in enumerate(texts):
            if text not in known:
                continue
            row = first + place
            if (before := self._rows.setdefault(text, row)) != row:
                raise InvalidInputError(
                    f"labels of {self._answers.where} must each name one row of {self._where}; "
                    f"{self._answers.id_name} {text!r} is in rows {before:,} and {row:,}. "
                    f"Name another --id-column, or give the rows' numbers in a column {NUMBERS!r}."
                )
            found[place] = known[text]
        return found

    def refuse_unknown(self) -> None:
        """Raise InvalidInputError if an answer is of no row that came."""
        unknown = [id for id in self._answers.labels if id not in self._rows]
        if not unknown:
            return
        near = suggestion(unknown[0], self._some) or f"The first are {', '.join(self._some[:_NAMED])}."
        near = "They are numbered from 1." if self._numbered else near
        raise InvalidInputError(
            f"labels of {self._answers.where} must be of rows of {self._where}; {self._answers.id_name} "
            f"{listed(unknown[:_NAMED])} {'is' if len(unknown) == 1 else 'are'} not among them"
            f"{f' ({len(unknown):,} in all)' if len(unknown) > _NAMED else ''}. "
            f"{near} Remove the lines, or name the file that they are from."
        )


def _texts(ids: Any) -> list[str]:
    """Return ids as texts that are equal where they mean the same."""
    if isinstance(ids, range):
        return list(map(str, ids))
    cells = ids.to_pylist() if isinstance(ids, pa.Array | pa.ChunkedArray) else ids
    return [str(cell) if type(cell) is int else word(cell) for cell in cells]
