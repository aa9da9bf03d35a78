"""The most and the least normal of many images, each with what was expected and a map of what is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from askew.base.image_explanation import ImageExplanation
from askew.calibration import Threshold
from askew.errors import InvalidInputError, must, require_whole
from askew.explain.model_explanation import BACKGROUND_ROWS, FEWEST_ROWS, explain
from askew.explain.model_view import require_images
from askew.explain.sheet_picture import Case, SheetContents, save_sheet
from askew.explain.tiles import diverging, pixels

_STRONGEST = 99.0
"""Percentile of a map's strengths that has the full colour: one wild pixel must not pale all others."""

_SMOOTH = 30.0
"""A map of single pixels is smoothed by the longer side over this: where, not which of two neighbours, is seen."""


@dataclass(frozen=True, eq=False)
class ContactSheet(SheetContents):
    """The most anomalous images, the worst first, and the most normal ones, the best first.

    Attributes
    ----------
    anomalous, normal : tuple of Case
    headings : tuple of str
        What the tiles of each case are.
    notes : tuple of str
        How to read the tiles, a sentence each.
    n_images, n_flagged : int
        Of all images.
    why : ImageExplanation
        Of the anomalous and then the normal cases.
    """

    why: ImageExplanation

    def save(self, path: str | Path, title: str = "") -> None:
        """Write the sheet as one PNG picture, whole or not at all.

        Raises InvalidInputError unless `path` ends in .png and can be written.
        """
        save_sheet(self, Path(path), title)


def contact_sheet(
    model: Any,
    X: Any,
    *,
    top: int = 12,
    names: Sequence[Any] | None = None,
    background: Any = None,
    random_state: int = 0,
) -> ContactSheet:
    """Return the images with the lowest and the highest scores, with expected images and maps of what is off.

    Parameters
    ----------
    model : fitted detector or threshold
        Of images.
    X : array of shape (n_images, channels, height, width)
    top : int
        How many of each kind, at most; no image is in both.
    names : sequence of n_images, optional
        What to call them, such as paths or classes; else they are numbered from 0.
    background : array of images, optional
        Mostly normal ones, which say what is usual; by default those of X that pass.
    random_state : int
        Decides what is drawn, see :func:`askew.explain.explain`.

    Raises
    ------
    InvalidInputError
        If the model is none of images, X does not fit it, or too few images pass to say what is usual.

    Examples
    --------
    >>> from askew import IsolationForest
    >>> X = np.random.default_rng(0).integers(0, 50, size=(60, 1, 16, 16)).astype(np.uint8)
    >>> X[7, 0, :4, 4:8] = 255
    >>> sheet = contact_sheet(IsolationForest(random_state=0).fit(X), X, top=3)
    >>> sheet.anomalous[0].name, sheet.anomalous[0].flagged, len(sheet.normal)
    ('7', True, 3)
    """
    require_images(model, "contact_sheet")
    require_whole("top", "contact_sheet", top, 1, "12 make a page.")
    scores = np.asarray(model.score_samples(X), dtype=np.float64)
    if names is not None and len(names) != len(scores):
        remedy = "Give one name per image."
        raise InvalidInputError(must("names", "contact_sheet", f"{len(scores)} names", len(names), remedy))
    flagged = model.judge(scores).prediction == -1 if isinstance(model, Threshold) else scores < model.offset_
    order = np.argsort(scores, kind="stable")
    n_worst = min(int(top), len(order))
    n_best = min(int(top), len(order) - n_worst)
    shown = np.concatenate([order[:n_worst], order[::-1][:n_best]])
    usual = _usual(X, scores, float(model.offset_)) if background is None else background
    why: Any = explain(model, np.asarray(X)[shown], background=usual, random_state=random_state)
    tiles = _tiles(why, n_worst)
    called = [str(place) if names is None else str(names[place]) for place in shown]
    cases = [
        Case(name, int(place), float(scores[place]), bool(flagged[place]), each)
        for name, place, each in zip(called, shown, zip(*tiles.values(), strict=True), strict=True)
    ]
    return ContactSheet(
        anomalous=tuple(cases[:n_worst]),
        normal=tuple(cases[n_worst:]),
        headings=tuple(tiles),
        notes=_notes(why),
        n_images=len(scores),
        n_flagged=int(flagged.sum()),
        why=why,
    )


def _usual(X: Any, scores: NDArray[np.float64], offset: float) -> Any:
    """Return a sample of the images that pass; None where they are too few."""
    passing = np.flatnonzero(scores >= offset)
    if len(passing) < FEWEST_ROWS:
        return None
    return np.asarray(X)[np.sort(np.random.default_rng(0).permutation(passing)[:BACKGROUND_ROWS])]


def _tiles(why: ImageExplanation, n_worst: int) -> dict[str, list[NDArray[np.uint8]]]:
    """Return the tiles of all cases by their headings; the first `n_worst` cases are the anomalous ones."""
    made, errors = why.reconstruction, why.errors()
    tiles = {"image": [pixels(image, why.value_range) for image in why.observed]}
    if made is not None and errors is not None:
        tiles["reconstruction"] = [pixels(image, why.value_range) for image in made]
        tiles["error"] = [diverging(each, 1.0) for each in np.nan_to_num(errors)]
    if why.expected_by == "neighbours":
        tiles["usual"] = [pixels(image, why.value_range) for image in why.expected]
        if made is None:
            tiles["difference"] = [diverging(each, 1.0) for each in why.differences()]
    maps = np.nan_to_num(why.maps(), posinf=0.0, neginf=0.0)  # of an image beyond all numbers
    if why.patch == 1:
        width = max(maps.shape[1:]) / _SMOOTH
        maps = gaussian_filter(maps, (0.0, width, width))
    strongest = np.percentile(np.abs(maps), _STRONGEST, axis=(1, 2))
    strongest[n_worst:] = strongest[:n_worst].min()  # what is said of normal images is small
    tiles["lowers score"] = [diverging(-each, full) for each, full in zip(maps, strongest, strict=True)]
    return tiles


def _notes(why: ImageExplanation) -> tuple[str, ...]:
    """Return how to read the tiles, in their order."""
    colours = "orange is brighter, blue is darker than expected; full colour is black against white."
    notes = []
    if why.reconstruction is not None:
        strange = "Of what it does not know, or was trained to throw far out, that is noise."
        notes += [f"Reconstruction: what the model makes of the image. {strange}", f"Error: {colours}"]
    if why.expected_by == "neighbours":
        notes.append("Usual: the middle of the ten images that pass and look most like it.")
        notes += [f"Difference: {colours}"] if why.reconstruction is None else []
    by = {
        "terms": "by the terms of the score, smoothed",
        "gradients": "integrated gradients, smoothed",
        "sampling": f"by squares of {why.patch} x {why.patch} pixels that are put back to usual ones",
    }[why.method]
    scale = "the strongest of each anomalous image; normal images have the scale of the faintest of these."
    return (*notes, f"Lowers score: orange lowers it, blue raises it ({by}). Full colour is {scale}")
