"""The codes of test images in two dimensions, by t-SNE: of the plain VAE and of one with labels, on one cell.

Figure 1 of Daniel, Kurutach and Tamar (2021) shows it for a table: outliers leave the place of the normal codes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from askew.benchmarks.protocols.images.design import on_images
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.settings import params
from askew.benchmarks.protocols.images.splits import image_split, test_classes
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.label_use import VAES_WITH_LABELS
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Store
from askew.errors import InvalidInputError

FILE = "codes.json"
MOST_IMAGES = 1500
"""Test images that are embedded, the first ones in the split's random order."""


def picture_codes(plan: Plan, store: Store, most: int = MOST_IMAGES) -> dict[str, Any]:
    """Fit two models on the plan's first cell and write where t-SNE puts the codes of its test images.

    The cell is the plan's first run of a VAE with labels; the models are the plain VAE without labels and that one,
    with the plan's settings and the same normal images. The report draws ``codes.json``: ``protocol``, ``preset``,
    ``words``, ``kinds`` (0 normal, 1 of a known anomaly class, 2 other) and per model ``method``, ``x`` and ``y``.
    """
    runs = pair_of_runs(plan)
    parts = [image_split(run) for run in runs]
    classes = test_classes(runs[1].dataset)[parts[1].test_rows[:most]]
    known = [int(name) for name in runs[1].known_classes or ()]
    kinds = np.where(parts[1].anomaly_test[:most], np.where(np.isin(classes, known), 1, 2), 0)
    models = [
        {"method": run.method, **_embedded(run, part.X_train, part.y_train, parts[1].X_test[:most])}
        for run, part in zip(runs, parts, strict=True)
    ]
    found = {
        "protocol": plan.protocol,
        "preset": plan.preset,
        "words": _words(runs[1], len(kinds)),
        "kinds": kinds.tolist(),
        "models": models,
    }
    store.write_text(FILE, json.dumps(found) + "\n")
    return found


def pair_of_runs(plan: Plan) -> tuple[Run, Run]:
    """Return the plain VAE's run and the one with labels that are drawn.

    Raises
    ------
    InvalidInputError
        If the plan has none.
    """
    for run in plan.runs:
        if run.method in VAES_WITH_LABELS and on_images(run.dataset):
            budget = DESIGNS[plan.protocol].budget(plan.preset, run.dataset)
            settings = params("vae", run.dataset, run.pollution_ratio > 0, budget)
            members = {"n_members": run.params["n_members"]}
            plain = replace(
                run, method="vae", params=settings | members, labelled_ratio=0.0, known_classes=None
            )
            return plain, run
    raise InvalidInputError(
        "picture_codes needs a run of a VAE with labels on images; the plan has none. Add dp_vae to the methods."
    )


def _embedded(run: Run, X: Any, y: Any, X_test: Any) -> dict[str, list[float]]:
    """Fit ``run`` and return the places of the test images' codes."""
    from sklearn.manifold import TSNE

    detector: Any = detector_for(run)
    codes = detector.fit(X, y).encode(X_test)
    perplexity = min(30.0, (len(codes) - 1) / 3)
    places = TSNE(init="pca", perplexity=perplexity, random_state=run.seed).fit_transform(codes)
    return {"x": places[:, 0].round(3).tolist(), "y": places[:, 1].round(3).tolist()}


def _words(run: Run, n_images: int) -> str:
    known = "+".join(run.known_classes or ())
    return (
        f"t-SNE (scikit-learn's, perplexity 30, seed {run.seed}) of the codes of {n_images:,} test images of "
        f"{run.dataset}: class {run.normal_class} is normal, {100 * run.labelled_ratio:g} % of the training images are "
        f"labelled anomalies of class {known}. The plain VAE has the same normal images without labels; codes are the "
        "first member's. One cell, the plan's first, not chosen by its result; distances between clusters mean little."
    )
