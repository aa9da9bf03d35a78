"""AUROC on one data set: a row per method with its seeds, mean, interval and published number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from askew.benchmarks.report import svg
from askew.benchmarks.report.cells import Cell
from askew.benchmarks.report.phrases import spread
from askew.benchmarks.tables.cell_text import percent

_WIDTH, _ROW, _LONGEST = 380, 24, 20


def dots(dataset: str, cells: Mapping[str, Cell]) -> Markup:
    """Return the dot plot of a data set, whose cells come by method; narrow screens show one per row."""
    means = [cell.row.auroc_mean for cell in cells.values() if cell.row.auroc_mean is not None]
    best = max(means, default=None)
    left = 14 + svg.CHARACTER * max(len(svg.shorten(name, _LONGEST)) for name in cells)
    low, high = domain([value for cell in cells.values() for value in _values(cell)], least=0.005)
    scale = svg.Scale(100 * low, 100 * high, left, _WIDTH - 50)
    bottom = 8 + _ROW * len(cells)
    places = svg.ticks(scale.low, scale.high, 4)
    parts = [part for at in places for part in svg.column(scale, at, (4, bottom), bottom + 16)]
    for number, (name, cell) in enumerate(cells.items()):
        class_ = " best" if best is not None and cell.row.auroc_mean == best else ""
        y = 8 + _ROW * (number + 0.5)
        parts.append(svg.text(svg.shorten(name, _LONGEST), left - 12, y + 4, f"label{class_}", "end"))
        parts += _row(cell, scale, y, class_)
    return svg.picture(_WIDTH, bottom + 22, f"AUROC in percent on {dataset}", "dots", *parts)


def _row(cell: Cell, scale: svg.Scale, y: float, class_: str) -> Iterator[Markup]:
    def x(value: float) -> float:
        return scale(100 * value)

    for auroc in cell.aurocs.values():
        yield svg.line(x(auroc), y - 5, x(auroc), y + 5, "seed")
    if cell.interval:
        yield svg.line(x(cell.interval.low), y, x(cell.interval.high), y, "interval")
    printed = cell.row.published_mean
    if printed is not None:
        yield svg.diamond(
            x(printed), y, 6.5, "published", f"published {spread(printed, cell.row.published_std)}"
        )
    mean = cell.row.auroc_mean
    if mean is None:
        yield svg.text("all runs failed", scale.start + 6, y + 4, "failed")
        return
    ends = cell.interval and f", 95 % interval {percent(cell.interval.low)} to {percent(cell.interval.high)}"
    yield svg.circle(x(mean), y, 4.5, f"mean{class_}", f"{cell.row.method}: {percent(mean)}{ends or ''}")
    yield svg.text(percent(mean), _WIDTH - 4, y + 4, f"number{class_}", "end")


def _values(cell: Cell) -> Iterator[float]:
    yield from cell.aurocs.values()
    yield from cell.interval or ()
    if cell.row.published_mean is not None:
        yield cell.row.published_mean


def domain(values: Sequence[float], least: float) -> tuple[float, float]:
    """Return the range of ``values`` with a margin, at least ``least`` wide, and a whole [0, 1] for none."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = max(0.05 * (high - low), least / 2 if high - low < least else 0.0)
    return low - margin, high + margin
