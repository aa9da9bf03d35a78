"""A panel of curves: the best of each kind in its colour, with a band and its name; all others in grey."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from askew.benchmarks.report.svg.axes import Scale, column, row, ticks
from askew.benchmarks.report.svg.elements import (
    CHARACTER,
    circle,
    diamond,
    picture,
    shape,
    shorten,
    tag,
    text,
)
from askew.benchmarks.tables.cell_text import percent
from askew.benchmarks.tables.intervals import mean_interval

GREY = "behind"
"""The kind of curves that do not stand out."""

_LEFT, _TOP, _BOTTOM = 34, 8, 34
_LINE, _LONGEST = 14, 20
"""Of the names at the ends of curves: the least distance in px, and the most characters."""


@dataclass(frozen=True)
class Curve:
    """One method's mean AUROC in percent by place on the axis; ``kind`` is its class in the style sheet.

    ``band`` has (place, low, high); ``published`` are points too; ``labels`` say what each place means where it is
    no number itself.
    """

    method: str
    kind: str
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float, float], ...] = ()
    published: tuple[tuple[float, float], ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """The mean over the points, by which curves are ranked."""
        return math.fsum(value for _, value in self.points) / len(self.points)

    @property
    def values(self) -> list[float]:
        """Percentages of the points, the ends of the band and the published numbers."""
        return [value for _, *ends in (*self.points, *self.band, *self.published) for value in ends]


def band(aurocs: Iterable[tuple[float, Mapping[int, float]]]) -> tuple[tuple[float, float, float], ...]:
    """Return the 95 % intervals of means in percent; ``aurocs`` are a place and its runs' AUROC by seed."""
    intervals = ((place, mean_interval(list(by_seed.values()))) for place, by_seed in aurocs)
    return tuple((place, 100 * one.low, 100 * one.high) for place, one in intervals if one is not None)


@dataclass(frozen=True)
class Panel:
    """The frame of a panel.

    ``places`` are the ticks of the horizontal axis, a value and its label, and ``ends`` where it begins and ends;
    ``longest`` is the most characters of a name that there is room for.
    """

    title: str
    width: int
    height: int
    caption: str
    places: tuple[tuple[float, str], ...]
    ends: tuple[float, float]
    longest: int
    logarithmic: bool = False

    def draw(self, curves: Sequence[Curve], low: float, high: float, cut: bool = False) -> Markup:
        """Return the picture of AUROC from ``low`` to ``high``; ``cut`` hides what is drawn below it."""
        outstanding = [one for one in curves if one.kind != GREY]
        most = max((len(shorten(one.method, self.longest)) for one in outstanding), default=0)
        right = self.width - 10 - CHARACTER * most
        room = max(0.04 * (high - low), 0.25)
        x = Scale(*self.ends, _LEFT, right, self.logarithmic)
        y = Scale(low - room, high + room, self.height - _BOTTOM, _TOP)
        marks = [mark for one in curves for mark in _marks(one, x, y)]
        if cut:
            marks = [tag("svg", *marks, width=self.width, height=y.start)]
        marks += [mark for one in outstanding for mark in _published(one, x, y)]
        parts = [*self._axes(x, y), *marks, *self._names(outstanding, x, y)]
        return picture(self.width, self.height, self.title, "curves", *parts)

    def _axes(self, x: Scale, y: Scale) -> Iterator[Markup]:
        for at in ticks(y.low, y.high, 5):
            yield from row(x, y, at)
        for at, label in self.places:
            yield from column(x, at, (y.start, y.start + 4), y.start + 16, "axis", label)
        yield text(self.caption, x.end, y.start + 30, "tick", "end")

    def _names(self, curves: Sequence[Curve], x: Scale, y: Scale) -> Iterator[Markup]:
        """Write each name at the end of its curve, a line below the one above."""
        ordered = sorted(curves, key=lambda one: -one.points[-1][1])
        wanted = [y(one.points[-1][1]) + 4 for one in ordered]
        for above, below in pairwise(range(len(wanted))):
            wanted[below] = max(wanted[below], wanted[above] + _LINE)
        over = max(0.0, wanted[-1] - y.start) if wanted else 0.0
        for one, at in zip(ordered, wanted, strict=True):
            yield text(shorten(one.method, _LONGEST), x.end + 4, at - over, f"label {one.kind}")


def _marks(one: Curve, x: Scale, y: Scale) -> Iterator[Markup]:
    """Return a curve's band, line and points."""
    if one.band:
        there = [(x(place), y(high)) for place, _, high in one.band]
        back = [(x(place), y(low)) for place, low, _ in reversed(one.band)]
        yield shape("polygon", there + back, f"band {one.kind}")
    labels = one.labels or [f"{place:g}" for place, _ in one.points]
    numbers = ", ".join(f"{at}: {percent(v / 100)}" for at, (_, v) in zip(labels, one.points, strict=True))
    corners = [(x(place), y(value)) for place, value in one.points]
    yield shape("polyline", corners, f"curve {one.kind}", f"{one.method} ({numbers})")
    if one.kind != GREY:
        for corner in corners:
            yield circle(*corner, 2.5, f"point {one.kind}")


def _published(one: Curve, x: Scale, y: Scale) -> Iterator[Markup]:
    for place, value in one.published:
        tooltip = f"{one.method}: published {percent(value / 100)}"
        yield diamond(x(place), y(value), 5, f"printed-point {one.kind}", tooltip)
