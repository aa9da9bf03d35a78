"""AUROC along the axis of an image protocol, such as the share of labels: one panel per data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from askew.benchmarks.protocols.images.design import LABEL_FREE
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.protocols.images.settings import VAES
from askew.benchmarks.report.svg.curves import GREY, Curve, Panel, band
from askew.benchmarks.runs.method import Method


def image_curves(result: ImageResult, dataset: str) -> Markup | None:
    """Return AUROC along the protocol's axis, columns at equal distances; None for a single column.

    The best VAE with labels, the best other method with labels and the best without stand out, each with the 95 %
    interval of its mean over runs and the papers' numbers as diamonds; all others are grey. A method without labels
    has one number along γ_l and k, which is drawn through; a semi-supervised one begins with it at 0.
    """
    at = result.columns(dataset)
    curves = _curves(result, dataset, at)
    if len(at) < 2 or not curves:
        return None
    panel = Panel(
        title=f"AUROC in percent by {result.design.symbol} on {dataset}",
        width=400,
        height=270,
        caption=result.design.symbol,
        places=tuple((place, f"{value:g}") for place, value in enumerate(at)),
        ends=(-0.15, len(at) - 0.85),
        longest=22,
    )
    values = [value for one in curves for value in one.values]
    return panel.draw(curves, min(values), max(values))


def _curves(result: ImageResult, dataset: str, at: Sequence[float]) -> list[Curve]:
    """Return the curves, the best of each kind (highest mean over its points) last, so on top."""
    kinds: dict[str, list[Curve]] = {"free": [], "plain": [], "semi": []}
    for name in result.lines(dataset):
        points, labels = [], []
        for place, value in enumerate(at):
            key = result.cell_for(dataset, name, value)
            mean = result.by_key[key].auroc_mean if key else None
            if mean is not None:
                points.append((float(place), 100 * mean))
                labels.append(f"{result.design.symbol} = {value:g}")
        if points:
            kinds[_kind(name)].append(Curve(name, GREY, tuple(points), labels=tuple(labels)))
    behind, best = [], []
    for kind, curves in kinds.items():
        fair = sorted(
            (one for one in curves if not Method.of(one.method).is_test_tuned), key=lambda one: one.mean
        )
        behind += [one for one in curves if one not in fair[-1:]]
        best += [_outstanding(result, dataset, replace(one, kind=kind), at) for one in fair[-1:]]
    return behind + best


def _kind(name: str) -> str:
    """Return a line's class in the style sheet: VAE with labels, other method with labels, without labels."""
    method = Method.of(name.partition(" ")[0]).untuned
    return "free" if method in LABEL_FREE else "semi" if method in VAES else "plain"


def _outstanding(result: ImageResult, dataset: str, curve: Curve, at: Sequence[float]) -> Curve:
    """Return a curve with the intervals of its points and the papers' numbers of its cells."""
    keys = [result.cell_for(dataset, curve.method, value) for value in at]
    means = [result.by_key[key].published_mean if key else None for key in keys]
    printed = ((float(place), 100 * mean) for place, mean in enumerate(means) if mean is not None)
    standing = ((place, keys[int(place)]) for place, _ in curve.points)
    aurocs = ((place, result.aurocs[key]) for place, key in standing if key)
    return replace(curve, band=band(aurocs), published=tuple(printed))
