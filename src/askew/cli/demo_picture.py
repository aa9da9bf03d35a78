"""The picture of ``askew demo``: precision against recall, and where normal and anomalous rows score."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which people with any colour vision can tell apart.
_LINES = (("#0072B2", 2.4, "-"), ("#E69F00", 1.6, "-"), ("#7F7F7F", 1.6, "--"))
_NORMAL, _ANOMALY = "#56B4E9", "#D55E00"
_BINS = 38
_HEADROOM = 1.25  # above the bars, for the words

_STYLE: Any = {
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "legend.frameon": False,
}


def save_picture(
    path: Path, anomaly: NDArray[np.bool_], scores: Mapping[str, NDArray[Any]], threshold: float, dataset: str
) -> None:
    """Write a picture of several methods' scores of the same test rows to a .png file.

    `anomaly` is the truth, (n,), and `scores` are by the method's title, (n,), higher = more normal. The histogram
    shows the first method, whose scores are negative; from the anomaly score `threshold` on it flags a row.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE):  # a figure of its own: pyplot's backend and figures stay as they are
        figure = Figure(figsize=(11, 4.6), dpi=150, layout="constrained")
        left, right = figure.subplots(1, 2)
        _precision_and_recall(left, anomaly, scores)
        title, first = next(iter(scores.items()))
        _histogram(right, -first[~anomaly], -first[anomaly], threshold, title.partition(",")[0])
        heading = f"{dataset}: {len(anomaly):,} test rows, {int(anomaly.sum())} of them anomalies"
        figure.suptitle(heading, x=0.008, ha="left", size=13, weight="bold")
        figure.savefig(path)


def _precision_and_recall(axes: Axes, anomaly: NDArray[np.bool_], scores: Mapping[str, NDArray[Any]]) -> None:
    from sklearn.metrics import average_precision_score, precision_recall_curve

    for order, (title, each) in enumerate(scores.items()):
        precision, recall, _ = precision_recall_curve(anomaly, -each)
        all_found = np.flatnonzero(recall == 1)[-1]  # flagging still more rows finds nothing
        colour, width, line = _LINES[order % len(_LINES)]
        label = f"{title}: {average_precision_score(anomaly, -each):.2f}"
        line_style: dict[str, Any] = {"color": colour, "lw": width, "ls": line, "zorder": 3 - 0.1 * order}
        axes.step(recall[all_found:], precision[all_found:], where="post", label=label, **line_style)
    axes.set(xlim=(0, 1.01), ylim=(0, 1.04), title="How many of the flagged rows are anomalies")
    axes.set_xlabel("share of the anomalies found (recall)")
    axes.set_ylabel("share of anomalies among the flagged (precision)")
    axes.grid(color="0.93")
    axes.legend(loc="lower left", title="area under the curve (average precision)", alignment="left")


def _histogram(
    axes: Axes, normal: NDArray[Any], anomalous: NDArray[Any], threshold: float, method: str
) -> None:
    both = np.concatenate([normal, anomalous])
    bins = np.geomspace(both.min(), both.max(), _BINS).tolist()
    kinds = ((normal, _NORMAL, "normal"), (anomalous, _ANOMALY, "anomalies"))
    for rows, colour, kind in kinds:
        share = np.full(len(rows), 100 / len(rows))  # of its kind, or the few anomalies would not show
        style: dict[str, Any] = {"color": colour, "alpha": 0.65, "edgecolor": "white", "linewidth": 0.5}
        axes.hist(rows, bins, weights=share, label=f"{len(rows):,} {kind}", **style)
    axes.axvline(threshold, color="0.25", lw=1.2, ls="--")
    top = _HEADROOM * axes.get_ylim()[1]
    axes.annotate(
        "predict() flags\nfrom here on →",
        (threshold, top),
        (5, -4),
        textcoords="offset points",
        va="top",
        color="0.25",
    )
    axes.set(xscale="log", ylim=(0, top), title=f"Where {method} puts normal rows and anomalies")
    axes.set_xlabel("anomaly score")
    axes.set_ylabel("share of the kind, in percent")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.legend(loc="upper left")
