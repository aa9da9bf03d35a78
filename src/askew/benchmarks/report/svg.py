"""Pictures as SVG, for the pages of reports and models: marks, scales, ticks and grids. Lengths are in px.

Why no matplotlib: these pictures take their colours from the page's style sheet, by class, and so follow its light or
dark theme; their text is text and their marks have tooltips; they are small; and a report imports nothing heavy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from askew.plain_text import visible

CHARACTER = 6.7
"""Width of an average character of 12 px text; slightly generous, so that labels are not cut."""

WIDTHS = (("wide", 540), ("narrow", 350))
"""Pictures that are drawn twice: the class of the width, for wide screens and for telephones."""


def tag(name: str, *children: str | Markup, **attributes: object) -> Markup:
    """Return an element; text is escaped, ``class_`` and ``text_anchor`` become ``class`` and ``text-anchor``.

    >>> tag("text", "a < b", x=1.25, class_="label")
    Markup('<text x="1.25" class="label">a &lt; b</text>')
    """
    parts = []
    for key, value in attributes.items():
        shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{escape(visible(str(shown)))}"')
    inside = Markup("").join(
        child if isinstance(child, Markup) else escape(visible(child)) for child in children
    )
    return Markup(f"<{name}{''.join(parts)}>{inside}</{name}>")


def picture(width: float, height: float, title: str, class_: str, *children: Markup) -> Markup:
    """Return a whole ``<svg>`` that says ``title`` to who cannot see it."""
    return tag(
        "svg",
        tag("title", title),
        *children,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        class_=class_,
        style=f"max-width:{width:g}px",
    )


def both_widths(draw: Callable[[int], Markup | None]) -> list[tuple[str, Markup]]:
    """Return (class, picture) for wide and for narrow screens; nothing where there is nothing to draw."""
    return [(class_, drawn) for class_, width in WIDTHS if (drawn := draw(width)) is not None]


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Return a straight line."""
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=class_)


def text(content: str, x: float, y: float, class_: str = "label", anchor: str = "start") -> Markup:
    """Return text whose baseline starts, ends or has its middle at (x, y)."""
    return tag("text", content, x=float(x), y=float(y), class_=class_, text_anchor=anchor)


def circle(x: float, y: float, radius: float, class_: str, tooltip: str = "") -> Markup:
    """Return a circle around (x, y)."""
    return tag("circle", *_title(tooltip), cx=float(x), cy=float(y), r=float(radius), class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    """Return a rectangle with its upper left corner at (x, y)."""
    return tag("rect", x=float(x), y=float(y), width=float(width), height=float(height), class_=class_)


def shape(kind: str, corners: Iterable[tuple[float, float]], class_: str, tooltip: str = "") -> Markup:
    """Return a ``polyline`` or a ``polygon`` through ``corners``."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return tag(kind, *_title(tooltip), points=points, class_=class_)


def diamond(x: float, y: float, half: float, class_: str, tooltip: str) -> Markup:
    """Return a diamond around (x, y) that is ``2 * half`` wide and high."""
    corners = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
    return shape("polygon", corners, class_, tooltip)


def _title(tooltip: str) -> list[Markup]:
    return [tag("title", tooltip)] if tooltip else []


def shorten(label: str, most: int = 24) -> str:
    """Return at most ``most`` characters; the end stays, where settings tell methods apart.

    >>> shorten("dp_vae (training__lr=0.001)", 16)
    'dp_vae (…=0.001)'
    """
    if len(label) <= most:
        return label
    end = (most - 1) // 2
    return f"{label[: most - 1 - end]}…{label[len(label) - end :]}"


@dataclass(frozen=True)
class Scale:
    """A straight (or logarithmic) map from values in [low, high] to pixels in [start, end]."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of ``value``."""
        low, high = self._place(self.low), self._place(self.high)
        return self.start + (self._place(value) - low) / (high - low) * (self.end - self.start)

    def _place(self, value: float) -> float:
        return math.log10(value) if self.logarithmic else value


def padded(values: Sequence[float], share: float, least: float) -> tuple[float, float]:
    """Return the range of ``values`` with a margin on both sides: a share of it, at least ``least``.

    >>> padded([90.0, 100.0], 0.05, 0.25)
    (89.5, 100.5)
    """
    low, high = min(values), max(values)
    margin = max(share * (high - low), least)
    return low - margin, high + margin


def column(
    x: Scale,
    at: float,
    ends: tuple[float, float],
    number_y: float,
    class_: str = "grid",
    label: str | None = None,
) -> tuple[Markup, Markup]:
    """Return a vertical line at the value ``at``, between two heights, and its number at the height ``number_y``."""
    shown = f"{at:g}" if label is None else label
    return line(x(at), ends[0], x(at), ends[1], class_), text(shown, x(at), number_y, "tick", "middle")


def row(x: Scale, y: Scale, at: float, gap: float = 5) -> tuple[Markup, Markup]:
    """Return a horizontal grid line at the value ``at``, and its number ``gap`` to the left."""
    return (
        line(x.start, y(at), x.end, y(at), "grid"),
        text(f"{at:g}", x.start - gap, y(at) + 4, "tick", "end"),
    )


def numbers(x: Scale, values: Iterable[float], y: float) -> list[Markup]:
    """Return the numbers of a horizontal axis without a grid."""
    return [text(f"{value:g}", x(value), y, "tick", "middle") for value in values]


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers in [low, high], about ``about`` of them.

    >>> ticks(0.0, 10.0), ticks(97.9, 99.1, 3)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [98.0, 98.5, 99.0])
    """
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((factor * power for factor in (1, 2, 5, 10)), key=lambda step: abs(math.log(step / rough)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten in [low, high]; only powers over more than two decades.

    >>> log_ticks(0.8, 30)
    [1.0, 2.0, 5.0, 10.0, 20.0]
    """
    factors = (1, 2, 5) if high / low <= 100 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = (factor * 10.0**power for power in powers for factor in factors)
    return [round(value, 9) for value in found if low <= value <= high]
