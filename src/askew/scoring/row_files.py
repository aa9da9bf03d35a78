"""Files of rows, written batch by batch: CSV, JSON or parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from askew.errors import InvalidInputError
from askew.inputs import Data, check_writable, holds_tables, source_files
from askew.inputs.table_opening import finds, whole_pattern
from askew.plain_text import FORMULA, NUMBER, quoted_cell

Write: TypeAlias = Callable[[pa.RecordBatch], object]


def check_output(path: Path, model: Any, data: Data) -> None:
    """Raise InvalidInputError if no results can be written to `path`, before they are worked out.

    That is an unknown ending, no folder, the file of the `model`, one of the `data`, or one that the next reading of a
    folder or a pattern would take for a part of it.
    """
    if path.suffix.lower() not in _WRITERS:
        raise InvalidInputError(
            f"output file must end in {', '.join(_WRITERS)}; got {str(path)!r}. "
            "Choose an ending, or leave --output out for CSV on stdout."
        )
    check_writable(path, [*source_files(data), *([model] if isinstance(model, Path) else [])])
    if isinstance(data, Path) and _is_part(path.resolve(), data):
        raise InvalidInputError(
            f"output file {path} must be elsewhere than in the table {str(data)!r}: the next reading would take it for "
            "a part. Choose another folder."
        )


def _is_part(path: Path, data: Path) -> bool:
    """Return whether a new file would be read with a folder of tables, or by a pattern."""
    if data.is_dir():
        return holds_tables(data) and path.is_relative_to(data.resolve())
    return not data.exists() and finds(whole_pattern(data), path)


def open_writer(
    path: Path, kind: str, schema: pa.Schema, quote_formulas: bool = False
) -> AbstractContextManager[Write]:
    """Return a context that gives a function which writes rows of `schema` to a `kind`: .csv, .json, .parquet.

    In a CSV file `quote_formulas` puts an apostrophe before words that a spreadsheet program would work out.
    """
    if quote_formulas and kind.lower() == ".csv":
        return _quoted_csv(path, schema)
    return _WRITERS[kind.lower()](path, schema)


@contextmanager
def _quoted_csv(path: Path, schema: pa.Schema) -> Iterator[Write]:
    with _csv(path, schema, [quoted_cell(name) for name in schema.names]) as write:
        yield lambda rows: write(quoted_words(rows))


def quoted_words(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows with an apostrophe before each word that :func:`~askew.plain_text.quoted_cell` would quote.

    >>> quoted_words(pa.RecordBatch.from_pydict({"id": ["=1+1", "-1.5", None]})).to_pydict()
    {'id': ["'=1+1", '-1.5', None]}
    """
    columns = []
    for column, field in zip(rows.columns, rows.schema, strict=True):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            formula = pc.match_substring_regex(column, FORMULA)
            formula = pc.and_not(formula, pc.match_substring_regex(column, NUMBER))
            column = pc.if_else(
                formula,
                pc.binary_join_element_wise(pa.scalar("'", field.type), column, pa.scalar("", field.type)),
                column,
            )
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)


@contextmanager
def _csv(path: Path, schema: pa.Schema, names: Sequence[str] | None = None) -> Iterator[Write]:
    with path.open("wb") as file:
        header = io.StringIO()
        # Arrow's own header is all in quotes
        csv.writer(header, lineterminator="\n").writerow(names or schema.names)
        file.write(header.getvalue().encode())
        options = arrow_csv.WriteOptions(include_header=False)
        with arrow_csv.CSVWriter(file, schema, write_options=options) as writer:
            yield writer.write


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[Write]:
    # scores hardly repeat: to look for repetition and to compress took longer than all the rest of writing
    numbers = [field.name for field in schema if _is_number(field.type)]
    whole = [field.name for field in schema if pa.types.is_int64(field.type)]
    plain = {*whole, "score", "anomaly_score"}
    options: dict[str, Any] = {
        "use_dictionary": [name for name in schema.names if name not in numbers],
        "column_encoding": dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
        "compression": {name: "none" if name in plain else "snappy" for name in schema.names},
    }
    with pq.ParquetWriter(path, schema, **options) as writer:
        yield writer.write


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_int64(kind))


@contextmanager
def _json(path: Path, schema: pa.Schema) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        before = "[\n  "

        def write(rows: pa.RecordBatch) -> None:
            nonlocal before
            for row in rows.to_pylist():
                file.write(before + json.dumps(row, ensure_ascii=False, default=str))
                before = ",\n  "

        yield write
        file.write("\n]\n")


_WRITERS: dict[str, Callable[[Path, pa.Schema], AbstractContextManager[Write]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".json": _json,
}

KINDS = tuple(_WRITERS)
"""Endings of files of results."""
