"""Reasons for the most anomalous rows of a table file, read in batches in constant memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.inputs import Data
from askew.scoring.listener import Listener
from askew.scoring.row_source import RowSource, join_rows, take_rows
from askew.scoring.table_source import FILE

if TYPE_CHECKING:
    from askew.explain import ContactSheet, Explanation


_EXACT = 1e15  # whole numbers below it are written in full


@dataclass(frozen=True)
class TableReasons:
    """The explanation of a table's most anomalous rows, most anomalous first.

    Each row has its reasons, its id (`id_name`; or else its number from 1), and whether it is flagged; at most
    `n_features` of each are told. The other numbers are of the whole table; `files` are those that the rows are from
    (empty: the table is one file).
    """

    why: Explanation
    names: Sequence[Any]
    flagged: NDArray[np.bool_]
    n_features: int
    n_rows: int
    n_anomalies: int
    id_name: str
    files: Sequence[str] = ()

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One line per row and feature, without the contribution in the score's unit."""
        lines = self.why.top(self.n_features).drop(columns="contribution")
        if self.files:
            lines.insert(0, FILE, [self.files[row] for row in lines["row"]])
        lines["row"] = [self.names[row] for row in lines["row"]]
        return lines.rename(columns={"row": self.id_name})

    def sentences(self, data: Data) -> tuple[str, str]:
        """Return what of the rows is flagged, and where the reasons come from."""
        return (
            f"{data}: {self.n_rows:,} rows, {self.n_anomalies:,} flagged as anomalies.",
            f"Contributions by {self.why.method}, expected values by {self.why.expected_by}.",
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON, row by row."""
        top = self.why.top(self.n_features)
        keys = ["feature", "observed", "expected", "contribution", "share"]
        rows = [
            ({FILE: self.files[i]} if self.files else {})
            | {
                self.id_name: _plain(name),
                "score": float(self.why.scores[i]),
                "prediction": -1 if self.flagged[i] else 1,
                "features": [
                    {key: _plain(cell) for key, cell in line.items()}
                    for line in top.loc[top["row"] == i, keys].to_dict("records")
                ],
            }
            for i, name in enumerate(self.names)
        ]
        about = {"method": self.why.method, "expected_by": self.why.expected_by}
        return about | {"n_rows": self.n_rows, "n_anomalies": self.n_anomalies, "rows": rows}


def table_reasons(
    source: RowSource, top: int, n_features: int, seed: int, listener: Listener, background: Any = None
) -> TableReasons:
    """Return the reasons for the `top` most anomalous rows.

    `background` has rows that stand for what is usual; a sample of those that pass does without it.
    """
    from askew.explain.model_explanation import BACKGROUND_ROWS, FEWEST_ROWS

    model = source.model
    worst, usual = SmallestKeys(top), SmallestKeys(BACKGROUND_ROWS)
    generator = np.random.default_rng(seed)
    n_rows = n_anomalies = 0
    with listener.bar("reading") as progress:
        for X, ids, fraction, part in source.batches():
            scores = model.score_samples(X)
            worst.add(X, scores, np.arange(len(scores)), ids, part)
            # the smallest of random keys are a sample of all rows without knowing how many will come
            passing = np.flatnonzero(scores >= model.offset_)
            usual.add(X, generator.random(len(passing)), passing, ids)
            n_rows += len(scores)
            n_anomalies += len(scores) - len(passing)
            progress(fraction)
    if background is None and len(usual.keys) >= FEWEST_ROWS:
        background = usual.rows
    why = model.explain(worst.rows, background=background, random_state=seed)
    flagged = why.scores < model.offset_
    files = worst.files if source.in_parts else ()
    return TableReasons(why, worst.ids, flagged, n_features, n_rows, n_anomalies, source.id_name, files)


class SmallestKeys:
    """The rows with the smallest keys among all that were added, in the order of their keys."""

    def __init__(self, n_most: int) -> None:
        self.keys: NDArray[np.float64] = np.empty(0)
        self.ids: list[Any] = []
        self.files: list[Any] = []
        self.rows: Any = None
        self._n_most = n_most

    def add(
        self, X: Any, keys: NDArray[np.float64], places: NDArray[np.intp], ids: Any, file: str | None = None
    ) -> None:
        """Add the rows of X at the places, each with its key; all are from one file."""
        first = np.argsort(keys, kind="stable")[: self._n_most]
        rows = take_rows(X, places[first])
        both = rows if self.rows is None else join_rows([self.rows, rows])
        all_keys = np.concatenate([self.keys, keys[first]])
        all_ids = [*self.ids, *(as_python(ids[int(place)]) for place in places[first])]
        all_files = [*self.files, *[file] * len(first)]
        order = np.argsort(all_keys, kind="stable")[: self._n_most]
        self.keys, self.ids, self.rows = all_keys[order], [all_ids[i] for i in order], take_rows(both, order)
        self.files = [all_files[i] for i in order]


def cell_text(cell: Any) -> str:
    """Return a value of a line as a person reads it."""
    if cell is None or cell != cell:
        return "missing"
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.0f}" if cell.is_integer() and abs(cell) < _EXACT else f"{cell:.6g}"


def as_python(cell: Any) -> Any:
    """Return an element of an array, of numpy or Arrow, as Python has it."""
    return cell.as_py() if isinstance(cell, pa.Scalar) else cell.item() if hasattr(cell, "item") else cell


def _plain(cell: Any) -> Any:
    """Return a cell as JSON has it."""
    cell = cell.item() if isinstance(cell, np.generic) else cell
    return cell if cell is None or isinstance(cell, bool | int | float | str) else str(cell)


@dataclass(frozen=True)
class ImageReasons:
    """The explanation of the most anomalous images of a `sheet`: at most `n_squares` squares of each."""

    sheet: ContactSheet
    n_squares: int

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One line per anomalous image and square, without the contribution in the score's unit."""
        top = self.sheet.why.top(self.n_squares).drop(columns="contribution")
        top = top[top["row"] < len(self.sheet.anomalous)]
        names = [self.sheet.anomalous[row].name for row in top["row"]]
        return top.assign(row=names).rename(columns={"row": "image"})

    def sentences(self, data: Data) -> tuple[str, str]:
        """Return what of the images is flagged, and where the reasons come from."""
        why = self.sheet.why
        by = "" if why.patch == 1 else f", squares of {why.patch} x {why.patch} pixels"
        return (
            f"{data}: {self.sheet.n_images:,} images, {self.sheet.n_flagged:,} flagged as anomalies.",
            f"Contributions by {why.method}{by}, expected images by {why.expected_by}.",
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON: the most anomalous images with their squares, and the most normal."""
        sheet, top = self.sheet, self.sheet.why.top(self.n_squares)
        keys = ["top", "left", "height", "width", "contribution", "share"]
        images = [
            {
                "image": case.name,
                "score": case.score,
                "prediction": -1 if case.flagged else 1,
                "squares": [
                    {str(key): cell.item() if hasattr(cell, "item") else cell for key, cell in line.items()}
                    for line in top.loc[top["row"] == i, keys].to_dict("records")
                ],
            }
            for i, case in enumerate(sheet.anomalous)
        ]
        normal = [{"image": case.name, "score": case.score} for case in sheet.normal]
        about: dict[str, Any] = {"method": sheet.why.method, "expected_by": sheet.why.expected_by}
        about |= {"n_images": sheet.n_images, "n_anomalies": sheet.n_flagged}
        return about | {"images": images, "most_normal": normal}
