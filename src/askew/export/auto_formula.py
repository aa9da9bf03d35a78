"""AutoDetector as ONNX operations: the surprise of several detectors, each from models of several folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from askew.export.graph import Graph

Score = Callable[[Graph, Any, str], str]

_LIMITS = (-1e100, 1e100)  # where AutoDetector cuts values off


def auto_score(graph: Graph, detector: Any, value: str, score: Score) -> str:
    """Add minus the weighted surprises of the chosen bags, (rows,); `score` adds that of one model."""
    parts = [
        graph.add("Mul", _bag(graph, detector.bags_[name], value, score), graph.constant(float(-weight)))
        for name, weight in detector.chosen_.items()
    ]
    return graph.add("Sum", *parts)


def _bag(graph: Graph, bag: Any, value: str, score: Score) -> str:
    """Add the surprise of the models' mean strangeness, (rows,)."""
    low, high = (graph.constant(limit) for limit in _LIMITS)
    parts = []
    for model, centre, spread in zip(bag.models, bag.centres, bag.spreads, strict=True):
        found = score(graph, model, value)
        found = graph.add("Where", graph.add("IsNaN", found), graph.constant(-np.inf), found)
        strange = graph.add("Clip", graph.add("Neg", found), low, high)
        apart = graph.add("Sub", strange, graph.constant(float(centre)))
        parts.append(graph.add("Div", apart, graph.constant(float(spread) * len(bag.models))))
    return _surprise(graph, bag.surprise, graph.add("Clip", graph.add("Sum", *parts), low, high))


def _surprise(graph: Graph, surprise: Any, value: str) -> str:
    """Add the interpolated levels up to the last knot and the tail beyond it, (rows,).

    The interpolation is a sum over the knots' intervals of the part that lies below the value.
    """
    add, number = graph.add, graph.constant
    left, right = surprise.knots[:-1], surprise.knots[1:]
    body = number(float(surprise.levels[0]))
    if len(left):
        inside = add(
            "Sub", add("Min", add("Max", graph.column(value), number(left)), number(right)), number(left)
        )
        slope = np.diff(surprise.levels) / (right - left)
        body = add("Add", graph.vector(add("MatMul", inside, number(slope[:, None]))), body)
    excess = add("Sub", value, number(float(surprise.knots[-1])))
    excess = add("Div", add("Max", excess, number(0.0)), number(float(surprise.scale)))
    if surprise.shape > 0:
        grown = add("Add", add("Mul", excess, number(surprise.shape)), number(1.0))
        excess = add("Div", add("Log", grown), number(surprise.shape))
    return add("Add", body, excess)
