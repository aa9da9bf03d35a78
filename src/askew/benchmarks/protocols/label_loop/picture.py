"""The picture of the label_loop protocol: anomalies found, answer by answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from askew.inputs.atomic import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from askew.benchmarks.protocols.label_loop.result import LoopResult

# Okabe and Ito's colours, which people with any colour vision can tell apart; lists without answers are dashed.
_LOOKS = {
    "anomalous": ("#0072B2", "-", 2.4),
    "anomalous_random": ("#56B4E9", "-", 1.6),
    "informative": ("#009E73", "-", 1.6),
    "aad_forest": ("#D55E00", "-", 2.4),
    "static": ("#0072B2", "--", 1.4),
    "isolation_forest": ("0.35", "--", 1.4),
    "random": ("0.6", ":", 1.4),
}


def draw_curves(result: LoopResult, folder: Path) -> None:
    """Write ``curves.png``: means over tables, of all complete ones and of those that settled nothing."""
    groups = result.groups()
    if not groups:
        return
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(4.6 * len(groups), 7.5), 3.9), layout="constrained")
    for axes, (heading, datasets) in zip(
        figure.subplots(1, len(groups), squeeze=False)[0], groups, strict=True
    ):
        _draw(axes, result, datasets)
        axes.set_title(heading, fontsize=10, loc="left")
    lines, names = axes.get_legend_handles_labels()
    figure.legend(lines, names, fontsize=8, frameon=False, loc="outside lower center", ncols=len(names))
    with atomic_path(folder / "curves.png") as path:
        figure.savefig(path, dpi=110, format="png")


def _draw(axes: Axes, result: LoopResult, datasets: tuple[str, ...]) -> None:
    for method, (colour, line, width) in _LOOKS.items():
        if method in result.methods and (curve := result.curve(method, datasets)):
            answers = np.arange(1, len(curve) + 1)
            axes.plot(answers, 100 * np.array(curve), line, color=colour, linewidth=width, label=method)
    axes.set_xlim(1, None)
    axes.set_ylim(0, 100)
    axes.set_xlabel("answers")
    axes.set_ylabel("anomalies found, % of the most that could be")
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
