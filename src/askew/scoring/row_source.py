"""Rows to score, of whatever kind: a table file or a folder of images behind one protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import InvalidInputError
from askew.inputs import Data, TextFormat


class RowBatch(NamedTuple):
    """Consecutive rows as the model takes them, what each is called, and how much of the source is read, 0 to 1.

    Of a table in several files, `part` is the name of the one that they are from.
    """

    X: Any
    ids: Any
    fraction: float
    part: str | None = None


class RowSource(Protocol):
    """Rows that are read for one model, batch after batch in constant memory."""

    model: Any
    """The fitted model."""

    unit: str
    """What a row is, in the plural: ``"rows"`` or ``"images"``."""

    id_name: str
    """What names the rows: the id column, ``row`` or ``path``."""

    in_parts: bool
    """Whether the rows are from several files, which the result names in a column ``file``."""

    extra: tuple[str, ...]
    """Columns that nobody knows: neither features, nor the id, nor in the training file."""

    def id_field(self) -> pa.Field:
        """Return what names the rows, with its type; refuse a column that cannot be an id."""

    def batches(self) -> Iterator[RowBatch]:
        """Yield the rows in order."""

    def notes(self) -> list[str]:
        """Return what is to be said of the rows so far: files that were skipped, values new to the model."""


@dataclass(frozen=True)
class ReadOptions:
    """How the rows of a source are read, and their words written."""

    id_column: str | None = None
    """Of a table, the column that names the rows; they are numbered from 1 without it."""
    ignore_extra: bool = False
    """Of a table, whether columns that the training table did not have play no part; else they are refused."""
    skip_corrupt: bool = False
    """Of a folder, whether files that cannot be read are left out; else they are refused."""
    text_format: TextFormat = field(default_factory=TextFormat)
    """Of a table, how its text is written where it is not as the model knows it."""
    quote_formulas: bool = False
    """Of a CSV file of results, whether words that a spreadsheet program would work out get an apostrophe."""

    def check(self, data: Data, images: bool) -> None:
        """Raise InvalidInputError if an option is not for data like these, images or a table."""
        if images:
            options = {"--id-column": self.id_column, "--ignore-extra": self.ignore_extra}
            refuse_table_options(**options, **self.text_format.options())
        else:
            refuse_image_options(data, **{"--skip-corrupt": self.skip_corrupt})


def refuse_table_options(**options: object) -> None:
    """Refuse options of tables, by their spelling, that were given with images."""
    for option, value in options.items():
        if value:
            raise InvalidInputError(
                f"{option} must be left out for a folder of images: it is about tables. A folder is one of tables if "
                "it has some, and no image."
            )


def refuse_image_options(data: Data, **options: object) -> None:
    """Refuse options of images, by their spelling, that were given with a table."""
    for option, value in options.items():
        if value:
            raise InvalidInputError(
                f"{option} must be left out unless DATA is a folder of images; got {str(data)!r}. "
                "Name the folder, or leave the option out."
            )


def take_rows(X: Any, places: NDArray[np.intp]) -> Any:
    """Return the rows at the places."""
    if isinstance(X, np.ndarray):
        return X[places]
    return X.iloc[places].reset_index(drop=True) if isinstance(X, pd.DataFrame) else X.take(places)


def join_rows(parts: Sequence[Any]) -> Any:
    """Return the rows of all parts, which are of one kind."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    if isinstance(parts[0], pd.DataFrame):
        return pd.concat(parts, ignore_index=True)
    return pa.concat_tables(parts)
