"""What every part of a report can do, so that neither the page nor the files ask which protocol it is of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from askew.benchmarks.result_tables.table import Table
from askew.benchmarks.runs.store import Record


@dataclass(frozen=True, kw_only=True)
class Section(ABC):
    """The runs of a folder that belong together, and how they are shown.

    ``protocols`` are those whose runs are shown so, ``template`` is the part of the page, which gets the section as
    ``s`` and what :meth:`parts` returns, ``letter`` begins its anchor, and ``csv_columns`` are its own in the CSV.
    """

    protocols: ClassVar[Collection[str]] = ()
    template: ClassVar[str]
    letter: ClassVar[str]
    csv_columns: ClassVar[tuple[str, ...]] = ()

    records: tuple[Record, ...]

    @classmethod
    @abstractmethod
    def collect(
        cls, records: Sequence[Record], reference: str | None = None, folder: Path | None = None
    ) -> tuple[Self, ...]:
        """Return the sections of runs that this kind takes.

        ``reference`` is the method that the others are compared with; ``folder`` may hold more than runs.
        """

    @property
    @abstractmethod
    def title(self) -> str:
        """The heading on the page."""

    @property
    @abstractmethod
    def summary(self) -> list[str]:
        """Sentences: what there is, and what it comes to."""

    @property
    def paragraph(self) -> str:
        """The summary as it stands alone."""
        return " ".join(self.summary)

    @property
    def failures(self) -> tuple[Record, ...]:
        """The runs that failed."""
        return tuple(record for record in self.records if record.status != "ok")

    @abstractmethod
    def parts(self) -> dict[str, Any]:
        """Return pictures and tables for the template, by their names there."""

    @abstractmethod
    def markdown(self) -> str:
        """Return the section as Markdown, without pictures; its heading is of the second level."""

    @abstractmethod
    def csv_rows(self) -> list[dict[str, Any]]:
        """Return the cells for the report's CSV, by column."""


@dataclass(frozen=True, kw_only=True)
class TableSection(Section):
    """A section that shows a protocol's own table; ``other`` counts runs that are not in the protocol's grid."""

    result: Table[Any, Any, Any]
    other: int

    @property
    def reasons(self) -> list[tuple[str, str, str]]:
        """Method, data set and reason of the runs that failed, each once."""
        return sorted({(r.run.method, r.run.dataset, r.error or "") for r in self.failures})

    def markdown(self) -> str:
        """Return the table's Markdown, its headings one level lower."""
        lines = self.result.markdown().rstrip().splitlines()
        return "\n".join(f"#{line}" if line.startswith("#") else line for line in lines)

    def csv_rows(self) -> list[dict[str, Any]]:
        """Return the table's rows with protocol and, where others have it too, preset."""
        shared = {"protocol": self.result.protocol, "preset": self.result.preset}
        kept = {name: value for name, value in shared.items() if name in ("protocol", *self.csv_columns)}
        return [asdict(row) | kept for row in self.result.rows]
