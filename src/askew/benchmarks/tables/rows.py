"""What the tables of all protocols are made of: the numbers of a cell, CSV text, and the files that hold them."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from askew.benchmarks.runs.store import Record, Store


class Tables(Protocol):
    """A result that can be written as CSV and as Markdown."""

    def csv(self) -> str:
        """Return the rows as CSV text, with a header."""

    def markdown(self) -> str:
        """Return the tables and what belongs to them as Markdown."""


def mean_of_all(values: Sequence[float | None]) -> float | None:
    """Return the mean, or None if there is no value or one is missing.

    >>> mean_of_all([1.0, 2.0]), mean_of_all([1.0, None]), mean_of_all([])
    (1.5, None, None)
    """
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known and len(known) == len(values) else None


def cell_numbers(records: Sequence[Record]) -> dict[str, Any]:
    """Return the runs of a cell counted, and the means of those that did not fail, by the names that rows have."""
    fine = [record for record in records if record.status == "ok"]
    aurocs = [record.auroc for record in fine if record.auroc is not None]
    return {
        "n_runs": len(records),
        "n_failed": len(records) - len(fine),
        "auroc_mean": mean_of_all(aurocs),
        "auroc_std": statistics.stdev(aurocs) if len(aurocs) > 1 else None,
        "auprc_mean": mean_of_all([record.auprc for record in fine]),
        "fpr80_mean": mean_of_all([record.fpr80 for record in fine]),
    }


def as_csv(kind: type[Any], rows: Iterable[Any]) -> str:
    """Return rows of one dataclass as CSV text, with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(kind)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()


def write_tables(store: Store, result: Tables) -> None:
    """Write ``table.csv`` and ``table.md`` into the results folder."""
    store.write_text("table.csv", result.csv())
    store.write_text("table.md", result.markdown())
