"""Average ranks with the critical difference: Demšar's plot, and the same in rows for narrow screens."""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from askew.benchmarks.report import svg
from askew.benchmarks.result_tables.ranks import Ranks

_TITLE = "Average ranks with the critical difference"
_ROW, _TOP = 24, 52.0
_MOST_LINES = 12


def rank_plot(ranks: Ranks, width: int) -> Markup | None:
    """Return Demšar's plot: average ranks on an axis, best on the left; bars join what does not differ.

    Less than 500 px are too few for labels on both sides, and many methods are a tangle of lines: there the
    methods stand in rows. None if nothing is ranked.
    """
    if not ranks.methods:
        return None
    if width < 500 or len(ranks.methods) > _MOST_LINES:
        return _rows(ranks, width)
    longest = max(len(svg.shorten(name, 22)) for name in ranks.methods)
    side = min(22 + svg.CHARACTER * (longest + 5), 0.36 * width)
    scale = svg.Scale(1, max(len(ranks.methods), 2), side, width - side)
    parts = [*_axis(scale), *_ruler(ranks, scale)]
    for number, group in enumerate(ranks.groups):
        first, last = (scale(ranks.rank(name) or 1.0) for name in (group[0], group[-1]))
        y = _TOP + 11 + 8 * number
        parts.append(svg.line(first - 4, y, last + 4, y, "group"))
    below = _TOP + 24 + 8 * len(ranks.groups)
    half = math.ceil(len(ranks.methods) / 2)
    for number, (name, rank) in enumerate(zip(ranks.methods, ranks.average, strict=True)):
        is_left = number < half
        y = below + 21 * (number if is_left else len(ranks.methods) - 1 - number)
        parts += _elbow(name, rank, scale, y, is_left)
    return svg.picture(width, below + 21 * half, _TITLE, "ranks", *parts)


def _ruler(ranks: Ranks, scale: svg.Scale) -> Iterator[Markup]:
    difference = ranks.critical_difference
    if difference is None:
        return
    end = min(scale.start + scale(1 + difference) - scale(1), scale.end)
    for x in (scale.start, end):
        yield svg.line(x, 12, x, 20, "ruler")
    yield svg.line(scale.start, 16, end, 16, "ruler")
    wider = ", more than the axis" if scale(1 + difference) > scale.end else ""
    yield svg.text(f"CD {difference:.2f}{wider}", scale.start, 8, "tick")


def _elbow(name: str, rank: float, scale: svg.Scale, y: float, is_left: bool) -> Iterator[Markup]:
    side, end, anchor = (-1, scale.start - 8, "end") if is_left else (1, scale.end + 8, "start")
    yield svg.shape("polyline", ((scale(rank), _TOP), (scale(rank), y), (end, y)), "elbow")
    yield svg.circle(scale(rank), _TOP, 3, "mean")
    most = int((scale.start - 10) / svg.CHARACTER) - 5
    shown, number = svg.shorten(name, max(most, 6)), f"{rank:.2f}"
    spans = [(f"{shown} ", ""), (number, "muted")] if is_left else [(number, "muted"), (f" {shown}", "")]
    words = [svg.tag("tspan", part, class_=class_) for part, class_ in spans]
    yield svg.tag("text", *words, x=end + 4 * side, y=y + 4, class_="label", text_anchor=anchor)


def _rows(ranks: Ranks, width: int) -> Markup:
    left = 14 + svg.CHARACTER * max(len(svg.shorten(name)) for name in ranks.methods)
    right = width - 16 - 9 * len(ranks.groups)
    scale = svg.Scale(1, max(len(ranks.methods), 2), left, right)
    parts = [*_axis(scale), *_ruler(ranks, scale)]
    middle = {name: _TOP + _ROW * (number + 0.75) for number, name in enumerate(ranks.methods)}
    for name, rank in zip(ranks.methods, ranks.average, strict=True):
        y = middle[name]
        parts.append(svg.text(svg.shorten(name), left - 12, y + 4, "label", "end"))
        parts.append(svg.line(scale.start, y, scale.end, y, "grid"))
        parts.append(svg.circle(scale(rank), y, 4.5, "mean", f"{name}: {rank:.2f}"))
        beside, anchor = (9, "start") if rank < ranks.average[-1] else (-9, "end")
        parts.append(svg.text(f"{rank:.2f}", scale(rank) + beside, y - 3, "tick", anchor))
    for number, group in enumerate(ranks.groups):
        x = right + 14 + 9 * number
        parts.append(svg.line(x, middle[group[0]] - 4, x, middle[group[-1]] + 4, "group"))
    return svg.picture(width, _TOP + _ROW * (len(ranks.methods) + 0.5), _TITLE, "ranks", *parts)


def _axis(scale: svg.Scale) -> Iterator[Markup]:
    yield svg.line(scale.start, _TOP, scale.end, _TOP, "axis")
    for at in range(1, int(scale.high) + 1, 1 if scale.high <= 12 else 2):
        yield from svg.column(scale, at, (_TOP - 5, _TOP), _TOP - 9, "axis")
