"""Pictures of the image protocols, as SVG: AUROC along the axis, best against second, and codes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from askew.benchmarks.protocols.images.comparisons import column_name
from askew.benchmarks.protocols.images.grid import LABEL_FREE
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.protocols.images.settings import VAES
from askew.benchmarks.report.curves import Curve, end_labels, marks
from askew.benchmarks.report.svg import CHARACTER, Scale, line, picture, shorten, tag, text, ticks
from askew.benchmarks.runs.method import Method
from askew.benchmarks.tables.cell_text import percent
from askew.benchmarks.tables.intervals import mean_interval
from askew.benchmarks.tables.paired_tests import Comparison

WIDTH, HEIGHT, _LEFT, _BOTTOM = 400, 270, 34, 34
SQUARE = 250
"""Width and height of a scatter plot in px."""
_LONGEST = 22


def curves(result: ImageResult, dataset: str) -> Markup | None:
    """Return AUROC along the protocol's axis, columns at equal distances; None for a single column.

    The best VAE with labels, the best other method with labels and the best without stand out, each with the 95 %
    interval of its mean over runs and the papers' numbers as diamonds; all others are grey. A method without labels
    has one number along γ_l and k, which is drawn through; a semi-supervised one begins with it at 0.
    """
    at = result.columns(dataset)
    drawn = _drawn(result, dataset, at)
    if len(at) < 2 or not drawn:
        return None
    printed = {one.method: _printed(result, dataset, one.method, at) for one in drawn if one.kind != "behind"}
    values = [value for one in drawn for _, value in one.points]
    values += [value for one in drawn for _, *ends in one.band for value in ends]
    values += [value for points in printed.values() for _, value in points]
    low, high = min(values), max(values)
    room = max(0.04 * (high - low), 0.25)
    shown = [one for one in drawn if one.kind != "behind"]
    right = WIDTH - 10 - CHARACTER * max(len(shorten(one.method, _LONGEST)) for one in shown)
    x = Scale(-0.15, len(at) - 0.85, _LEFT, right)
    y = Scale(low - room, high + room, HEIGHT - _BOTTOM, 8)
    parts = [*_axes(result.design.symbol, at, x, y)]
    for one in drawn:
        parts += marks(one, x, y)
    for one in shown:
        parts += _diamonds(one, printed[one.method], x, y)
    parts += end_labels(shown, x, y)
    return picture(
        WIDTH, HEIGHT, f"AUROC in percent by {result.design.symbol} on {dataset}", "curves", *parts
    )


def _drawn(result: ImageResult, dataset: str, at: Sequence[float]) -> list[Curve]:
    """Return the curves, the best of each kind (highest mean over its points) last, so on top."""
    kinds: dict[str, list[Curve]] = {"free": [], "plain": [], "semi": []}
    for name in result.lines(dataset):
        points, labels = [], []
        for place, value in enumerate(at):
            key = result.cell_for(dataset, name, value)
            mean = result.by_key[key].auroc_mean if key else None
            if mean is not None:
                points.append((float(place), 100 * mean))
                labels.append(f"{result.design.symbol} = {value:g}")
        if points:
            kinds[_kind(name)].append(Curve(name, "behind", tuple(points), labels=tuple(labels)))
    behind, best = [], []
    for kind, found in kinds.items():
        fair = [one for one in found if not Method.of(one.method).is_test_tuned]
        fair.sort(key=lambda one: math.fsum(value for _, value in one.points) / len(one.points))
        behind += [one for one in found if one not in fair[-1:]]
        best += [
            Curve(one.method, kind, one.points, _band(result, dataset, one, at), one.labels)
            for one in fair[-1:]
        ]
    return behind + best


def _kind(name: str) -> str:
    """Return a line's class in the style sheet: VAE with labels, other method with labels, without labels."""
    method = Method.of(name.partition(" ")[0]).untuned
    return "free" if method in LABEL_FREE else "semi" if method in VAES else "plain"


def _band(
    result: ImageResult, dataset: str, curve: Curve, at: Sequence[float]
) -> tuple[tuple[float, float, float], ...]:
    found = []
    for place, _ in curve.points:
        key = result.cell_for(dataset, curve.method, at[int(place)])
        interval = mean_interval(list(result.aurocs[key].values())) if key else None
        if interval is not None:
            found.append((place, 100 * interval.low, 100 * interval.high))
    return tuple(found)


def _printed(result: ImageResult, dataset: str, name: str, at: Sequence[float]) -> list[tuple[float, float]]:
    """Return place and the papers' number in percent of a line's cells."""
    keys = [result.cell_for(dataset, name, value) for value in at]
    means = [result.by_key[key].published_mean if key else None for key in keys]
    return [(float(place), 100 * mean) for place, mean in enumerate(means) if mean is not None]


def _diamonds(one: Curve, points: Sequence[tuple[float, float]], x: Scale, y: Scale) -> Iterator[Markup]:
    for place, value in points:
        cx, cy = x(place), y(value)
        corners = f"{cx:.1f},{cy - 5:.1f} {cx + 5:.1f},{cy:.1f} {cx:.1f},{cy + 5:.1f} {cx - 5:.1f},{cy:.1f}"
        title = tag("title", f"{one.method}: published {percent(value / 100)}")
        yield tag("polygon", title, points=corners, class_=f"printed-point {one.kind}")


def _axes(symbol: str, at: Sequence[float], x: Scale, y: Scale) -> Iterator[Markup]:
    for value in ticks(y.low, y.high, 5):
        yield line(x.start, y(value), x.end, y(value), "grid")
        yield text(f"{value:g}", x.start - 5, y(value) + 4, "tick", "end")
    for place, value in enumerate(at):
        yield line(x(place), y.start, x(place), y.start + 4, "axis")
        yield text(f"{value:g}", x(place), y.start + 16, "tick", "middle")
    yield text(symbol, x.end, y.start + 30, "tick", "end")


def scatters(result: ImageResult) -> list[tuple[str, Markup]]:
    """Return by column the AUROC of the best method against the second best, a point per pair of runs.

    Points above the diagonal are runs in which the best method is the better one; Figures 6 to 8 of Ruff et al. (2020).
    """
    scores = result.column_scores
    best = {row.dataset: row for row in result.comparisons if row.family == "best against second"}
    found = []
    for dataset in result.datasets:
        for at in result.columns(dataset):
            where = column_name(result.design, dataset, at)
            row = best.get(where)
            if row is not None:
                pairs = scores[where, row.first], scores[where, row.second]
                shared = sorted(pairs[0].keys() & pairs[1].keys())
                points = [(100 * pairs[1][one], 100 * pairs[0][one]) for one in shared]
                if points:
                    found.append((where, _scatter(row, points)))
    return found


def _scatter(row: Comparison, points: Sequence[tuple[float, float]]) -> Markup:
    values = [value for point in points for value in point]
    low, high = min(values), max(values)
    room = max(0.05 * (high - low), 0.25)
    x = Scale(low - room, high + room, 34, SQUARE - 8)
    y = Scale(low - room, high + room, SQUARE - 36, 8)
    parts = []
    for value in ticks(x.low, x.high, 4):
        parts += [
            line(x(value), y.start, x(value), y.end, "grid"),
            line(x.start, y(value), x.end, y(value), "grid"),
        ]
        parts.append(text(f"{value:g}", x(value), y.start + 14, "tick", "middle"))
        parts.append(text(f"{value:g}", x.start - 5, y(value) + 4, "tick", "end"))
    parts.append(line(x.start, y.start, x.end, y.end, "diagonal"))
    for second, first in points:
        title = tag("title", f"{row.first} {first:.1f}, {row.second} {second:.1f}")
        parts.append(tag("circle", title, cx=x(second), cy=y(first), r=3.0, class_="run"))
    above = sum(first > second for second, first in points)
    parts.append(text(f"{shorten(row.first, _LONGEST)} ↑", 38, 18, "label"))
    parts.append(text(f"{shorten(row.second, _LONGEST)} →", SQUARE - 8, SQUARE - 6, "label", "end"))
    said = f"{row.first} against {row.second} on {row.dataset}: above the diagonal in {above} of {len(points)} runs"
    return picture(SQUARE, SQUARE, said, "scatter", *parts)


KINDS = ("normal", "known anomaly class", "other anomaly class")
_DOTS = ("code-normal", "code-known", "code-other")


def codes(model: Mapping[str, Any], kinds: Sequence[int]) -> Markup:
    """Return the codes of test images in two dimensions; ``kinds`` are places in :data:`KINDS`."""
    xs, ys = model["x"], model["y"]
    x = Scale(min(xs), max(xs) + 1e-9, 8, SQUARE - 8)
    y = Scale(min(ys), max(ys) + 1e-9, SQUARE - 8, 8)
    order = sorted(range(len(kinds)), key=lambda i: -kinds[i])  # normal images on top of the many anomalies
    parts = [tag("circle", cx=x(xs[i]), cy=y(ys[i]), r=1.6, class_=_DOTS[kinds[i]]) for i in order]
    return picture(SQUARE, SQUARE, f"t-SNE of the codes of {model['method']}", "codes", *parts)
