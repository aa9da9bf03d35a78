"""AUROC against the number of labelled anomalies, as SVG: one panel per data set and regime."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from askew.benchmarks.protocols.few_labels.contests import PLAIN, SEMI_SUPERVISED
from askew.benchmarks.protocols.few_labels.result import FewLabelsResult
from askew.benchmarks.report.svg import CHARACTER, Scale, line, picture, shorten, tag, text, ticks
from askew.benchmarks.tables.cell_text import percent
from askew.benchmarks.tables.intervals import mean_interval

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 380, 250, 34, 34


@dataclass(frozen=True)
class Curve:
    """One method's mean AUROC in percent by m; ``kind`` is its class in the style sheet, "behind" if in grey.

    ``labels`` are what to call each m where it is only a place.
    """

    method: str
    kind: str
    points: tuple[tuple[float, float], ...]
    band: tuple[tuple[float, float, float], ...] = ()
    labels: tuple[str, ...] = ()


def curves(result: FewLabelsResult, regime: str, dataset: str) -> Markup:
    """Return the panel of a data set: the best method of each kind with its 95 % band, the others in grey."""
    ms = [m for m in result.ms if dataset in result.datasets(regime, m)]
    drawn = _curves(result, regime, dataset, ms)
    labels = [one for one in drawn if one.kind != "behind"]
    best = _values(labels)
    others = sorted(_values(one for one in drawn if one.kind == "behind"))
    if not drawn:
        return picture(
            _WIDTH, 40, f"{dataset}, {regime}", "curves", text("no run has ended well", 8, 24, "failed")
        )
    # the panel ends below the best and three quarters of all others' points, not below a method far behind
    low, high = min(best + others[len(others) // 4 :][:1]), max(best + others)
    room = max(0.04 * (high - low), 0.25)
    right = _WIDTH - 10 - CHARACTER * max((len(shorten(one.method, 20)) for one in labels), default=0)
    x = Scale(min(ms) / 1.15, max(ms) * 1.15, _LEFT, right, logarithmic=True)
    y = Scale(low - room, high + room, _HEIGHT - _BOTTOM, 8)
    inside = [mark for one in drawn for mark in marks(one, x, y)]
    window = tag("svg", *inside, width=_WIDTH, height=y.start)  # cuts what is drawn below the panel
    parts = [*_axes(ms, x, y), window, *end_labels(labels, x, y)]
    return picture(_WIDTH, _HEIGHT, f"AUROC in percent by labels on {dataset}, {regime}", "curves", *parts)


def _values(drawn: Iterable[Curve]) -> list[float]:
    """Return what the curves' points and the ends of their bands are."""
    return [value for one in drawn for _, *ends in (*one.points, *one.band) for value in ends]


def _curves(result: FewLabelsResult, regime: str, dataset: str, ms: Sequence[int]) -> list[Curve]:
    """Return the methods' curves, the best of each kind (highest mean over the panel) last, so on top."""
    kinds: dict[str, list[Curve]] = {"free": [], "plain": [], "semi": [], "behind": []}
    for method in result.methods:
        rows = [(m, result.row(dataset, regime, method, m)) for m in ms]
        points = tuple((m, 100 * row.auroc_mean) for m, row in rows if row and row.auroc_mean is not None)
        if points:
            free = all(row is not None and row.m == 0 for _, row in rows)
            kind = "free" if free else _kind(method)
            kinds[kind].append(Curve(method, "behind", points))
    behind, best = kinds["behind"], []
    for kind in ("free", "plain", "semi"):
        ranked = sorted(kinds[kind], key=lambda one: math.fsum(v for _, v in one.points) / len(one.points))
        behind = behind + ranked[:-1]
        best += [
            Curve(one.method, kind, one.points, _band(result, regime, dataset, one)) for one in ranked[-1:]
        ]
    return behind + best


def _kind(method: str) -> str:
    return "plain" if method in PLAIN else "semi" if method in SEMI_SUPERVISED else "behind"


def _band(
    result: FewLabelsResult, regime: str, dataset: str, curve: Curve
) -> tuple[tuple[float, float, float], ...]:
    found = []
    for m, _ in curve.points:
        row = result.row(dataset, regime, curve.method, int(m))
        by_seed = result.aurocs[dataset, regime, curve.method, row.m] if row else {}
        interval = mean_interval(list(by_seed.values()))
        if interval is not None:
            found.append((m, 100 * interval.low, 100 * interval.high))
    return tuple(found)


def _axes(ms: Sequence[int], x: Scale, y: Scale) -> Iterator[Markup]:
    for at in ticks(y.low, y.high, 5):
        yield line(x.start, y(at), x.end, y(at), "grid")
        yield text(f"{at:g}", x.start - 5, y(at) + 4, "tick", "end")
    for m in ms:
        yield line(x(m), y.start, x(m), y.start + 4, "axis")
        yield text(str(m), x(m), y.start + 16, "tick", "middle")
    yield text("labelled anomalies (logarithmic)", x.end, y.start + 30, "tick", "end")


def marks(one: Curve, x: Scale, y: Scale) -> Iterator[Markup]:
    """Return a curve's band, line and points."""
    if one.band:
        there = [f"{x(m):.1f},{y(high):.1f}" for m, _, high in one.band]
        back = [f"{x(m):.1f},{y(low):.1f}" for m, low, _ in reversed(one.band)]
        yield tag("polygon", points=" ".join(there + back), class_=f"band {one.kind}")
    corners = " ".join(f"{x(m):.1f},{y(value):.1f}" for m, value in one.points)
    labels = one.labels or [f"{m:g}" for m, _ in one.points]
    said = ", ".join(f"{m}: {percent(v / 100)}" for m, (_, v) in zip(labels, one.points, strict=True))
    yield tag("polyline", tag("title", f"{one.method} ({said})"), points=corners, class_=f"curve {one.kind}")
    if one.kind != "behind":
        for m, value in one.points:
            yield tag("circle", cx=x(m), cy=y(value), r=2.5, class_=f"point {one.kind}")


def end_labels(curves: Sequence[Curve], x: Scale, y: Scale) -> Iterator[Markup]:
    """Write each name at the end of its curve, 14 px from the next."""
    ordered = sorted(curves, key=lambda one: -one.points[-1][1])
    wanted = [y(one.points[-1][1]) + 4 for one in ordered]
    for above, below in pairwise(range(len(wanted))):
        wanted[below] = max(wanted[below], wanted[above] + 14)
    over = max(0.0, wanted[-1] - y.start) if wanted else 0.0
    for one, at in zip(ordered, wanted, strict=True):
        yield text(shorten(one.method, 20), x.end + 4, at - over, f"label {one.kind}")
