"""What there is to be seen of a fitted model of images: histograms of scores, a contact sheet, strips of images."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askew.benchmarks.protocols.images.design import normal_set
from askew.benchmarks.protocols.images.image_splits import test_classes
from askew.benchmarks.runs.metrics import metrics
from askew.benchmarks.runs.plan import Run
from askew.datasets.splits import Split
from askew.detectors.ama import AMA
from askew.explain import ContactSheet, contact_sheet
from askew.explain import interpolations as interpolate
from askew.explain import reconstructions as reconstruct
from askew.explain.model_view import ModelView
from askew.explain.tiles import Block, Line, pixels, png, strip

SHEET = 6
"""Images of each end of the scores on the contact sheet."""

ACROSS = 10
"""Tiles in a strip."""

PAIRS = 4
"""Ways from one test image to another."""

MOST_TRAINING = 2000
"""Training images that are scored for a histogram, and those that say what is usual."""

BINS = 40
FAR = 10.0
"""A histogram reaches this many times as far from the middle of the training images as their outermost per cent."""

LONGEST = 160
"""Pixels along the longer side of a tile that is kept, at most."""

_CRISP = 80  # images with fewer pixels a side are shown with their pixels to be seen


def parts(detector: Any, part: Split, run: Run) -> dict[str, Any]:
    """Return what a page shows of a run's fitted detector, JSON-able.

    ``crisp`` says whether pixels are to be seen, ``extremes`` are rows of test images with the highest and lowest
    scores, and ``missing`` says which of the ``strips`` the detector does not make.
    """
    usual = part.X_train[part.y_train >= 0][:MOST_TRAINING]
    scores = np.asarray(detector.score_samples(part.X_test), dtype=np.float64)
    names = _names(part, run)
    strips, missing = _strips(detector, part)
    return {
        "auroc": metrics(scores, part.anomaly_test).auroc,
        "crisp": max(part.X_test.shape[2:]) < _CRISP,
        "histograms": _histograms(detector, usual, part, scores),
        "extremes": _extremes(part, scores),
        "sheet": _sheet(detector, part, scores, names, usual),
        "strips": strips,
        "missing": missing,
    }


def _names(part: Split, run: Run) -> list[str]:
    kinds = ["anomaly" if anomalous else "normal" for anomalous in part.anomaly_test]
    # classes of two image sets have the same numbers
    if run.normal_class is None or normal_set(run.dataset) != run.dataset:
        return kinds
    classes = test_classes(run.dataset)[part.test_rows]
    return [f"class {name}, {kind}" for name, kind in zip(classes, kinds, strict=True)]


def _histograms(detector: Any, usual: Any, part: Split, scores: NDArray[np.float64]) -> list[dict[str, Any]]:
    anomaly = part.anomaly_test
    found = []
    if isinstance(detector, AMA):
        at = detector.distances(part.X_test)
        # the paper's Figures 4 and 5 are of R, whose density is the score
        found.append(histogram("R(x)", detector.distances(usual), at[~anomaly], at[anomaly]))
    train = np.asarray(detector.score_samples(usual), dtype=np.float64)
    return [*found, histogram("score", train, scores[~anomaly], scores[anomaly])]


def histogram(
    name: str, train: NDArray[np.float64], normal: NDArray[np.float64], anomaly: NDArray[np.float64]
) -> dict[str, Any]:
    """Return three histograms with the same bins; what lies beyond them is in the outermost.

    The dict has ``name``; ``low`` and ``high``, the ends; per group ``shares``, of its images in each bin, and ``n``.
    """
    groups = {"train": train, "normal": normal, "anomaly": anomaly}
    ends = np.array([np.quantile(values, [0.01, 0.99]) for values in groups.values()])
    first, middle, last = np.quantile(train, [0.01, 0.5, 0.99])
    low = max(float(ends[:, 0].min()), float(middle - FAR * (middle - first)))
    high = min(float(ends[:, 1].max()), float(middle + FAR * (last - middle)))
    room = max(0.03 * (high - low), 1e-9 * max(1.0, abs(high)))
    edges = np.linspace(low - room, high + room, BINS + 1)
    shares = {
        key: (np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] / len(values)).round(6).tolist()
        for key, values in groups.items()
    }
    n = {key: len(values) for key, values in groups.items()}
    return {"name": name, "low": float(edges[0]), "high": float(edges[-1]), "shares": shares, "n": n}


def _extremes(part: Split, scores: NDArray[np.float64]) -> list[dict[str, str]]:
    """Return rows of test images, as Figures 13 and 14 of the AMA paper."""
    order = np.argsort(scores, kind="stable")
    normal, anomalous = order[~part.anomaly_test[order]], order[part.anomaly_test[order]]
    chosen = {
        "Normal, highest scores: passed with good reason": normal[::-1][:ACROSS],
        "Normal, lowest scores: the first false alarms": normal[:ACROSS],
        "Anomalies, highest scores: the first to be missed": anomalous[::-1][:ACROSS],
        "Anomalies, lowest scores: found first": anomalous[:ACROSS],
    }
    return [
        {"name": name, "png": _png(Line(name, _tiles(part.X_test[rows])))} for name, rows in chosen.items()
    ]


def _tiles(images: Any) -> tuple[NDArray[np.uint8], ...]:
    return tuple(pixels(image, (0.0, 255.0)) for image in images)


def _sheet(
    detector: Any, part: Split, scores: NDArray[np.float64], names: list[str], usual: Any
) -> dict[str, Any]:
    """Return the contact sheet of the lowest and the highest scores, tiles as base64 PNG."""
    order = np.argsort(scores, kind="stable")
    shown = np.concatenate([order[:SHEET], order[::-1][:SHEET]])
    made = contact_sheet(
        detector, part.X_test[shown], top=SHEET, names=[names[row] for row in shown], background=usual
    )
    flagged = int((scores < detector.offset_).sum())
    return {
        "headings": list(made.headings),
        "notes": list(made.notes),
        "about": f"The lowest and the highest scores of {len(scores):,} test images; {flagged:,} are flagged. "
        "Higher scores are more normal.",
        "groups": _groups(made),
    }


def _groups(sheet: ContactSheet) -> list[dict[str, Any]]:
    def shown(case: Any) -> dict[str, Any]:
        tiles = [_base64(png(tile, LONGEST)) for tile in case.tiles]
        return {"name": case.name, "score": f"{case.score:.4g}", "flagged": case.flagged, "tiles": tiles}

    groups = (("Most anomalous", sheet.anomalous), ("Most normal", sheet.normal))
    return [{"heading": heading, "cases": list(map(shown, cases))} for heading, cases in groups]


def _strips(detector: Any, part: Split) -> tuple[list[dict[str, Any]], list[str]]:
    seen, name = ModelView(detector), type(detector).__name__
    normal, anomalous = part.X_test[~part.anomaly_test], part.X_test[part.anomaly_test]
    found, missing = [], []
    if seen.reconstructs:
        both = (("normal", normal), ("anomalies", anomalous))
        blocks = [_block(kind, reconstruct(detector, images[:ACROSS]).block()) for kind, images in both]
        found.append({"title": "Reconstructions", "words": _RECONSTRUCTIONS, "blocks": blocks})
    else:
        missing.append(f"{name} does not reconstruct images.")
    pairs = min(PAIRS, len(normal) // 2)
    if seen.decodes:
        ways = interpolate(detector, normal[:pairs], normal[pairs : 2 * pairs], n=ACROSS - 2)
        blocks = [_block("", block) for block in ways.blocks()]
        found.append({"title": "Interpolations", "words": _INTERPOLATIONS, "blocks": blocks})
    elif seen.reconstructs:
        missing.append(f"{name} does not decode points between codes: there are no interpolations.")
    return found, missing


_RECONSTRUCTIONS = (
    "Test images as they come, what the model makes of them, and the error: orange is brighter than "
    "reconstructed, blue is darker; full colour is black against white."
)
_INTERPOLATIONS = (
    "From one normal test image to another: above decoded from points on the straight line between their "
    "codes, below mixtures of their pixels. The first and the last of a line are the images themselves."
)


def _block(name: str, block: Block) -> dict[str, Any]:
    return {"name": name, "lines": [{"name": line.name, "png": _png(line)} for line in block]}


def _png(line: Line) -> str:
    return _base64(png(strip(line), LONGEST * len(line.tiles)))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
