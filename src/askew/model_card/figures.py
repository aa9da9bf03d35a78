"""The pictures of a model's page, as SVG."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from askew.benchmarks.report.svg import Scale, line, picture, shorten, tag, text, ticks
from askew.model_card.learning_curve import LearningCurve

_BINS = 60
_FAR = 3.0
"""Scores lower than this many times the way from the median to the lowest per cent share the leftmost bar."""


def scores(
    rest: NDArray[np.float64],
    known: NDArray[np.float64],
    cut: float | None,
    count: int,
    width: int,
    what: str,
    things: str = "rows",
) -> Markup:
    """Return two histograms of scores on one axis: rows that nobody called anomalous, and known anomalies.

    Parameters
    ----------
    rest, known : array of scores
        `known` may be empty.
    cut : float, optional
        Scores below it are flagged; drawn as a line.
    count : int
        How many rows `rest` stands for; it may hold their quantiles.
    width : int
        Of the picture, in px.
    what : str
        What the picture shows, for who cannot see it.
    things : str
        What was scored.
    """
    finite = rest[np.isfinite(rest)]
    middle, low, high = np.quantile(finite, [0.5, 0.01, 1.0])
    left = middle - _FAR * max(middle - low, 1e-12)
    edges = np.linspace(left, high + 1e-12 * max(1.0, abs(high)), _BINS + 1)
    scale = Scale(float(edges[0]), float(edges[-1]), 8.0, width - 8.0)
    parts: list[Markup] = []
    top = 18.0
    rows = [(rest, f"{count:,} {things} not known as anomalies", "bar")]
    if len(known):
        rows.append((known, f"{len(known):,} known anomalies", "bar off"))
    height = 74.0
    for values, name, class_ in rows:
        tall_of, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
        base = top + height
        parts.append(text(name, 8.0, top - 4))
        for i, share in enumerate(tall_of / tall_of.max()):
            if share:
                tall = max((height - 6) * float(share), 1.5)
                x0, x1 = scale(float(edges[i])), scale(float(edges[i + 1]))
                parts.append(
                    tag("rect", x=x0, y=base - tall, width=x1 - x0 - 0.5, height=tall, class_=class_)
                )
        parts.append(line(8, base, width - 8, base, "axis"))
        top += height + 24
    bottom = top - 24
    if cut is not None and edges[0] < cut < edges[-1]:
        at = scale(cut)
        parts.append(line(at, 6, at, bottom, "cut"))
        side = "end" if at > width / 2 else "start"
        parts.append(text("flagged ← | → passes", at, bottom + 28, "tick", side))
    for value in ticks(float(edges[0]), float(edges[-1]), max(width // 110, 3)):
        parts.append(text(f"{value:g}", scale(value), bottom + 14, "tick", "middle"))
    return picture(width, bottom + 34, what, "scores", *parts)


def bars(names: Sequence[str], shares: Sequence[float], width: int, what: str) -> Markup:
    """Return horizontal bars of shares (0 to 1), one line per name."""
    start = min(max(max((len(name) for name in names), default=0), 6), 24) * 7.0 + 10
    scale = Scale(0.0, max(max(shares, default=0.0), 1e-9), start, width - 52.0)
    parts = []
    for number, (name, share) in enumerate(zip(names, shares, strict=True)):
        y = 6.0 + 22 * number
        parts.append(text(shorten(name), start - 8, y + 12, "label", "end"))
        parts.append(
            tag("rect", x=start, y=y, width=max(scale(share) - start, 1.0), height=15.0, class_="bar")
        )
        parts.append(text(f"{share:.0%}", scale(share) + 6, y + 12, "number"))
    return picture(width, 10 + 22 * len(names), what, "bars", *parts)


def curve(learned: LearningCurve, width: int, what: str) -> Markup:
    """Return mean AUROC, with every repeat as a dot, against known anomalies trained on."""
    low = min(float(learned.auroc.min()), 0.95)
    x = Scale(learned.sizes[0] / 1.25, learned.sizes[-1] * 1.25, 46.0, width - 12.0, logarithmic=True)
    y = Scale(low, 1.0, 170.0, 12.0)
    parts = []
    for value in ticks(low, 1.0, 5):
        parts += [line(46, y(value), width - 12, y(value), "grid")]
        parts.append(text(f"{value:g}", 40, y(value) + 4, "tick", "end"))
    means = learned.auroc.mean(0)
    path = " ".join(f"{x(size):.1f},{y(mean):.1f}" for size, mean in zip(learned.sizes, means, strict=True))
    for repeat in learned.auroc:
        for size, value in zip(learned.sizes, repeat, strict=True):
            parts.append(tag("circle", cx=x(size), cy=y(float(value)), r=2.5, class_="dot"))
    parts.append(tag("polyline", points=path, class_="path"))
    for size, mean in zip(learned.sizes, means, strict=True):
        parts.append(tag("circle", cx=x(size), cy=y(float(mean)), r=4.5, class_="mean"))
        parts.append(text(str(size), x(size), 187, "tick", "middle"))
    parts.append(text("known anomalies trained on", width / 2, 204, "tick", "middle"))
    return picture(width, 210, what, "curve", *parts)
