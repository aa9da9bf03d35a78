"""Panels of anomalies found, answer by answer: our loop, coniferest's and the best list stand out."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from askew.benchmarks.protocols.label_loop.record import CHECKPOINTS
from askew.benchmarks.protocols.label_loop.result import REFERENCE, LoopResult
from askew.benchmarks.report.figures.curves import GREY, Curve, Panel

KINDS = {"anomalous": "semi", REFERENCE: "plain", "static": "free"}
"""The curves that stand out, with their class in the style sheet."""

_AT = (1, *range(5, max(CHECKPOINTS) + 1, 5))
"""Numbers of answers that are drawn."""


def answer_curves(result: LoopResult, datasets: Sequence[str], title: str) -> Markup:
    """Return the panel of some tables: the mean share found, in percent of the most that could be."""
    curves = []
    for method in sorted(result.methods, key=lambda name: KINDS.get(name, "") != "", reverse=False):
        if curve := result.curve(method, datasets):
            points = tuple((at, 100 * curve[at - 1]) for at in _AT)
            curves.append(Curve(method, points, kind=KINDS.get(method, GREY)))
    panel = Panel(
        title=f"Anomalies found in percent of the most that could be, by answers: {title}",
        size=(380, 250),
        caption="answers",
        places=[(at, str(at)) for at in CHECKPOINTS],
        ends=(1, max(CHECKPOINTS)),
        room=20,
    )
    values = [value for one in curves for value in one.values]
    return panel.draw(curves, min(values), max(values))
