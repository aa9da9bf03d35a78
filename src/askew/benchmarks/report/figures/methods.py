"""Methods against each other: AUROC on one data set, and cost against quality."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from askew.benchmarks.report import svg
from askew.benchmarks.report.cells import Cell
from askew.benchmarks.result_tables.cell_text import percent, spread

_WIDTH, _ROW, _LONGEST = 380, 24, 20
"""Of dot plots: width and height of a row in px, and the most characters of a name."""

_LEFT, _TOP, _BOTTOM = 46, 14, 44
"""Room for the axes of cost against quality, in px."""

_PLACES = (
    *((9, 4, "start"), (-9, 4, "end"), (0, -10, "middle"), (0, 19, "middle")),
    *((10, -12, "start"), (10, 20, "start"), (-10, -12, "end"), (-10, 20, "end")),
    *((18, 36, "start"), (18, -28, "start"), (-18, 36, "end"), (-18, -28, "end")),
)
"""Where a label may stand beside its dot, best first: to the right, downwards, and the anchor of its text."""


def dots(dataset: str, cells: Mapping[str, Cell]) -> Markup:
    """Return the dot plot of a data set, whose cells come by method; narrow screens show one per row."""
    means = [cell.row.auroc_mean for cell in cells.values() if cell.row.auroc_mean is not None]
    best = max(means, default=None)
    left = 14 + svg.CHARACTER * max(len(svg.shorten(name, _LONGEST)) for name in cells)
    low, high = _domain([value for cell in cells.values() for value in _values(cell)], least=0.005)
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


def _domain(values: Sequence[float], least: float) -> tuple[float, float]:
    """Return the range of ``values`` with a margin, at least ``least`` wide, and a whole [0, 1] for none."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = max(0.05 * (high - low), least / 2 if high - low < least else 0.0)
    return low - margin, high + margin


class Point(NamedTuple):
    """A method in px."""

    name: str
    x: float
    y: float


Box = tuple[float, float, float, float]
"""Left, top, right and bottom in px; y grows downwards."""


def cost_picture(costs: Mapping[str, tuple[float, float]], width: int) -> Markup | None:
    """Return the picture of seconds per fit and mean AUROC by method; None if no fit took any time."""
    found = {name: at for name, at in costs.items() if at[0] > 0}
    if not found:
        return None
    height = 360 if width > 500 else 330
    seconds = [at[0] for at in found.values()]
    low, high = _domain([at[1] for at in found.values()], least=0.01)
    x = svg.Scale(min(seconds) / 1.6, max(seconds) * 1.6, _LEFT, width - 12, logarithmic=True)
    y = svg.Scale(100 * low, 100 * high, height - _BOTTOM, _TOP)
    points = [Point(name, x(at[0]), y(100 * at[1])) for name, at in found.items()]
    front = _front(points)
    steps = list(_steps(front, x.end))
    parts = [*_axes(x, y), svg.shape("polyline", steps, "front")]
    for point in points:
        tooltip = f"{point.name}: {found[point.name][0]:.3g} s, {percent(found[point.name][1])}"
        parts.append(svg.circle(point.x, point.y, 5, "mean" if point in front else "mean behind", tooltip))
    strips = [
        (min(x1, x2) - 1, min(y1, y2) - 1, max(x1, x2) + 1, max(y1, y2) + 1)
        for (x1, y1), (x2, y2) in pairwise(steps)
    ]
    parts += _labels(points, strips, width, height - _BOTTOM)
    return svg.picture(width, height, "Seconds per fit against mean AUROC in percent", "cost", *parts)


def _axes(x: svg.Scale, y: svg.Scale) -> Iterator[Markup]:
    for at in svg.ticks(y.low, y.high, 6):
        yield from svg.row(x, y, at, gap=6)
    for at in svg.log_ticks(x.low, x.high):
        yield from svg.column(x, at, (y.start, y.end), y.start + 16)
    yield svg.text("seconds per fit (logarithmic)", x.end, y.start + 34, "tick", "end")
    yield svg.text("mean AUROC, %", 4, y.start + 34, "tick")


def _front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other beats in both (pixels: y grows downwards), cheapest first."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (point.x, point.y)):
        if not kept or point.y < kept[-1].y:
            kept.append(point)
    return kept


def _steps(front: Sequence[Point], end: float) -> Iterator[tuple[float, float]]:
    for point, x in zip(front, [*(later.x for later in front[1:]), end], strict=True):
        yield point.x, point.y
        yield x, point.y


def _labels(points: Sequence[Point], strips: Sequence[Box], width: float, bottom: float) -> Iterator[Markup]:
    """Place each label where it hits no line, no dot, no label and no edge; else anywhere."""
    taken = [*strips, *((point.x - 6, point.y - 6, point.x + 6, point.y + 6) for point in points)]
    for point in points:
        shown = svg.shorten(point.name)
        length = svg.CHARACTER * len(shown)
        boxes = []
        for right, down, anchor in _PLACES:
            x, y = point.x + right, point.y + down
            start = x - length * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            boxes.append((x, y, anchor, (start, y - 10, start + length, y + 3)))
        free = [place for place in boxes if _is_free(place[3], taken, width, bottom)]
        x, y, anchor, box = (free or boxes)[0]
        taken.append(box)
        if math.hypot(x - point.x, y - 4 - point.y) > 20:
            yield svg.line(point.x, point.y, x, y - 4, "leader")
        yield svg.text(shown, x, y, "label", anchor)


def _is_free(box: Box, taken: Sequence[Box], width: float, bottom: float) -> bool:
    left, top, right, foot = box
    if left < 48 or right > width or top < 0 or foot > bottom:
        return False
    return not any(left < b[2] and b[0] < right and top < b[3] and b[1] < foot for b in taken)
