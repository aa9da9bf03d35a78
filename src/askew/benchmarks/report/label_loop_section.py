"""The part of a report on label_loop: anomalies found against the number of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from askew.benchmarks.protocols.label_loop import protocol as label_loop
from askew.benchmarks.protocols.label_loop.record import CHECKPOINTS
from askew.benchmarks.protocols.label_loop.result import LoopResult, LoopRow
from askew.benchmarks.report.figures.answers import answer_curves
from askew.benchmarks.report.section import TableSection
from askew.benchmarks.report.templating import REPORT
from askew.benchmarks.result_tables.cell_text import PAGE


@dataclass(frozen=True, kw_only=True)
class LabelLoopSection(TableSection):
    """The runs of label_loop in a folder, and the table they make."""

    protocols = ("label_loop",)
    template = "label_loop.html.j2"
    letter = "l"
    csv_columns = tuple(field.name for field in fields(LoopRow))

    result: LoopResult

    @classmethod
    def collect(
        cls, records: Sequence[Any], reference: str | None = None, folder: Path | None = None
    ) -> tuple[Self, ...]:
        """Return one section, of the grid's part that the folder has; none without runs of the grid."""
        full = label_loop.PRESETS["paper"]
        methods, datasets = (
            [name for name in known if name in {getattr(record.run, which) for record in records}]
            for known, which in ((full.methods, "method"), (full.datasets, "dataset"))
        )
        if not methods or not datasets:
            return ()
        by_key = {record.run.key: record for record in records}
        seeds = sorted({record.run.seed for record in records})
        plan = label_loop.plan("paper", methods=methods, datasets=datasets, seeds=seeds)
        ordered = tuple(by_key[run.key] for run in plan.runs if run.key in by_key)
        other = len(records) - len(ordered)
        return (cls(result=LoopResult.of(plan, by_key), records=ordered, other=other),) if ordered else ()

    @property
    def title(self) -> str:
        """The protocol, and what its tables and curves show."""
        return "label_loop: anomalies found against the number of answers"

    @property
    def summary(self) -> list[str]:
        """What there is, and how our loop does beside coniferest's."""
        return [f"{self.result.title}.", *REPORT.say("outside", self.other), *self.result.verdict()]

    def parts(self) -> dict[str, Any]:
        """Return tables and curves of groups of tables, tests, and each table's curves and numbers."""
        result, tests = self.result, self.result.over_tables()
        return {
            "groups": [
                (heading, result.overview(names, PAGE).parts, answer_curves(result, names, heading))
                for heading, names in result.groups()
            ],
            "tests": result.tests(tests).parts if tests else None,
            "curves": [(name, answer_curves(result, (name,), name)) for name in result.complete],
            "found": [(answers, result.found(answers, PAGE).parts) for answers in CHECKPOINTS],
            "notes": result.notes(),
        }
