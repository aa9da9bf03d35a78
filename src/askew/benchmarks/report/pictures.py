"""The report's part on one fitted model of images: its scores as histograms, and images with what it makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from askew.benchmarks.report.svg import Scale, line, picture, tag, text, ticks

GROUPS = {"train": "training images", "normal": "normal test images", "anomaly": "anomalies"}
"""What a histogram counts, from back to front."""

_SIZES = (("wide", 540), ("narrow", 350))
_HEIGHT, _SIDE, _BOTTOM = 190.0, 8.0, 26.0


def view(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template shows of a picture that ``--pictures`` left in a results folder."""
    sheet, first = found["sheet"], found["histograms"][0]
    groups = [(group["heading"], [_case(case) for case in group["cases"]]) for group in sheet["groups"]]
    return {
        "method": found["method"],
        "words": found["words"],
        "crisp": found["crisp"],
        "legend": [(key, f"{first['n'][key]:,} {words}") for key, words in GROUPS.items()],
        "histograms": [
            (one["name"], [(kind, score_histogram(one, width)) for kind, width in _SIZES])
            for one in found["histograms"]
        ],
        "extremes": [(row["name"], _uri(row["png"])) for row in found["extremes"]],
        "sheet": {**sheet, "groups": groups},
        "strips": [
            {
                "title": one["title"],
                "words": one["words"],
                "blocks": [
                    (block["name"], [(row["name"], _uri(row["png"])) for row in block["lines"]])
                    for block in one["blocks"]
                ],
            }
            for one in found["strips"]
        ],
        "missing": " ".join(found["missing"]),
    }


def _case(case: Mapping[str, Any]) -> dict[str, Any]:
    return {**case, "tiles": [_uri(tile) for tile in case["tiles"]]}


def _uri(content: str) -> str:
    return f"data:image/png;base64,{content}"


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
    x = Scale(found["low"], found["high"], _SIDE, width - _SIDE)
    y = Scale(0.0, max(max(shares[key]) for key in GROUPS), _HEIGHT - _BOTTOM, 10.0)
    parts = [line(x.start, y.start, x.end, y.start, "axis")]
    for value in ticks(x.low, x.high, max(width // 90, 3)):
        parts.append(text(f"{value:g}", x(value), y.start + 16, "tick", "middle"))
    for key in GROUPS:
        corners = " ".join(f"{px:.1f},{py:.1f}" for px, py in _outline(shares[key], x, y))
        parts.append(tag("polygon", tag("title", GROUPS[key]), points=corners, class_=f"shares {key}"))
    said = f"Histograms of {found['name']}: {', '.join(GROUPS.values())}"
    return picture(width, _HEIGHT, said, "shares", *parts)


def _outline(shares: Sequence[float], x: Scale, y: Scale) -> Iterator[tuple[float, float]]:
    """Yield the corners of the bars' common outline, from the axis to the axis."""
    step = (x.end - x.start) / len(shares)
    yield x.start, y.start
    for place, share in enumerate(shares):
        yield x.start + place * step, y(share)
        yield x.start + (place + 1) * step, y(share)
    yield x.end, y.start
