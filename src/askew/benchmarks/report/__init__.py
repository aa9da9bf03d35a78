"""``askew report``: a results folder as one page, as Markdown and as CSV; made from its runs alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypeAlias

from askew.benchmarks.protocols.classic.result import Row
from askew.benchmarks.protocols.images.grids import PROTOCOLS
from askew.benchmarks.report.collect import Section, collect
from askew.benchmarks.report.few_labels import PROTOCOL, FewLabelsSection, collect_few_labels, lines
from askew.benchmarks.report.images import CSV_COLUMNS, ImageSection, collect_images
from askew.benchmarks.report.images import lines as image_lines
from askew.benchmarks.runs.store import Record, Store
from askew.errors import InvalidInputError
from askew.inputs.atomic import atomic_path, check_writable

__all__ = ["Report", "write_report"]

AnySection: TypeAlias = Section | FewLabelsSection | ImageSection


@dataclass(frozen=True)
class Report:
    """What was written, and the sections it shows."""

    page: Path
    markdown: Path
    table: Path
    sections: tuple[AnySection, ...]

    @property
    def summary(self) -> list[str]:
        """One paragraph per section: what there is and what it comes to."""
        from askew.benchmarks.report import words

        return [
            f"{words.setting(s)}: {' '.join(words.summary(s))}"
            if isinstance(s, Section)
            else " ".join(s.summary)
            for s in self.sections
        ]


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
    table = page.with_suffix(".csv")
    text = page.with_suffix(".md")
    if page.suffix.lower() not in (".html", ".htm"):
        raise InvalidInputError(
            f"output of report must be a page, NAME.html; got '{page}'. The other files are put beside it."
        )
    for path in (page, text, table):
        check_writable(path)
    from askew.benchmarks.report.markdown import markdown
    from askew.benchmarks.report.page import html

    name = home.resolve().name
    contents = {page: html(sections, name), text: markdown(sections, name), table: _csv(sections)}
    for path, content in contents.items():
        with atomic_path(path) as temporary:
            temporary.write_bytes(content.encode())
    return Report(page, text, table, sections)


def _sections(records: Sequence[Record], reference: str | None, home: Path) -> tuple[AnySection, ...]:
    few = [record for record in records if record.run.protocol == PROTOCOL]
    images = [record for record in records if record.run.protocol in PROTOCOLS]
    others = [record for record in records if record.run.protocol not in (PROTOCOL, *PROTOCOLS)]
    if reference is not None and not others:
        raise InvalidInputError(
            f"reference of report must be left out for runs of few_labels or image protocols alone; got {reference!r}. "
            "They are not compared with one method."
        )
    found: list[AnySection] = [
        *collect(others, reference),
        *collect_few_labels(few),
        *collect_images(images, home),
    ]
    if not found:
        command = records[0].run.protocol.replace("_", "-")
        raise InvalidInputError(
            "runs of report must be of a known grid; got runs of few_labels or image protocols with other settings "
            f"alone. Run: askew bench {command} -o FOLDER."
        )
    return tuple(found)


def _records(folder: Path) -> list[Record]:
    """Return the runs of ``folder``, which is only looked at."""
    remedy = "Make one with: askew bench classic -o FOLDER."
    if not folder.is_dir():
        raise InvalidInputError(
            f"folder of report must be a results folder; there is none at '{folder}'. {remedy}"
        )
    if not (folder / "runs").is_dir():
        raise InvalidInputError(
            f"folder of report must be a results folder; '{folder}' has no folder runs. {remedy}"
        )
    records, damaged = Store(folder).read()
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


def _csv(sections: Sequence[AnySection]) -> str:
    """Return one line per cell: the columns of the benchmark's own table, then what the report adds."""
    own = [field.name for field in fields(Row)]
    extra = ["auroc_low", "auroc_high", "fit_seconds", "score_seconds", "average_rank", "protocol"]
    text = io.StringIO()
    few = any(isinstance(section, FewLabelsSection) for section in sections)
    images = any(isinstance(section, ImageSection) for section in sections)
    columns = own + extra + (["regime", "m"] if few else []) + (list(CSV_COLUMNS) if images else [])
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for section in sections:
        if isinstance(section, FewLabelsSection):
            writer.writerows(lines(section))
            continue
        if isinstance(section, ImageSection):
            writer.writerows(image_lines(section))
            continue
        for dataset in section.datasets:
            for method in section.methods:
                cell = section.cells.get((dataset, method))
                if cell is None:
                    continue
                low, high = cell.interval or (None, None)
                times = (cell.fit_seconds, cell.score_seconds)
                added = (low, high, *times, section.ranks.rank(method), section.protocol)
                writer.writerow(asdict(cell.row) | dict(zip(extra, added, strict=True)))
    return text.getvalue()
