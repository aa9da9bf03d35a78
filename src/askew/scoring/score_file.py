"""A file or a folder -> a score for every row, counts, and the most anomalous rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs import Data, atomic_path
from askew.scoring.listener import SILENCE, Listener
from askew.scoring.reason_columns import Survey, explained, reason_fields, refuse_reasons, survey
from askew.scoring.row_files import check_output, open_writer
from askew.scoring.row_source import ReadOptions, RowSource
from askew.scoring.scored_rows import Part, score_schema, scored
from askew.scoring.source_opening import open_source


class Scoring:
    """The scores of a source's rows, about to be computed; an id column that cannot be one is refused.

    `schema` is the result's; its columns are those of :func:`~askew.scoring.score_batches`, or ``path`` of images.
    """

    def __init__(self, source: RowSource, reasons: int = 0) -> None:
        self.source, self.reasons = source, reasons
        self.schema = score_schema(source.model, source.id_field(), source.in_parts, reason_fields(reasons))
        self._survey: Survey | None = None

    def look_ahead(self, n_top: int, listener: Listener, usual: Any = None) -> None:
        """Read the rows once for what reasons need, those of the flagged and of the `n_top` most anomalous rows.

        `usual` has rows that stand for what is usual; a sample of those that pass does without it.
        """
        if self.reasons:
            found = survey(self.source, n_top, listener)
            self._survey = found if usual is None else replace(found, usual=usual)

    def batches(self) -> Iterator[Part]:
        """Yield scored rows of :attr:`schema`, and how much of the source is done (0 to 1)."""
        if self._survey is None:
            yield from scored(self.source.model, self.source.batches(), self.schema)
        else:
            yield from explained(self.source, self.schema, self.reasons, self._survey)


class Summary:
    """Counts of scored rows (`n_rows`, and the `n_anomalies` that are flagged), and the `n_top` most anomalous of them.

    `unit` is what a row is, in the plural; `notes` tell of files that were skipped and of values new to the model.
    """

    def __init__(self, unit: str, n_top: int) -> None:
        self.unit, self.n_rows, self.n_anomalies = unit, 0, 0
        self.notes: list[str] = []
        self._n_top = n_top
        self._top: pa.Table | None = None

    def add(self, rows: pa.RecordBatch) -> None:
        """Count scored rows."""
        self.n_rows += rows.num_rows
        self.n_anomalies += pc.sum(pc.equal(rows.column("prediction"), -1), min_count=0).as_py()
        if self._n_top:
            table = pa.Table.from_batches([rows])
            table = table if self._top is None else pa.concat_tables([self._top, table])
            order = pc.sort_indices(table, sort_keys=[("score", "ascending")])
            self._top = table.take(order[: self._n_top]).combine_chunks()

    def counts(self) -> dict[str, Any]:
        """Return the counts for a JSON summary, and what was new in the rows."""
        return {"n_rows": self.n_rows, "n_anomalies": self.n_anomalies, "notes": self.notes}

    def top_rows(self) -> list[dict[str, Any]]:
        """Return the rows kept, the most anomalous first."""
        return [] if self._top is None else list(self._top.to_pylist())


def score_file(
    model: Any,
    data: Data,
    output: Path | None = None,
    options: ReadOptions | None = None,
    top: int = 0,
    listener: Listener = SILENCE,
    *,
    reasons: int = 0,
) -> Summary:
    """Score every row of a table, or every image of a folder, in constant memory.

    Parameters
    ----------
    model
        A fitted model, or the path of its file.
    data
        A table: a file, a folder or a pattern of files, an address (:func:`~askew.inputs.open_table`); or a folder of
        images.
    output
        A ``.parquet``, ``.csv`` or ``.json`` file to write all scores to, whole or not at all.
    options, top
        How the rows are read and their words written, and how many of the most anomalous the summary keeps.
    reasons
        How many reasons the flagged rows and the most anomalous ones have beside their scores, in columns
        ``reason_1`` (the name of a column), ``reason_1_value``, ``reason_1_expected``, ``reason_1_share``, and so on.
        The rows are read twice then.
    listener
        Who is told how it goes.

    Data that do not fit the model, or an output that cannot be written, raise InvalidInputError; a file that cannot be
    read raises DataFileError or ModelFileError.
    """
    quoting = options is not None and options.quote_formulas
    if output is not None:
        check_output(output, model, data)
    if reasons:
        refuse_reasons(model, data)
    source = open_source(model, data, options)
    scoring = Scoring(source, reasons)
    if source.extra:
        listener.note(f"note: the model does not use {', '.join(repr(name) for name in source.extra)}.")
    summary = Summary(source.unit, top)
    scoring.look_ahead(top, listener)
    with ExitStack() as stack:
        path = None if output is None else stack.enter_context(atomic_path(output))
        progress = stack.enter_context(listener.bar("scoring"))
        if output is not None and path is not None:
            write = stack.enter_context(open_writer(path, output.suffix, scoring.schema, quoting))
        for rows, fraction in scoring.batches():
            if path is not None and rows.num_rows:  # else they wait for the rows to come
                write(rows)
            summary.add(rows)
            progress(fraction)
    summary.notes = source.notes()
    for line in summary.notes:
        listener.note(line)
    return summary
