"""The report as one HTML page that needs nothing else: style and pictures are inside, scripts are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from askew.benchmarks.report import figures, rank_plot, words
from askew.benchmarks.report.collect import Cell, Section
from askew.benchmarks.report.few_labels import FewLabelsSection
from askew.benchmarks.report.few_labels import view as few_view
from askew.benchmarks.report.images import ImageSection
from askew.benchmarks.report.images import view as image_view
from askew.benchmarks.tables.cell_text import percent

WIDE, NARROW = 540, 350
"""Widths in px of a picture that is drawn twice, for wide screens and for telephones."""


@dataclass(frozen=True)
class Tile:
    """A number worth seeing first."""

    value: str
    label: str


def html(sections: Sequence[Section | FewLabelsSection | ImageSection], name: str) -> str:
    """Return the page.

    Parameters
    ----------
    sections : sequence of Section, FewLabelsSection and ImageSection
        At least one.
    name : str
        Of the results folder, for the title.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("askew.benchmarks.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= _FILTERS
    records = [record for section in sections for record in section.records]
    return environment.get_template("page.html.j2").render(
        name=name,
        sections=[_view(section, n) for n, section in enumerate(sections, 1) if isinstance(section, Section)],
        few_labels=[few_view(s, n) for n, s in enumerate(sections, 1) if isinstance(s, FewLabelsSection)],
        images=[image_view(s, n) for n, s in enumerate(sections, 1) if isinstance(s, ImageSection)],
        versions=words.versions(records),
        symbols=words.SYMBOLS,
    )


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "percent": percent,
    "signed": words.signed,
    "spread": words.spread,
    "seconds": words.seconds,
    "remark": words.remark,
    "p_pair": words.p_pair,
    "direction": words.direction,
}


def _view(section: Section, number: int) -> dict[str, Any]:
    """Return what the template shows of a section."""
    return {
        "id": f"s{number}",
        "data": section,
        "title": words.setting(section),
        "summary": words.summary(section),
        "tiles": _tiles(section),
        "best": {of: section.best(of) for of in section.datasets},
        "dots": [(of, figures.dots(section, of)) for of in section.datasets],
        "ranks": _twice(lambda width: rank_plot.plot(section.ranks, width), section.ranks.methods),
        "rank_words": words.rank_words(section.ranks),
        "cost": _twice(lambda width: figures.cost(section, width), section.ranks.methods),
        "costs": _costs(section),
        "against": {(row.dataset, row.first): row for row in section.against_reference},
        "test_words": words.test_words(section),
        "failures": words.troubles(section, "error"),
        "warnings": words.troubles(section, "warnings"),
        "settings": _by_method(words.settings(section)),
        "sizes": words.sizes(section),
    }


def _twice(draw: Callable[[int], Markup | None], methods: Sequence[str]) -> list[tuple[str, Markup]]:
    """Return a picture for wide and for narrow screens; none where there is nothing to draw."""
    drawn = [(kind, draw(width)) for kind, width in (("wide", WIDE), ("narrow", NARROW)) if methods]
    return [(kind, picture) for kind, picture in drawn if picture is not None]


def _tiles(section: Section) -> list[Tile]:
    cells: list[Cell] = list(section.cells.values())
    verdicts = [cell.verdict for cell in cells if cell.verdict]
    tiles = [
        Tile(f"{len(section.records):,}", "runs done"),
        Tile(f"{len(section.failures):,}", "of them failed"),
        Tile(str(len(section.methods)), "methods"),
        Tile(str(len(section.datasets)), "data sets"),
        Tile(str(len(section.seeds)), "seeds"),
    ]
    if verdicts:
        fine = sum(verdict != "below" for verdict in verdicts)
        tiles.append(Tile(f"{fine}/{len(verdicts)}", "cells as published or better"))
    return tiles


def _costs(section: Section) -> list[tuple[str, str, str, str, str]]:
    """Return by method: mean AUROC and seconds per fit over the ranked data sets, scoring, trained together."""
    rows = []
    for name in section.methods:
        cells = [section.cells[of, name] for of in section.datasets if (of, name) in section.cells]
        at = section.cost(name)
        score = [cell.score_seconds for cell in cells if cell.score_seconds is not None]
        together = sorted({record.group_size for cell in cells for record in cell.records})
        fit, quality = (words.seconds(at[0]), percent(at[1])) if at else ("–", "–")
        scoring = words.seconds(sum(score) / len(score)) if score else "–"
        rows.append((name, quality, fit, scoring, words.ranges(together)))
    return rows


def _by_method(rows: Sequence[words.Setting]) -> list[tuple[str, list[words.Setting]]]:
    found: dict[str, list[words.Setting]] = {}
    for row in rows:
        found.setdefault(row.method, []).append(row)
    return list(found.items())
