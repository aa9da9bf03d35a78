"""The part of a report on few_labels: tables by regime, and AUROC against the number of labelled anomalies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from askew import index
from askew.benchmarks.protocols.few_labels import protocol as few_labels
from askew.benchmarks.protocols.few_labels.result import MEANING, FewLabelsResult
from askew.benchmarks.report.figures.curves import label_curves
from askew.benchmarks.report.section import TableSection
from askew.benchmarks.report.templating import REPORT
from askew.benchmarks.result_tables.cell_text import PAGE
from askew.benchmarks.runs.method import choices
from askew.benchmarks.runs.store import Record


@dataclass(frozen=True, kw_only=True)
class FewLabelsSection(TableSection):
    """The runs of few_labels in a folder, and the table they make."""

    protocols = ("few_labels",)
    template = "few_labels.html.j2"
    letter = "f"
    csv_columns = ("regime", "m")

    result: FewLabelsResult

    @classmethod
    def collect(
        cls, records: Sequence[Record], reference: str | None = None, folder: Path | None = None
    ) -> tuple[Self, ...]:
        """Return one section, of the grid's part that the folder has; none without runs of the grid."""
        known = choices(index.tabular(), test_tuned=False)
        present = {record.run.method for record in records if record.run.method in known}
        methods = [name for name in (*few_labels.METHODS, *known) if name in present]
        tables = {record.run.dataset for record in records}
        datasets = [name for name in few_labels.DATASETS if name in tables]
        if not methods or not datasets:
            return ()
        by_key = {record.run.key: record for record in records}
        plan = few_labels.plan(
            "paper", methods=methods, datasets=datasets, seeds=sorted({record.run.seed for record in records})
        )
        ordered = tuple(by_key[run.key] for run in plan.runs if run.key in by_key)
        other = len(records) - len(ordered)
        return (
            (cls(result=FewLabelsResult.of(plan, by_key), records=ordered, other=other),) if ordered else ()
        )

    @property
    def title(self) -> str:
        """The protocol, and what its tables and curves show."""
        return "few_labels: AUROC against the number of labelled anomalies"

    @property
    def summary(self) -> list[str]:
        """What there is, and where a plain classifier wins."""
        wins = [line for regime in self.result.regimes for line in self.result.contest_sentences(regime)[:1]]
        return [f"{self.result.title}.", *REPORT.say("outside", self.other), *wins]

    def parts(self) -> dict[str, Any]:
        """Return tables and curves by regime."""
        return {
            "regimes": [self._regime(regime) for regime in self.result.regimes],
            "notes": self.result.notes(),
        }

    def _regime(self, regime: str) -> dict[str, Any]:
        names = self.result.datasets_of(regime)
        return {
            "meaning": MEANING.get(regime, regime),
            "overview": self.result.overview(regime, PAGE).parts,
            "contests": self.result.contest_sentences(regime),
            "curves": [(name, label_curves(self.result, regime, name)) for name in names],
            "tables": [(name, *self.result.per_dataset(regime, name, PAGE).parts) for name in names],
        }
