"""Scales, ticks and grids: every axis of every picture is made of these."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from askew.benchmarks.report.svg.elements import line, text


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
