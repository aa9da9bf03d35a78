"""The pictures of a model's page, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from askew.benchmarks.report import svg
from askew.model_card.learning_curve import LearningCurve

_BINS = 60
_FAR = 3.0
"""Scores lower than this many times the way from the median to the lowest per cent share the leftmost bar."""

_SIDE, _TOP, _TALL, _BETWEEN = 8.0, 18.0, 74.0, 24
"""Of histograms, in px: margin, where the first begins, height, and from the foot of one to the next."""


def score_histograms(
    groups: Mapping[str, NDArray[np.float64]], cut: float | None, width: int, title: str
) -> Markup:
    """Return histograms of scores on one axis, one below the other, by what is said of them.

    The range is that of the first, and of ``cut``; the others have the colour of anomalies. Scores below ``cut`` are
    flagged: a line through every histogram, unless it is infinite.
    """
    cut = cut if cut is not None and np.isfinite(cut) else None
    edges = score_edges(next(iter(groups.values())), cut)
    scale = svg.Scale(float(edges[0]), float(edges[-1]), _SIDE, width - _SIDE)
    parts: list[Markup] = []
    base = _TOP - _BETWEEN
    for number, (name, values) in enumerate(groups.items()):
        base += _BETWEEN + _TALL
        parts.append(svg.text(name, _SIDE, base - _TALL - 4))
        parts += _bars(values, edges, scale, base, "bar off" if number else "bar")
        parts.append(svg.line(_SIDE, base, width - _SIDE, base, "axis"))
        if cut is not None:
            parts.append(svg.line(scale(cut), base - _TALL + 2, scale(cut), base + 4, "cut"))
    if cut is not None:
        at = scale(cut)
        side = "end" if at > width / 2 else "start"
        parts.append(svg.text("flagged ← | → passes", at, base + 28, "tick", side))
    parts += svg.numbers(scale, svg.ticks(scale.low, scale.high, max(width // 110, 3)), base + 14)
    return svg.picture(width, base + 34, title, "scores", *parts)


def score_edges(scores: NDArray[np.float64], cut: float | None, n_bins: int = _BINS) -> NDArray[np.float64]:
    """Return the edges of the bars of scores: few that are far lower do not flatten the rest; ``cut`` is inside."""
    middle, low, high = np.quantile(scores[np.isfinite(scores)], [0.5, 0.01, 1.0])
    left = middle - _FAR * max(middle - low, 1e-12)
    high += 1e-12 * max(1.0, abs(high))
    if cut is not None:  # with room beside it, for both sides to be seen
        room = 0.05 * (max(high, cut) - min(left, cut))
        left, high = min(left, cut - room), max(high, cut + room)
    return np.linspace(left, high, n_bins + 1)


def _bars(
    scores: NDArray[np.float64], edges: NDArray[np.float64], scale: svg.Scale, base: float, class_: str
) -> Iterator[Markup]:
    counts, _ = np.histogram(np.clip(scores, edges[0], edges[-1]), edges)
    for i, share in enumerate(counts / counts.max()):
        if share:
            tall = max((_TALL - 6) * float(share), 1.5)
            start, end = scale(float(edges[i])), scale(float(edges[i + 1]))
            yield svg.rect(start, base - tall, end - start - 0.5, tall, class_)


def share_bars(shares: Mapping[str, float], width: int, title: str) -> Markup:
    """Return horizontal bars of shares (0 to 1), one line per name."""
    start = min(max([6, *map(len, shares)]), 24) * 7.0 + 10
    scale = svg.Scale(0.0, max([1e-9, *shares.values()]), start, width - 52.0)
    parts = []
    for number, (name, share) in enumerate(shares.items()):
        y = 6.0 + 22 * number
        parts.append(svg.text(svg.shorten(name), start - 8, y + 12, "label", "end"))
        parts.append(svg.rect(start, y, max(scale(share) - start, 1.0), 15, "bar"))
        parts.append(svg.text(f"{share:.0%}", scale(share) + 6, y + 12, "number"))
    return svg.picture(width, 10 + 22 * len(shares), title, "bars", *parts)


def learning_curve_picture(learned: LearningCurve, width: int, title: str) -> Markup:
    """Return mean AUROC, with every repeat as a dot, against known anomalies trained on."""
    low = min(float(learned.auroc.min()), 0.95)
    x = svg.Scale(learned.sizes[0] / 1.25, learned.sizes[-1] * 1.25, 46.0, width - 12.0, logarithmic=True)
    y = svg.Scale(low, 1.0, 170.0, 12.0)
    parts = [part for value in svg.ticks(low, 1.0, 5) for part in svg.row(x, y, value, gap=6)]
    for repeat in learned.auroc:
        for size, value in zip(learned.sizes, repeat, strict=True):
            parts.append(svg.circle(x(size), y(float(value)), 2.5, "dot"))
    means = [(x(size), y(mean)) for size, mean in zip(learned.sizes, learned.auroc.mean(0), strict=True)]
    parts.append(svg.shape("polyline", means, "path"))
    for size, at in zip(learned.sizes, means, strict=True):
        parts.append(svg.circle(*at, 4.5, "mean"))
        parts.append(svg.text(str(size), at[0], 187, "tick", "middle"))
    parts.append(svg.text("known anomalies trained on", width / 2, 204, "tick", "middle"))
    return svg.picture(width, 210, title, "curve", *parts)
