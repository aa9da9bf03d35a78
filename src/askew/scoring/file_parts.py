"""A large file scored part by part, each kept until all are there, then joined to the output of the whole file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from askew.inputs import atomic_path
from askew.inputs.atomic import make_folder
from askew.inputs.parquet_rows import ParquetRows
from askew.scoring.folder_plan import RECORDS
from askew.scoring.row_files import open_writer
from askew.scoring.row_source import ReadOptions
from askew.scoring.score_file import Scoring, Summary
from askew.scoring.source_opening import open_source

_NOTES = b"notes"


class RowPart(NamedTuple):
    """Rows `start` to `stop` (not included) of a file, the `number`-th of `n_parts` parts, from 0."""

    number: int
    n_parts: int
    start: int
    stop: int


def parts_folder(folder: Path, name: str) -> Path:
    """Return where the scores of an output's parts are kept."""
    return folder / RECORDS / "parts" / hashlib.sha256(name.encode()).hexdigest()


def part_paths(folder: Path, name: str, origin: dict[str, Any], count: int) -> list[Path]:
    """Return where the scores of each part are kept; the paths say what they are of."""
    digest = hashlib.sha256(json.dumps([origin, count], sort_keys=True).encode()).hexdigest()
    return [parts_folder(folder, name) / f"{digest}-{number}.arrow" for number in range(count)]


def score_part(
    model: Any, source: Path, options: ReadOptions, part: RowPart, path: Path, report: Callable[[float], None]
) -> None:
    """Write the scores of a part to an Arrow file, whole or not at all."""
    rows = open_source(model, ParquetRows(source, part.start, part.stop, options.text_format), options)
    scoring = Scoring(rows)
    make_folder(path.parent)
    with atomic_path(path) as temporary, pa.ipc.new_file(str(temporary), scoring.schema) as writer:
        for batch, fraction in scoring.batches():
            writer.write_batch(batch)
            report(fraction)
        extra = [f"note: the model does not use {', '.join(map(repr, rows.extra))}."] if rows.extra else []
        notes = json.dumps(
            [*extra, *(f"rows {part.start + 1:,} to {part.stop:,}: {line}" for line in rows.notes())]
        )
        nothing = pa.RecordBatch.from_pylist([], schema=scoring.schema)
        writer.write_batch(nothing, custom_metadata={_NOTES: notes})


def join_parts(paths: list[Path], output: Path, kind: str, quote_formulas: bool = False) -> Summary:
    """Write the rows of all parts to the output, whole or not at all, and return what is in it."""
    summary = Summary("rows", 0)
    with ExitStack() as stack:
        files = [pa.ipc.open_file(stack.enter_context(pa.memory_map(str(path)))) for path in paths]
        temporary = stack.enter_context(atomic_path(output))
        write = stack.enter_context(open_writer(temporary, kind, files[0].schema, quote_formulas))
        for rows, notes in (each for file in files for each in _read(file)):
            if rows.num_rows:
                write(rows)
            summary.add(rows)
            summary.notes += [line for line in notes if line not in summary.notes]
    return summary


def _read(file: Any) -> Iterator[tuple[pa.RecordBatch, list[str]]]:
    for place in range(file.num_record_batches):
        rows, metadata = file.get_batch_with_custom_metadata(place)
        yield rows, json.loads(metadata[_NOTES]) if metadata else []
