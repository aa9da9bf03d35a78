"""Marks of a picture. Colours come from the page's style sheet, by class; lengths are in px."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup, escape

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
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    inside = Markup("").join(escape(child) for child in children)
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
