"""Files of rows, written batch by batch: CSV, JSON or parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from askew.errors import InvalidInputError
from askew.inputs import check_writable

Write: TypeAlias = Callable[[pa.RecordBatch], object]


def check_output(path: Path, sources: Sequence[Path]) -> None:
    """Raise InvalidInputError if no such file can be written: an unknown ending, no folder, one of the `sources`."""
    if path.suffix.lower() not in _WRITERS:
        raise InvalidInputError(
            f"output file must end in {', '.join(_WRITERS)}; got {str(path)!r}. "
            "Choose an ending, or leave --output out for CSV on stdout."
        )
    check_writable(path, sources)


def open_writer(path: Path, kind: str, schema: pa.Schema) -> AbstractContextManager[Write]:
    """Return a context that gives a function which writes rows of `schema` to a `kind`: .csv, .json, .parquet."""
    return _WRITERS[kind.lower()](path, schema)


@contextmanager
def _csv(path: Path, schema: pa.Schema) -> Iterator[Write]:
    with path.open("wb") as file:
        header = io.StringIO()
        csv.writer(header, lineterminator="\n").writerow(schema.names)  # Arrow's own header is all in quotes
        file.write(header.getvalue().encode())
        options = arrow_csv.WriteOptions(include_header=False)
        with arrow_csv.CSVWriter(file, schema, write_options=options) as writer:
            yield writer.write


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[Write]:
    with pq.ParquetWriter(path, schema) as writer:
        yield writer.write


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
