"""Average ranks with the critical difference, as SVG: Demšar's plot, and the same in rows for narrow screens."""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from askew.benchmarks.report.svg import CHARACTER, Scale, line, picture, shorten, tag, text
from askew.benchmarks.tables.ranks import Ranks

_TITLE = "Average ranks with the critical difference"
_ROW = 24
_MOST_LINES = 12


def plot(ranks: Ranks, width: int) -> Markup:
    """Return Demšar's plot: average ranks on an axis, best on the left; bars join what does not differ.

    Less than 500 px are too few for labels on both sides, and many methods are a tangle of lines: there the
    methods stand in rows.
    """
    if width < 500 or len(ranks.methods) > _MOST_LINES:
        return _rows(ranks, width)
    longest = max(len(shorten(name, 22)) for name in ranks.methods)
    side = min(22 + CHARACTER * (longest + 5), 0.36 * width)
    scale = Scale(1, max(len(ranks.methods), 2), side, width - side)
    top = 52.0
    parts = [*_axis(scale, top), *_ruler(ranks, scale)]
    for number, group in enumerate(ranks.groups):
        first, last = (scale(ranks.rank(name) or 1.0) for name in (group[0], group[-1]))
        y = top + 11 + 8 * number
        parts.append(line(first - 4, y, last + 4, y, "group"))
    below = top + 24 + 8 * len(ranks.groups)
    half = math.ceil(len(ranks.methods) / 2)
    for number, (name, rank) in enumerate(zip(ranks.methods, ranks.average, strict=True)):
        on_left = number < half
        y = below + 21 * (number if on_left else len(ranks.methods) - 1 - number)
        parts += _elbow(name, rank, scale, top, y, on_left, width)
    height = below + 21 * half
    return picture(width, height, _TITLE, "ranks", *parts)


def _ruler(ranks: Ranks, scale: Scale) -> Iterator[Markup]:
    found = ranks.critical_difference
    if found is None:
        return
    end = min(scale.start + scale(1 + found) - scale(1), scale.end)
    for x in (scale.start, end):
        yield line(x, 12, x, 20, "ruler")
    yield line(scale.start, 16, end, 16, "ruler")
    wider = ", more than the axis" if scale(1 + found) > scale.end else ""
    yield text(f"CD {found:.2f}{wider}", scale.start, 8, "tick")


def _elbow(
    name: str, rank: float, scale: Scale, top: float, y: float, on_left: bool, width: float
) -> Iterator[Markup]:
    end = scale.start - 8 if on_left else scale.end + 8
    points = f"{scale(rank):.1f},{top:.1f} {scale(rank):.1f},{y:.1f} {end:.1f},{y:.1f}"
    yield tag("polyline", points=points, class_="elbow")
    yield tag("circle", cx=scale(rank), cy=top, r=3.0, class_="mean")
    most = int((scale.start - 10) / CHARACTER) - 5
    shown = shorten(name, max(most, 6))
    content = (f"{shown} ", f"{rank:.2f}") if on_left else (f"{rank:.2f}", f" {shown}")
    muted = 1 if on_left else 0
    spans = [tag("tspan", part, class_="muted" if i == muted else "") for i, part in enumerate(content)]
    anchor = "end" if on_left else "start"
    yield tag("text", *spans, x=end - 4 if on_left else end + 4, y=y + 4, class_="label", text_anchor=anchor)


def _rows(ranks: Ranks, width: int) -> Markup:
    left = 14 + CHARACTER * max(len(shorten(name)) for name in ranks.methods)
    right = width - 16 - 9 * len(ranks.groups)
    scale = Scale(1, max(len(ranks.methods), 2), left, right)
    top = 52.0
    parts = [*_axis(scale, top), *_ruler(ranks, scale)]
    middle = {name: top + _ROW * (number + 0.75) for number, name in enumerate(ranks.methods)}
    for name, rank in zip(ranks.methods, ranks.average, strict=True):
        y = middle[name]
        title = tag("title", f"{name}: {rank:.2f}")
        parts.append(text(shorten(name), left - 12, y + 4, "label", "end"))
        parts.append(line(scale.start, y, scale.end, y, "grid"))
        parts.append(tag("circle", title, cx=scale(rank), cy=y, r=4.5, class_="mean"))
        beside = (scale(rank) + 9, "start") if rank < ranks.average[-1] else (scale(rank) - 9, "end")
        parts.append(text(f"{rank:.2f}", beside[0], y - 3, "tick", beside[1]))
    for number, group in enumerate(ranks.groups):
        x = right + 14 + 9 * number
        parts.append(line(x, middle[group[0]] - 4, x, middle[group[-1]] + 4, "group"))
    return picture(width, top + _ROW * (len(ranks.methods) + 0.5), _TITLE, "ranks", *parts)


def _axis(scale: Scale, y: float) -> Iterator[Markup]:
    yield line(scale.start, y, scale.end, y, "axis")
    step = 1 if scale.high <= 12 else 2
    for at in range(1, int(scale.high) + 1, step):
        yield line(scale(at), y - 5, scale(at), y, "axis")
        yield text(str(at), scale(at), y - 9, "tick", "middle")
