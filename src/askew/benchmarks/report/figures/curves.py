"""Panels of AUROC by labels, or along the axis of an image protocol: the best of each kind stands out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup

from askew.benchmarks.protocols.few_labels.result import FewLabelsResult
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.report import svg
from askew.benchmarks.result_tables.cell_text import percent
from askew.benchmarks.result_tables.intervals import mean_interval
from askew.benchmarks.runs.label_use import PLAIN_CLASSIFIERS, RUN_WITHOUT_LABELS, SEMI_SUPERVISED, VAES
from askew.benchmarks.runs.method import Method

GREY = "behind"
"""The kind of curves that do not stand out."""

_LINE, _LONGEST = 14, 20
"""Of the names at the ends of curves: the least distance in px, and the most characters."""


@dataclass(frozen=True)
class Curve:
    """One method's mean AUROC in percent by place on the axis; ``kind`` is its class in the style sheet.

    ``band`` has (place, low, high); ``published`` are points too; ``labels`` name places that are no numbers.
    """

    method: str
    points: tuple[tuple[float, float], ...]
    labels: tuple[str, ...] = ()
    kind: str = GREY
    band: tuple[tuple[float, float, float], ...] = ()
    published: tuple[tuple[float, float], ...] = ()

    @property
    def mean(self) -> float:
        """The mean over the points, by which curves are ranked."""
        return math.fsum(value for _, value in self.points) / len(self.points)

    @property
    def values(self) -> list[float]:
        """Percentages of the points, the ends of the band and the published numbers."""
        return [value for _, *ends in (*self.points, *self.band, *self.published) for value in ends]


def _best_last(kinds: Mapping[str, list[Curve]], dress: Callable[[Curve], Curve]) -> list[Curve]:
    """Return the curves, the best of each kind (highest mean of its points) last, so on top, and dressed."""
    behind, best = list(kinds.get(GREY, ())), []
    for kind in ("free", "plain", "semi"):
        fair = [one for one in kinds[kind] if not Method.of(one.method).is_test_tuned]
        ranked = sorted(fair, key=lambda one: one.mean)
        behind += [one for one in kinds[kind] if one not in ranked[-1:]]
        best += [dress(replace(one, kind=kind)) for one in ranked[-1:]]
    return behind + best


def _band(aurocs: Iterable[tuple[float, Mapping[int, float]]]) -> tuple[tuple[float, float, float], ...]:
    """Return 95 % intervals of means in percent; ``aurocs`` are places and their runs' AUROC by seed."""
    intervals = ((place, mean_interval(list(by_seed.values()))) for place, by_seed in aurocs)
    return tuple((place, 100 * one.low, 100 * one.high) for place, one in intervals if one is not None)


def label_curves(result: FewLabelsResult, regime: str, dataset: str) -> Markup:
    """Return the panel of a data set: the best method of each kind with its 95 % band, the others in grey."""

    def dress(one: Curve) -> Curve:
        rows = [(m, result.row(dataset, regime, one.method, int(m))) for m, _ in one.points]
        aurocs = ((m, result.aurocs[dataset, regime, one.method, row.m]) for m, row in rows if row)
        return replace(one, band=_band(aurocs))

    ms = [m for m in result.ms if dataset in result.datasets_of(regime, m)]
    curves = _best_last(_by_labels(result, regime, dataset, ms), dress)
    if not curves:
        nothing = svg.text("no run has ended well", 8, 24, "failed")
        return svg.picture(380, 40, f"{dataset}, {regime}", "curves", nothing)
    best = [value for one in curves if one.kind != GREY for value in one.values]
    others = sorted(value for one in curves if one.kind == GREY for value in one.values)
    panel = Panel(
        title=f"AUROC in percent by labels on {dataset}, {regime}",
        size=(380, 250),
        caption="labelled anomalies (logarithmic)",
        places=[(m, str(m)) for m in ms],
        ends=(min(ms) / 1.15, max(ms) * 1.15),
        room=20,
        logarithmic=True,
    )
    # the panel ends below the best and three quarters of all others' points, not below a method far behind
    low = min(best + others[len(others) // 4 :][:1])
    return panel.draw(curves, low, max(best + others), cut=True)


def _by_labels(
    result: FewLabelsResult, regime: str, dataset: str, ms: Sequence[int]
) -> dict[str, list[Curve]]:
    """Return the curves by kind: free of labels, plain classifiers, semi-supervised, others."""
    kinds: dict[str, list[Curve]] = {"free": [], "plain": [], "semi": [], GREY: []}
    for method in result.methods:
        rows = [(m, result.row(dataset, regime, method, m)) for m in ms]
        points = tuple((m, 100 * row.auroc_mean) for m, row in rows if row and row.auroc_mean is not None)
        kind = "plain" if method in PLAIN_CLASSIFIERS else "semi" if method in SEMI_SUPERVISED else GREY
        if all(row is not None and row.m == 0 for _, row in rows):
            kind = "free"
        if points:
            kinds[kind].append(Curve(method, points))
    grey = kinds.pop(GREY)
    return {kind: sorted(curves, key=lambda one: one.mean) for kind, curves in kinds.items()} | {GREY: grey}


def image_curves(result: ImageResult, dataset: str) -> Markup | None:
    """Return AUROC along the protocol's axis, columns at equal distances; None for a single column.

    The best VAE with labels, the best other method with labels and the best without stand out, each with the 95 %
    interval of its mean over runs and the papers' numbers as diamonds; all others are grey. A method without labels
    has one number along γ_l and k, which is drawn through; a semi-supervised one begins with it at 0.
    """
    at = result.columns(dataset)

    def dress(one: Curve) -> Curve:
        keys = [result.cell_for(dataset, one.method, value) for value in at]
        means = [result.by_key[key].published_mean if key else None for key in keys]
        printed = tuple((float(place), 100 * mean) for place, mean in enumerate(means) if mean is not None)
        standing = ((place, keys[int(place)]) for place, _ in one.points)
        band = _band((place, result.aurocs[key]) for place, key in standing if key)
        return replace(one, band=band, published=printed)

    curves = _best_last(_along_axis(result, dataset, at), dress)
    if len(at) < 2 or not curves:
        return None
    panel = Panel(
        title=f"AUROC in percent by {result.design.symbol} on {dataset}",
        size=(400, 270),
        caption=result.design.symbol,
        places=[(place, f"{value:g}") for place, value in enumerate(at)],
        ends=(-0.15, len(at) - 0.85),
        room=22,
    )
    values = [value for one in curves for value in one.values]
    return panel.draw(curves, min(values), max(values))


def _along_axis(result: ImageResult, dataset: str, at: Sequence[float]) -> dict[str, list[Curve]]:
    """Return the curves by kind: without labels, VAE with labels ("semi"), other method with labels ("plain")."""
    kinds: dict[str, list[Curve]] = {"free": [], "plain": [], "semi": []}
    for name in result.lines(dataset):
        keys = [result.cell_for(dataset, name, value) for value in at]
        means = [result.by_key[key].auroc_mean if key else None for key in keys]
        points = tuple((float(place), 100 * mean) for place, mean in enumerate(means) if mean is not None)
        labels = tuple(f"{result.design.symbol} = {at[int(place)]:g}" for place, _ in points)
        method = Method.of(name.partition(" ")[0]).printed_as
        if points:
            kind = "free" if method in RUN_WITHOUT_LABELS else "semi" if method in VAES else "plain"
            kinds[kind].append(Curve(name, points, labels))
    return kinds


@dataclass(frozen=True)
class Panel:
    """The frame of a panel of ``size`` (width, height), with room for names of ``room`` characters.

    ``places`` are the ticks of the horizontal axis, a value and its label, and ``ends`` where it begins and ends.
    """

    title: str
    size: tuple[int, int]
    caption: str
    places: Sequence[tuple[float, str]]
    ends: tuple[float, float]
    room: int
    logarithmic: bool = False

    def draw(self, curves: Sequence[Curve], low: float, high: float, cut: bool = False) -> Markup:
        """Return the picture of AUROC from ``low`` to ``high``; ``cut`` hides what is drawn below it."""
        width, height = self.size
        outstanding = [one for one in curves if one.kind != GREY]
        most = max((len(svg.shorten(one.method, self.room)) for one in outstanding), default=0)
        x = svg.Scale(*self.ends, 34, width - 10 - svg.CHARACTER * most, self.logarithmic)
        y = svg.Scale(*svg.padded([low, high], 0.04, 0.25), height - 34, 8)
        marks = [mark for one in curves for mark in _marks(one, x, y)]
        if cut:
            marks = [svg.tag("svg", *marks, width=width, height=y.start)]
        marks += [mark for one in outstanding for mark in _published(one, x, y)]
        parts = [*self._axes(x, y), *marks, *_names(outstanding, x, y)]
        return svg.picture(width, height, self.title, "curves", *parts)

    def _axes(self, x: svg.Scale, y: svg.Scale) -> Iterator[Markup]:
        for at in svg.ticks(y.low, y.high, 5):
            yield from svg.row(x, y, at)
        for at, label in self.places:
            yield from svg.column(x, at, (y.start, y.start + 4), y.start + 16, "axis", label)
        yield svg.text(self.caption, x.end, y.start + 30, "tick", "end")


def _marks(one: Curve, x: svg.Scale, y: svg.Scale) -> Iterator[Markup]:
    if one.band:
        there = [(x(place), y(high)) for place, _, high in one.band]
        back = [(x(place), y(low)) for place, low, _ in reversed(one.band)]
        yield svg.shape("polygon", there + back, f"band {one.kind}")
    labels = one.labels or [f"{place:g}" for place, _ in one.points]
    numbers = ", ".join(f"{at}: {percent(v / 100)}" for at, (_, v) in zip(labels, one.points, strict=True))
    corners = [(x(place), y(value)) for place, value in one.points]
    yield svg.shape("polyline", corners, f"curve {one.kind}", f"{one.method} ({numbers})")
    if one.kind != GREY:
        for corner in corners:
            yield svg.circle(*corner, 2.5, f"point {one.kind}")


def _published(one: Curve, x: svg.Scale, y: svg.Scale) -> Iterator[Markup]:
    for place, value in one.published:
        tooltip = f"{one.method}: published {percent(value / 100)}"
        yield svg.diamond(x(place), y(value), 5, f"printed-point {one.kind}", tooltip)


def _names(curves: Sequence[Curve], x: svg.Scale, y: svg.Scale) -> Iterator[Markup]:
    """Write each name at the end of its curve, a line below the one above."""
    ordered = sorted(curves, key=lambda one: -one.points[-1][1])
    wanted = [y(one.points[-1][1]) + 4 for one in ordered]
    for above, below in pairwise(range(len(wanted))):
        wanted[below] = max(wanted[below], wanted[above] + _LINE)
    over = max(0.0, wanted[-1] - y.start) if wanted else 0.0
    for one, at in zip(ordered, wanted, strict=True):
        yield svg.text(svg.shorten(one.method, _LONGEST), x.end + 4, at - over, f"label {one.kind}")
