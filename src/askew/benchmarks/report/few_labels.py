"""The report's part on few_labels: from its runs to what the page and the Markdown show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from askew import index
from askew.benchmarks.protocols.few_labels import protocol as few_labels
from askew.benchmarks.protocols.few_labels.result import MEANING, FewLabelsResult
from askew.benchmarks.report import curves, words
from askew.benchmarks.runs.method import choices
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables.cell_text import PAGE

PROTOCOL = "few_labels"


@dataclass(frozen=True)
class FewLabelsSection:
    """The runs of few_labels in a folder, and the result they make.

    ``other`` counts runs that are not in the protocol's grid: other settings or unknown names.
    """

    result: FewLabelsResult
    records: tuple[Record, ...]
    other: int

    @property
    def failures(self) -> tuple[Record, ...]:
        """The runs that failed."""
        return tuple(record for record in self.records if record.status != "ok")

    @property
    def summary(self) -> list[str]:
        """What there is, and where a plain classifier wins."""
        first = [self.result.contest_sentences(regime)[:1] for regime in self.result.regimes]
        return [
            f"{self.result.title}.",
            *words.outside(self.other),
            *(line for lines in first for line in lines),
        ]


def collect_few_labels(records: Sequence[Record]) -> tuple[FewLabelsSection, ...]:
    """Return the section of a folder's runs of few_labels, or none.

    The plan is the protocol's grid with the methods, data sets and seeds that the folder has.
    """
    if not records:
        return ()
    known = choices(index.tabular(), test_tuned=False)
    present = {record.run.method for record in records if record.run.method in known}
    tables = {record.run.dataset for record in records}
    used = [name for name in few_labels.DATASETS if name in tables]
    order = [name for name in (*few_labels.METHODS, *known) if name in present]
    by_key = {record.run.key: record for record in records}
    seeds = sorted({record.run.seed for record in records})
    plan = few_labels.plan("paper", order, used, seeds) if order and used else None
    ordered = tuple(by_key[run.key] for run in plan.runs if run.key in by_key) if plan else ()
    if plan is None or not ordered:
        return ()
    return (FewLabelsSection(FewLabelsResult.of(plan, by_key), ordered, len(records) - len(ordered)),)


def view(section: FewLabelsSection, number: int) -> dict[str, Any]:
    """Return what the template shows of a section."""
    result = section.result
    return {
        "id": f"f{number}",
        "title": f"{PROTOCOL}: AUROC against the number of labelled anomalies",
        "summary": section.summary,
        "tiles": [
            (f"{len(section.records):,}", "runs done"),
            (f"{len(section.failures):,}", "of them failed"),
            (str(len(result.methods)), "methods"),
        ],
        "regimes": [_regime(result, regime) for regime in result.regimes],
        "notes": result.notes(),
        "failures": sorted({(r.run.method, r.run.dataset, r.error or "") for r in section.failures}),
    }


def _regime(result: FewLabelsResult, regime: str) -> dict[str, Any]:
    names = result.datasets(regime)
    return {
        "meaning": MEANING.get(regime, regime),
        "overview": result.overview(regime, PAGE).parts,
        "words": result.contest_sentences(regime),
        "curves": [(name, curves.curves(result, regime, name)) for name in names],
        "tables": [(name, *result.per_dataset(regime, name, PAGE).parts) for name in names],
    }


def markdown(section: FewLabelsSection) -> str:
    """Return the section as Markdown, its headings one level lower than those of a table of its own."""
    text = section.result.markdown().rstrip()
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in text.splitlines())


def lines(section: FewLabelsSection) -> list[dict[str, Any]]:
    """Return the section's cells for the report's CSV."""
    return [asdict(row) | {"protocol": PROTOCOL} for row in section.result.rows]
