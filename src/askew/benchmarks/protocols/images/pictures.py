"""Pictures of what runs learnt: models are fitted again, and what they make of test images is kept for the report.

``pictures/<method>-<run>.json`` holds all that ``askew report`` draws of a run: histograms as numbers, images as
base64 PNG. ``codes.json`` has the codes of test images in two dimensions, by t-SNE, of the plain VAE and of one with
labels, as Figure 1 of Daniel, Kurutach and Tamar (2021) has for a table: outliers leave the place of normal codes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from askew.benchmarks.protocols.images.design import on_images
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.image_splits import image_split, test_classes
from askew.benchmarks.protocols.images.method_settings import params
from askew.benchmarks.runs.choices import choose
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.label_use import VAES_WITH_LABELS
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Store, read_json
from askew.errors import InvalidInputError, must

FOLDER = "pictures"


def picture_runs(plan: Plan, methods: Iterable[str]) -> tuple[Run, ...]:
    """Return the plan's first run on images of each method; a method without one is refused."""
    found: dict[str, Run] = {}
    for run in plan.runs:
        if run.split == "published" and not Method.of(run.method).is_test_tuned:
            found.setdefault(run.method, run)
    if not found:
        rule, remedy = "left out of a plan without runs on images", "Add an image set."
        raise InvalidInputError(must("pictures", "run_images", rule, list(methods), remedy))
    return tuple(found[name] for name in choose("pictures", methods, list(found), "run_images"))


def make_pictures(plan: Plan, store: Store, methods: Iterable[str]) -> list[dict[str, Any]]:
    """Fit the first run of each method again and keep its pictures (:func:`picture`) in the results folder."""
    made = []
    (store.folder / FOLDER).mkdir(exist_ok=True)
    for run in picture_runs(plan, methods):
        made.append(picture(run, plan.preset))
        name = f"{FOLDER}/{run.method}-{run.short_key}.json"
        store.write_text(name, json.dumps(made[-1], allow_nan=False) + "\n")
    return made


def picture(run: Run, preset: str) -> dict[str, Any]:
    """Fit a run's model again, as the run did, and return what there is to be seen, JSON-able.

    The dict has ``protocol``, ``preset``, ``run`` (its key), ``method``, ``words`` (which run it is), and what
    :func:`askew.benchmarks.protocols.images.picture_parts.parts` names.
    """
    from askew.benchmarks.protocols.images.picture_parts import parts
    from askew.training import one_thread

    part = image_split(run)
    with one_thread():  # as the run: with more threads sums end in other digits, and adversaries elsewhere
        detector: Any = detector_for(run)
        detector.fit(part.X_train, part.y_train)
        made = parts(detector, part, run)
    about = {"protocol": run.protocol, "preset": preset, "run": run.key, "method": run.method}
    return about | {"words": _words(run, made.pop("auroc"), len(part.X_test))} | made


def _words(run: Run, auroc: float, n_test: int) -> str:
    known = "+".join(run.known_classes or ())
    labelled = f"{100 * run.labelled_ratio:g} % of the training images are labelled anomalies"
    polluted = f"{100 * run.pollution_ratio:g} % of the unlabelled ones are anomalies"
    facts = [
        f"class {run.normal_class} is normal" if run.normal_class is not None else "",
        f"{labelled} of class {known}" if known else "",
        polluted if run.pollution_ratio else "",
        f"seed {run.seed}",
    ]
    return (
        f"{run.method} on {run.dataset}: {', '.join(filter(None, facts))}. This is the plan's first run of the method, "
        f"not chosen by its result, trained once more: AUROC {100 * auroc:.1f} on its {n_test:,} test images."
    )


def kept_pictures(folder: Path, protocol: str, preset: str, runs: Collection[str]) -> list[dict[str, Any]]:
    """Return a folder's pictures of these runs (by key) of a protocol, by file name; torn files are left out."""
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            one = read_json(path)
        except (OSError, ValueError):
            continue
        if (one["protocol"], one["preset"]) == (protocol, preset) and one["run"] in runs:
            found.append(one)
    return found


CODES_FILE = "codes.json"
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
        "words": _codes_in_words(runs[1], len(kinds)),
        "kinds": kinds.tolist(),
        "models": models,
    }
    store.write_text(CODES_FILE, json.dumps(found) + "\n")
    return found


def pair_of_runs(plan: Plan) -> tuple[Run, Run]:
    """Return the plain VAE's run and the one with labels that are drawn; a plan without one is refused."""
    for run in plan.runs:
        if run.method in VAES_WITH_LABELS and on_images(run.dataset):
            budget = DESIGNS[plan.protocol].budget(plan.preset, run.dataset)
            settings = params("vae", run.dataset, run.pollution_ratio > 0, budget)
            members = {"n_members": run.params["n_members"]}
            unlabelled = replace(run, labelled_ratio=0.0, known_classes=None)
            plain = replace(unlabelled, method="vae", params=settings | members)
            return plain, run
    raise InvalidInputError(
        "picture_codes needs a run of a VAE with labels on images; the plan has none. Add dp_vae to the methods."
    )


def _embedded(run: Run, X: Any, y: Any, X_test: Any) -> dict[str, list[float]]:
    from sklearn.manifold import TSNE

    detector: Any = detector_for(run)
    codes = detector.fit(X, y).encode(X_test)
    perplexity = min(30.0, (len(codes) - 1) / 3)
    places = TSNE(init="pca", perplexity=perplexity, random_state=run.seed).fit_transform(codes)
    return {"x": places[:, 0].round(3).tolist(), "y": places[:, 1].round(3).tolist()}


def _codes_in_words(run: Run, n_images: int) -> str:
    known = "+".join(run.known_classes or ())
    return (
        f"t-SNE (scikit-learn's, perplexity 30, seed {run.seed}) of the codes of {n_images:,} test images of "
        f"{run.dataset}: class {run.normal_class} is normal, {100 * run.labelled_ratio:g} % of the training images are "
        f"labelled anomalies of class {known}. The plain VAE has the same normal images without labels; codes are the "
        "first member's. One cell, the plan's first, not chosen by its result; distances between clusters mean little."
    )
