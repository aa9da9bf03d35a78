"""Histograms of one model's scores: training images, normal test images and anomalies on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from askew.benchmarks.report import svg

GROUPS = {"train": "training images", "normal": "normal test images", "anomaly": "anomalies"}
"""What a histogram counts, from back to front."""

_HEIGHT, _SIDE, _BOTTOM = 190.0, 8.0, 26.0


def score_histogram(found: Mapping[str, Any], width: int) -> Markup:
    """Return the shares of training images, normal test images and anomalies by score, as outlines on one axis.

    Figures 4 and 5 of Somepalli et al. (2021).

    Parameters
    ----------
    found
        ``name``, ``low``, ``high`` and per group of :data:`GROUPS` the ``shares`` of its images in bins of equal
        width, see :func:`askew.benchmarks.protocols.images.picture_parts.histogram`.
    width
        In px.
    """
    shares = found["shares"]
    x = svg.Scale(found["low"], found["high"], _SIDE, width - _SIDE)
    y = svg.Scale(0.0, max(max(shares[key]) for key in GROUPS), _HEIGHT - _BOTTOM, 10.0)
    parts = [svg.line(x.start, y.start, x.end, y.start, "axis")]
    parts += svg.numbers(x, svg.ticks(x.low, x.high, max(width // 90, 3)), y.start + 16)
    for key, name in GROUPS.items():
        parts.append(svg.shape("polygon", _outline(shares[key], x, y), f"shares {key}", name))
    title = f"Histograms of {found['name']}: {', '.join(GROUPS.values())}"
    return svg.picture(width, _HEIGHT, title, "shares", *parts)


def _outline(shares: Sequence[float], x: svg.Scale, y: svg.Scale) -> Iterator[tuple[float, float]]:
    """Yield the corners of the bars' common outline, from the axis to the axis."""
    step = (x.end - x.start) / len(shares)
    yield x.start, y.start
    for place, share in enumerate(shares):
        yield x.start + place * step, y(share)
        yield x.start + (place + 1) * step, y(share)
    yield x.end, y.start
