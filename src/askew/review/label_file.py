"""The answers of a session as a table: a label column beside the ids, or beside the whole data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from askew.errors import InvalidInputError, must
from askew.inputs import atomic_path, check_writable
from askew.review.answers import LABELS, Answers
from askew.review.people import WORDS
from askew.review.questions import Said
from askew.review.rows import ReviewRows
from askew.scoring import open_writer

_ENDINGS = (".csv", ".parquet", ".json")
_COLUMNS = ("label", "answer", "reason", "reviewer", "at")


def write_answers(path: Path, answers: Answers, rows: ReviewRows, quote_formulas: bool = False) -> int:
    """Write a line for each row with an answer: its id, label, answer, reason, reviewer and time; return how many.

    A row on which people differ has label 0 and the answer ``"conflict"``.
    """
    _check(path)
    if rows.id_name in _COLUMNS:
        raise InvalidInputError(
            f"id column must not be called like a column of the answers ({', '.join(_COLUMNS)}); got "
            f"{rows.id_name!r}. Rename it in the data."
        )
    places = np.flatnonzero(answers.answered).tolist()
    lines: list[dict[str, Any]] = []
    for row in places:
        answer, holds = _held(answers, row)
        lines.append(
            {
                "label": answers.holds(row),
                "answer": answer,
                "reason": "; ".join(dict.fromkeys(each.reason for each in holds if each.reason)),
                "reviewer": "; ".join(each.reviewer for each in holds),
                "at": max(each.at for each in holds),
            }
        )
    ids = [rows.ids[row] for row in places]
    kind = pa.int64() if all(isinstance(id, int) for id in rows.ids) else pa.string()
    columns: dict[str, Any] = {
        rows.id_name: pa.array([id if kind == pa.int64() else str(id) for id in ids], kind)
    }
    columns["label"] = pa.array([line["label"] for line in lines], pa.int8())
    for name in _COLUMNS[1:]:
        columns[name] = pa.array([line[name] for line in lines], pa.string())
    _write(path, pa.table(columns), quote_formulas)
    return len(lines)


def _held(answers: Answers, row: int) -> tuple[str, list[Said]]:
    """Return the answer that holds for a row, and who gave it."""
    if row in answers.settled:
        return answers.settled[row].answer, [answers.settled[row]]
    said = [each.said for each in answers.standing[row].values()]
    label = answers.holds(row)
    if label:
        return WORDS[label], [each for each in said if LABELS[each.answer] == label]
    differ = any(LABELS[each.answer] for each in said)
    return ("conflict" if differ else "unsure"), said


def write_data(
    path: Path, answers: Answers, rows: ReviewRows, column: str, quote_formulas: bool = False
) -> int:
    """Write all rows with their ids, unless these are numbers, raw columns and labels; return how many they are."""
    _check(path)
    if rows.of_images:
        raise InvalidInputError(
            "data of ReviewSession.export must be left out for images: a table has no place for them. "
            "Export the answers alone."
        )
    if column in rows.columns:
        remedy = "Give another name, such as column='reviewed'."
        raise InvalidInputError(
            must("column", "ReviewSession.export", "no column of the data", column, remedy)
        )
    table = rows.raw if rows.raw is not None else _table(rows.X, rows.columns)
    numbered = list(rows.ids) in (list(range(len(rows))), list(range(1, len(rows) + 1)))
    if rows.id_name not in table.column_names and not numbered:  # a number would be learned from
        table = table.add_column(0, rows.id_name, pa.array(list(rows.ids)))
    labels = pa.array(np.asarray(answers.labels), pa.int8())
    _write(path, table.append_column(column, labels), quote_formulas)
    return len(rows)


def _table(X: Any, columns: tuple[str, ...]) -> pa.Table:
    if isinstance(X, pa.Table):
        return X
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X, columns=list(columns))
    return pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)


def _check(path: Path) -> None:
    if path.suffix.lower() not in _ENDINGS:
        raise InvalidInputError(
            f"file of answers must end in {', '.join(_ENDINGS)}; got {str(path)!r}. Choose an ending."
        )
    check_writable(path)


def _write(path: Path, table: pa.Table, quote_formulas: bool) -> None:
    with (
        atomic_path(path) as temporary,
        open_writer(temporary, path.suffix, table.schema, quote_formulas) as write,
    ):
        for batch in table.combine_chunks().to_batches():
            write(batch)
