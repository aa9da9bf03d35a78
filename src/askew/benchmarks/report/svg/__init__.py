"""Pictures as SVG, for the page of a report and the page of a model.

Why no matplotlib: these pictures take their colours from the page's style sheet, by class, so that they follow its
light or dark theme; their text is text in the page's font and their marks have tooltips; they are small; and a
report needs no import but the standard library's and jinja2's.

``elements`` are the marks, ``axes`` scales with ticks and grids, ``curves`` a panel of curves.
"""

from askew.benchmarks.report.svg.axes import Scale, column, log_ticks, numbers, padded, row, ticks
from askew.benchmarks.report.svg.elements import (
    CHARACTER,
    both_widths,
    circle,
    diamond,
    line,
    picture,
    rect,
    shape,
    shorten,
    tag,
    text,
)

__all__ = [
    "CHARACTER",
    "Scale",
    "both_widths",
    "circle",
    "column",
    "diamond",
    "line",
    "log_ticks",
    "numbers",
    "padded",
    "picture",
    "rect",
    "row",
    "shape",
    "shorten",
    "tag",
    "text",
    "ticks",
]
