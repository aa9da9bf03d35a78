"""Pictures of the image protocols: the best method against the second best, codes, and histograms of scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from askew.benchmarks.protocols.images.comparisons import column_name
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.report import svg
from askew.benchmarks.result_tables.paired_tests import Comparison

_SIDE, _LONGEST = 250, 22

CODE_KINDS = ("normal", "known anomaly class", "other anomaly class")
_CODE_CLASSES = ("code-normal", "code-known", "code-other")


def best_against_second(result: ImageResult) -> list[tuple[str, Markup]]:
    """Return by column the AUROC of the best method against the second best, a point per pair of runs.

    Points above the diagonal are runs in which the best method is the better one; Figures 6 to 8 of Ruff et al. (2020).
    """
    scores = result.column_scores
    best = {one.dataset: one for one in result.comparisons if one.family == "best against second"}
    wheres = [
        column_name(result.design, dataset, at)
        for dataset in result.datasets
        for at in result.columns(dataset)
    ]
    pictures = []
    for where in wheres:
        if (pair := best.get(where)) is not None:
            first, second = scores[where, pair.first], scores[where, pair.second]
            points = [(100 * second[run], 100 * first[run]) for run in sorted(first.keys() & second.keys())]
            if points:
                pictures.append((where, _scatter(pair, points)))
    return pictures


def _scatter(pair: Comparison, points: Sequence[tuple[float, float]]) -> Markup:
    low, high = svg.padded([value for point in points for value in point], 0.05, 0.25)
    x, y = svg.Scale(low, high, 34, _SIDE - 8), svg.Scale(low, high, _SIDE - 36, 8)
    parts: list[Markup] = []
    for value in svg.ticks(low, high, 4):
        upright, below = svg.column(x, value, (y.start, y.end), y.start + 14)
        level, beside = svg.row(x, y, value)
        parts += [upright, level, below, beside]
    parts.append(svg.line(x.start, y.start, x.end, y.end, "diagonal"))
    for second, first in points:
        tooltip = f"{pair.first} {first:.1f}, {pair.second} {second:.1f}"
        parts.append(svg.circle(x(second), y(first), 3, "run", tooltip))
    parts.append(svg.text(f"{svg.shorten(pair.first, _LONGEST)} ↑", 38, 18, "label"))
    parts.append(svg.text(f"{svg.shorten(pair.second, _LONGEST)} →", _SIDE - 8, _SIDE - 6, "label", "end"))
    above = sum(first > second for second, first in points)
    title = f"{pair.first} against {pair.second} on {pair.dataset}: above the diagonal in {above} of {len(points)} runs"
    return svg.picture(_SIDE, _SIDE, title, "scatter", *parts)


def codes_picture(model: Mapping[str, Any], kinds: Sequence[int]) -> Markup:
    """Return the codes of test images in two dimensions; ``kinds`` are places in :data:`CODE_KINDS`."""
    xs, ys = model["x"], model["y"]
    x = svg.Scale(min(xs), max(xs) + 1e-9, 8, _SIDE - 8)
    y = svg.Scale(min(ys), max(ys) + 1e-9, _SIDE - 8, 8)
    order = sorted(range(len(kinds)), key=lambda i: -kinds[i])  # normal images on top of the many anomalies
    parts = [svg.circle(x(xs[i]), y(ys[i]), 1.6, _CODE_CLASSES[kinds[i]]) for i in order]
    return svg.picture(_SIDE, _SIDE, f"t-SNE of the codes of {model['method']}", "codes", *parts)


GROUPS = {"train": "training images", "normal": "normal test images", "anomaly": "anomalies"}
"""What a histogram counts, from back to front."""

_TALL, _MARGIN, _FOOT = 190.0, 8.0, 26.0


def score_histogram(found: Mapping[str, Any], width: int) -> Markup:
    """Return the shares of training images, normal test images and anomalies by score, as outlines on one axis.

    ``found`` has ``name``, ``low``, ``high`` and ``shares`` in bins of equal width, by the keys of :data:`GROUPS`.
    Figures 4 and 5 of Somepalli et al. (2021).
    """
    shares = found["shares"]
    x = svg.Scale(found["low"], found["high"], _MARGIN, width - _MARGIN)
    y = svg.Scale(0.0, max(max(shares[key]) for key in GROUPS), _TALL - _FOOT, 10.0)
    parts = [svg.line(x.start, y.start, x.end, y.start, "axis")]
    parts += svg.numbers(x, svg.ticks(x.low, x.high, max(width // 90, 3)), y.start + 16)
    for key, name in GROUPS.items():
        parts.append(svg.shape("polygon", _outline(shares[key], x, y), f"shares {key}", name))
    title = f"Histograms of {found['name']}: {', '.join(GROUPS.values())}"
    return svg.picture(width, _TALL, title, "shares", *parts)


def _outline(shares: Sequence[float], x: svg.Scale, y: svg.Scale) -> Iterator[tuple[float, float]]:
    step = (x.end - x.start) / len(shares)
    yield x.start, y.start
    for place, share in enumerate(shares):
        yield x.start + place * step, y(share)
        yield x.start + (place + 1) * step, y(share)
    yield x.end, y.start
