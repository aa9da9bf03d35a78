"""``askew report``: a results folder as one page, as Markdown and as CSV; made from its runs alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from askew.benchmarks.protocols.classic.result import Row
from askew.benchmarks.protocols.label_loop.record import LoopStore
from askew.benchmarks.report.cells import versions
from askew.benchmarks.report.few_labels_section import FewLabelsSection
from askew.benchmarks.report.image_section import ImageSection
from askew.benchmarks.report.label_loop_section import LabelLoopSection
from askew.benchmarks.report.method_section import MethodSection
from askew.benchmarks.report.section import Section
from askew.benchmarks.report.templating import REPORT
from askew.benchmarks.result_tables.row_fields import as_csv
from askew.benchmarks.runs.store import Record, Store
from askew.errors import InvalidInputError
from askew.inputs.atomic import atomic_path, check_writable

__all__ = ["Report", "write_report"]

_OWN: tuple[type[Section], ...] = (FewLabelsSection, LabelLoopSection, ImageSection)
"""Sections of protocols that have one of their own, in the order of the page; the others come first."""

_CSV_COLUMNS = (
    *(field.name for field in fields(Row)),
    *("auroc_low", "auroc_high", "fit_seconds", "score_seconds", "average_rank", "protocol"),
)
"""The columns of the benchmark's own table, then what the report adds to all rows."""


@dataclass(frozen=True)
class Report:
    """What was written, and the sections it shows."""

    page: Path
    markdown: Path
    table: Path
    sections: tuple[Section, ...]

    @property
    def summary(self) -> list[str]:
        """One paragraph per section: what there is and what it comes to."""
        return [section.paragraph for section in self.sections]


def write_report(
    folder: Path | str, output: Path | str | None = None, reference: str | None = None
) -> Report:
    """Write a results folder's page, Markdown and CSV. Neither the network nor torch is used.

    Parameters
    ----------
    folder : path
        A results folder of ``askew bench``.
    output : path, optional
        The page; by default ``report.html`` in ``folder``, with ``report.md`` and ``report.csv``. Of a page
        ``x.html`` the others are ``x.md`` and ``x.csv`` beside it.
    reference : str, optional
        The method that the others are compared with; by default ``vae``, or the best where it was not run.

    Raises
    ------
    InvalidInputError
        If ``folder`` is missing, has no runs or a damaged one, if no run is of ``reference``, or if the
        page cannot be written.
    """
    home = Path(folder)
    sections = _sections(_records(home), reference, home)
    page = home / "report.html" if output is None else Path(output)
    if page.suffix.lower() not in (".html", ".htm"):
        raise InvalidInputError(
            f"output of report must be a page, NAME.html; got '{page}'. The other files are put beside it."
        )
    report = Report(page, page.with_suffix(".md"), page.with_suffix(".csv"), sections)
    for path in (report.page, report.markdown, report.table):
        check_writable(path)
    shown = {
        "name": home.resolve().name,
        "sections": [(section, f"{section.letter}{n}") for n, section in enumerate(sections, 1)],
        "versions": versions([record for section in sections for record in section.records]),
    }
    contents = {
        report.page: REPORT.page("page.html.j2", **shown),
        report.markdown: REPORT.text("report.md.j2", **shown),
        report.table: _csv(sections),
    }
    for path, content in contents.items():
        with atomic_path(path) as temporary:
            temporary.write_bytes(content.encode())
    return report


def _sections(records: Sequence[Record], reference: str | None, home: Path) -> tuple[Section, ...]:
    by_kind: dict[type[Section], list[Record]] = {MethodSection: [], **{kind: [] for kind in _OWN}}
    for record in records:
        own = (kind for kind in _OWN if record.run.protocol in kind.protocols)
        by_kind[next(own, MethodSection)].append(record)
    if reference is not None and not by_kind[MethodSection]:
        raise InvalidInputError(
            "reference of report must be left out for runs of few_labels, label_loop or image protocols alone; "
            f"got {reference!r}. They are not compared with one method."
        )
    made = [kind.collect(mine, reference, home) for kind, mine in by_kind.items()]
    sections = tuple(section for several in made for section in several)
    if not sections:
        command = records[0].run.protocol.replace("_", "-")
        raise InvalidInputError(
            "runs of report must be of a known grid; got runs of few_labels, label_loop or image protocols with "
            f"other settings alone. Run: askew bench {command} -o FOLDER."
        )
    return sections


def _read(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the runs of either kind by key, and what is damaged."""
    (records, damaged), (loops, torn) = Store(folder).read(), LoopStore(folder).read()
    by_path = {message.partition(": ")[0]: message for message in (*damaged, *torn)}
    for key in loops:
        del by_path[f"left out {LoopStore(folder).path(key)}"]
    return {**records, **loops}, list(by_path.values())


def _records(folder: Path) -> list[Record]:
    """Return the runs of ``folder``, which is only looked at."""
    remedy = "Make one with: askew bench classic -o FOLDER."
    if not (folder / "runs").is_dir():
        lack = f"'{folder}' has no folder runs" if folder.is_dir() else f"there is none at '{folder}'"
        raise InvalidInputError(f"folder of report must be a results folder; {lack}. {remedy}")
    records, damaged = _read(folder)
    if damaged:
        first = damaged[0].removeprefix("left out ").partition(". If it was")[0]
        more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
        raise InvalidInputError(
            f"runs of report must be whole; got {first}{more}. Delete it, or run the same askew bench again: "
            "it does the run once more."
        )
    if not records:
        raise InvalidInputError(f"folder of report must have finished runs; '{folder}' has none. {remedy}")
    return list(records.values())


def _csv(sections: Sequence[Section]) -> str:
    columns = dict.fromkeys([*_CSV_COLUMNS, *(name for section in sections for name in section.csv_columns)])
    return as_csv(list(columns), [row for section in sections for row in section.csv_rows()])
