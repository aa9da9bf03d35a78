"""AUROC against the number of labelled anomalies: one panel per data set and regime of few_labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from askew.benchmarks.protocols.few_labels.contests import PLAIN, SEMI_SUPERVISED
from askew.benchmarks.protocols.few_labels.result import FewLabelsResult
from askew.benchmarks.report import svg
from askew.benchmarks.report.svg.curves import GREY, Curve, Panel, band

_WIDTH, _HEIGHT = 380, 250


def label_curves(result: FewLabelsResult, regime: str, dataset: str) -> Markup:
    """Return the panel of a data set: the best method of each kind with its 95 % band, the others in grey."""
    ms = [m for m in result.ms if dataset in result.datasets_of(regime, m)]
    curves = _curves(result, regime, dataset, ms)
    if not curves:
        nothing = svg.text("no run has ended well", 8, 24, "failed")
        return svg.picture(_WIDTH, 40, f"{dataset}, {regime}", "curves", nothing)
    best = [value for one in curves if one.kind != GREY for value in one.values]
    others = sorted(value for one in curves if one.kind == GREY for value in one.values)
    # the panel ends below the best and three quarters of all others' points, not below a method far behind
    low, high = min(best + others[len(others) // 4 :][:1]), max(best + others)
    panel = Panel(
        title=f"AUROC in percent by labels on {dataset}, {regime}",
        width=_WIDTH,
        height=_HEIGHT,
        caption="labelled anomalies (logarithmic)",
        places=tuple((m, str(m)) for m in ms),
        ends=(min(ms) / 1.15, max(ms) * 1.15),
        longest=20,
        logarithmic=True,
    )
    return panel.draw(curves, low, high, cut=True)


def _curves(result: FewLabelsResult, regime: str, dataset: str, ms: Sequence[int]) -> list[Curve]:
    """Return the methods' curves, the best of each kind (highest mean over the panel) last, so on top."""
    kinds: dict[str, list[Curve]] = {"free": [], "plain": [], "semi": [], GREY: []}
    for method in result.methods:
        rows = [(m, result.row(dataset, regime, method, m)) for m in ms]
        points = tuple((m, 100 * row.auroc_mean) for m, row in rows if row and row.auroc_mean is not None)
        if points:
            is_free = all(row is not None and row.m == 0 for _, row in rows)
            kinds["free" if is_free else _kind(method)].append(Curve(method, GREY, points))
    behind, best = kinds.pop(GREY), []
    for kind, curves in kinds.items():
        curves.sort(key=lambda one: one.mean)
        behind += curves[:-1]
        for one in curves[-1:]:
            cells = [(m, result.row(dataset, regime, one.method, int(m))) for m, _ in one.points]
            aurocs = [(m, result.aurocs[dataset, regime, one.method, row.m]) for m, row in cells if row]
            best.append(replace(one, kind=kind, band=band(aurocs)))
    return behind + best


def _kind(method: str) -> str:
    return "plain" if method in PLAIN else "semi" if method in SEMI_SUPERVISED else GREY
