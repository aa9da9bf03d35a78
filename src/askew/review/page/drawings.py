"""What the page draws: where a score lies among all, what answers found, the squares of an image, images as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from askew.benchmarks.report import svg
from askew.explain.tiles import png
from askew.model_card.figures import score_edges
from askew.review.questions import Place

_TALL = 50.0
_LARGE, _SMALL = 1600, 240
"""Pixels along the longer side of an image at most: alone, and in a list."""

CRISP = 80
"""Images with fewer pixels a side are shown with their pixels to be seen, larger ones smoothly."""


def ruler(scores: NDArray[np.float64], threshold: float, score: float) -> list[tuple[str, Markup]]:
    """Return the histogram of all scores, with the threshold and a mark at one of them, for wide and narrow screens.

    The left is anomalous. Bars are as high as the square roots of their counts, for single rows to be seen beside
    thousands.
    """
    cut = threshold if np.isfinite(threshold) else None
    return [(name, _ruler(scores, cut, score, wide)) for name, wide in (("wide", 900.0), ("narrow", 340.0))]


def _ruler(scores: NDArray[np.float64], cut: float | None, score: float, wide: float) -> Markup:
    n_bins = int(wide / 10)
    whole = score_edges(scores, cut, n_bins)
    low = max(
        whole[0], min(float(scores.min()), np.inf if cut is None else cut) - (whole[-1] - whole[0]) / n_bins
    )
    edges = np.linspace(low, whole[-1], n_bins + 1)
    counts, _ = np.histogram(np.clip(scores, edges[0], edges[-1]), edges)
    x = svg.Scale(float(edges[0]), float(edges[-1]), 4.0, wide - 4.0)
    parts = [svg.line(4, _TALL, wide - 4, _TALL, "axis")]
    for start, end, share in zip(edges, edges[1:], np.sqrt(counts / counts.max()), strict=False):
        if share:
            tall = max((_TALL - 8) * float(share), 1.5)
            off = cut is not None and (start + end) / 2 < cut
            width = x(float(end)) - x(float(start)) - 0.6
            parts.append(svg.rect(x(float(start)), _TALL - tall, width, tall, "bar off" if off else "bar"))
    if cut is not None:
        side, gap = ("end", -6) if x(cut) > wide / 2 else ("start", 6)
        parts.append(svg.line(x(cut), 2, x(cut), _TALL + 3, "cut"))
        parts.append(svg.text("threshold", x(cut) + gap, 11, "tick", side))
    at = x(float(np.clip(score, edges[0], edges[-1])))
    parts.append(svg.shape("polygon", [(at, _TALL + 1), (at - 5, _TALL + 10), (at + 5, _TALL + 10)], "here"))
    side, gap = ("end", -8) if at > wide / 2 else ("start", 8)
    parts.append(svg.text("here", at + gap, _TALL + 11, "tick", side))
    title = f"All scores; this one is {score:.4g}" + ("" if cut is None else f", the threshold {cut:.4g}")
    return _picture(wide, _TALL + 14, title, parts)


def curve(found: Sequence[int]) -> Markup:
    """Return anomalies found against answers; nothing before the second answer."""
    if len(found) < 2:
        return Markup("")
    wide, tall = 300.0, 84.0
    most = max(found[-1], 1)
    x = svg.Scale(0.0, float(len(found)), 22.0, wide - 6.0)
    y = svg.Scale(0.0, float(most), tall - 18, 8.0)
    corners = [(x(0.0), y(0.0))]
    for number, count in enumerate(found, start=1):
        corners += [(x(float(number)), corners[-1][1]), (x(float(number)), y(float(count)))]
    parts = [svg.line(22, y(0.0), wide - 6, y(0.0), "axis"), svg.shape("polyline", corners, "path")]
    parts.append(svg.circle(*corners[-1], 3.5, "dot"))
    parts.append(svg.text(f"{most}", 17, y(float(most)) + 4, "tick", "end"))
    parts.append(svg.text("0", 17, y(0.0) + 4, "tick", "end"))
    parts.append(svg.text(f"{len(found)} answers", wide - 6, tall - 3, "tick", "end"))
    title = f"Anomalies found: {found[-1]} in {len(found)} answers"
    return _picture(wide, tall, title, parts)


def marks(places: Sequence[Any], shape: tuple[int, int]) -> Markup:
    """Return frames around squares of an image of a (height, width), the stronger the larger their share is."""
    frames = []
    strongest = max([each.share for each in places], default=1.0) or 1.0
    for place in places:
        if isinstance(place, Place):
            sizes = {"x": place.left, "y": place.top, "width": place.width, "height": place.height}
            opacity = f"{0.35 + 0.65 * place.share / strongest:.2f}"
            frames.append(svg.tag("rect", **sizes, class_="frame", opacity=opacity))
    height, width = shape
    view = f"0 0 {width} {height}"
    return svg.tag("svg", *frames, viewBox=view, class_="marks", aria_hidden="true")


def picture(pixels: NDArray[np.uint8], small: bool) -> bytes:
    """Return an image as PNG, of a size for a list or for itself."""
    return png(pixels, _SMALL if small else _LARGE)


def _picture(wide: float, tall: float, title: str, parts: Sequence[Markup]) -> Markup:
    return svg.tag("svg", svg.tag("title", title), *parts, viewBox=f"0 0 {wide:g} {tall:g}", role="img")
