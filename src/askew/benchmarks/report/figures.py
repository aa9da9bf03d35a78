"""AUROC per data set, and cost against quality, as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from askew.benchmarks.report.collect import Cell, Section
from askew.benchmarks.report.svg import (
    CHARACTER,
    Scale,
    line,
    log_ticks,
    picture,
    shorten,
    tag,
    text,
    ticks,
)
from askew.benchmarks.tables.cell_text import percent

PANEL = 380
"""Width of one data set's dot plot in px; narrow screens show one per row."""
_ROW = 24
Box = tuple[float, float, float, float]
"""Left, top, right and bottom in px."""


def dots(section: Section, dataset: str) -> Markup:
    """Return the dot plot of ``dataset``: a row per method with seeds, mean, interval and published number."""
    shown = [name for name in section.methods if (dataset, name) in section.cells]
    cells = [section.cells[dataset, name] for name in shown]
    left = 14 + CHARACTER * max(len(shorten(name, 20)) for name in shown)
    low, high = _domain([value for cell in cells for value in _values(cell)])
    scale = Scale(100 * low, 100 * high, left, PANEL - 50)
    bottom = 8 + _ROW * len(cells)
    parts = [
        part
        for at in ticks(scale.low, scale.high, 4)
        for part in (
            line(scale(at), 4, scale(at), bottom, "grid"),
            text(f"{at:g}", scale(at), bottom + 16, "tick", "middle"),
        )
    ]
    for number, (name, cell) in enumerate(zip(shown, cells, strict=True)):
        is_best = cell.row.auroc_mean is not None and cell.row.auroc_mean == section.best(dataset)
        y = 8 + _ROW * (number + 0.5)
        parts.append(text(shorten(name, 20), left - 12, y + 4, "label best" if is_best else "label", "end"))
        parts += _dot(cell, scale, y, is_best)
    return picture(PANEL, bottom + 22, f"AUROC in percent on {dataset}", "dots", *parts)


def _dot(cell: Cell, scale: Scale, y: float, is_best: bool) -> Iterator[Markup]:
    def x(value: float) -> float:
        return scale(100 * value)

    for auroc in cell.aurocs.values():
        yield line(x(auroc), y - 5, x(auroc), y + 5, "seed")
    if cell.interval:
        yield line(x(cell.interval.low), y, x(cell.interval.high), y, "interval")
    printed = cell.row.published_mean
    if printed is not None:
        spread = "" if cell.row.published_std is None else f" ± {percent(cell.row.published_std)}"
        title = tag("title", f"published {percent(printed)}{spread}")
        corners = f"{x(printed):.1f},{y - 6.5:.1f} {x(printed) + 6.5:.1f},{y:.1f} "
        corners += f"{x(printed):.1f},{y + 6.5:.1f} {x(printed) - 6.5:.1f},{y:.1f}"
        yield tag("polygon", title, points=corners, class_="published")
    mean = cell.row.auroc_mean
    if mean is None:
        yield text("all runs failed", scale.start + 6, y + 4, "failed")
        return
    ends = cell.interval and f", 95 % interval {percent(cell.interval.low)} to {percent(cell.interval.high)}"
    title = tag("title", f"{cell.row.method}: {percent(mean)}{ends or ''}")
    yield tag("circle", title, cx=x(mean), cy=float(y), r=4.5, class_="mean best" if is_best else "mean")
    yield text(percent(mean), PANEL - 4, y + 4, "number best" if is_best else "number", "end")


def _values(cell: Cell) -> Iterator[float]:
    yield from cell.aurocs.values()
    yield from cell.interval or ()
    if cell.row.published_mean is not None:
        yield cell.row.published_mean


def _domain(values: Sequence[float], least: float = 0.005) -> tuple[float, float]:
    """Return the range of ``values`` with a margin, at least ``least`` wide, and a whole [0, 1] for none."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = max(0.05 * (high - low), least / 2 if high - low < least else 0.0)
    return low - margin, high + margin


class Point(NamedTuple):
    """A method in the picture of cost against quality, in px."""

    name: str
    x: float
    y: float


def cost(section: Section, width: int) -> Markup | None:
    """Return the picture of seconds per fit against mean AUROC; None if no method has both."""
    found = {name: at for name in section.methods if (at := section.cost(name)) is not None and at[0] > 0}
    if not found:
        return None
    height, left, bottom = 360 if width > 500 else 330, 46, 44
    seconds = [at[0] for at in found.values()]
    low, high = _domain([at[1] for at in found.values()], least=0.01)
    x = Scale(min(seconds) / 1.6, max(seconds) * 1.6, left, width - 12, logarithmic=True)
    y = Scale(100 * low, 100 * high, height - bottom, 14)
    parts = [*_axes(x, y)]
    points = [Point(name, x(at[0]), y(100 * at[1])) for name, at in found.items()]
    front = _front(points)
    corners = " ".join(f"{px:.1f},{py:.1f}" for px, py in _steps(front, x.end))
    parts.append(tag("polyline", points=corners, class_="front"))
    for point in points:
        title = tag("title", f"{point.name}: {found[point.name][0]:.3g} s, {percent(found[point.name][1])}")
        kind = "mean" if point in front else "mean behind"
        parts.append(tag("circle", title, cx=point.x, cy=point.y, r=5.0, class_=kind))
    parts += _labels(points, [*_strips(front, x.end)], width, height - bottom)
    return picture(width, height, "Seconds per fit against mean AUROC in percent", "cost", *parts)


def _axes(x: Scale, y: Scale) -> Iterator[Markup]:
    for at in ticks(y.low, y.high, 6):
        yield line(x.start, y(at), x.end, y(at), "grid")
        yield text(f"{at:g}", x.start - 6, y(at) + 4, "tick", "end")
    for at in log_ticks(x.low, x.high):
        yield line(x(at), y.start, x(at), y.end, "grid")
        yield text(f"{at:g}", x(at), y.start + 16, "tick", "middle")
    yield text("seconds per fit (logarithmic)", x.end, y.start + 34, "tick", "end")
    yield text("mean AUROC, %", 4, y.start + 34, "tick")


def _front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats in both (pixels: y grows downwards), cheapest first."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (point.x, point.y)):
        if not kept or point.y < kept[-1].y:
            kept.append(point)
    return kept


def _steps(front: Sequence[Point], end: float) -> Iterator[tuple[float, float]]:
    for number, point in enumerate(front):
        yield point.x, point.y
        yield front[number + 1].x if number + 1 < len(front) else end, point.y


def _strips(front: Sequence[Point], end: float) -> Iterator[Box]:
    """Return the room that the line of the front takes."""
    corners = list(_steps(front, end))
    for (x1, y1), (x2, y2) in pairwise(corners):
        yield min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1


def _labels(points: Sequence[Point], taken: list[Box], width: float, bottom: float) -> Iterator[Markup]:
    """Place each label where it hits nothing that is taken, no dot, no label and no edge; else anywhere."""
    taken += [(point.x - 6, point.y - 6, point.x + 6, point.y + 6) for point in points]
    for point in points:
        shown = shorten(point.name)
        boxes = []
        for dx, dy, anchor in _PLACES:
            at = point.x + dx, point.y + dy
            start = at[0] - CHARACTER * len(shown) * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            boxes.append((at, anchor, (start, at[1] - 10, start + CHARACTER * len(shown), at[1] + 3)))
        free = [place for place in boxes if _is_free(place[2], taken, width, bottom)]
        at, anchor, box = (free or boxes)[0]
        taken.append(box)
        if math.hypot(at[0] - point.x, at[1] - 4 - point.y) > 20:
            yield line(point.x, point.y, at[0], at[1] - 4, "leader")
        yield text(shown, *at, "label", anchor)


_PLACES = (
    (9, 4, "start"),
    (-9, 4, "end"),
    (0, -10, "middle"),
    (0, 19, "middle"),
    (10, -12, "start"),
    (10, 20, "start"),
    (-10, -12, "end"),
    (-10, 20, "end"),
    (18, 36, "start"),
    (18, -28, "start"),
    (-18, 36, "end"),
    (-18, -28, "end"),
)


def _is_free(box: Box, taken: Sequence[Box], width: float, bottom: float) -> bool:
    if box[0] < 48 or box[2] > width or box[1] < 0 or box[3] > bottom:
        return False
    return not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
    )
