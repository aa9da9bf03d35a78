"""Pictures of one run of a method on images: the run's model is fitted again, and what it makes of test images kept.

A file per picture, ``pictures/<method>-<run>.json``, holds all that ``askew report`` draws: histograms as numbers,
images as base64 PNG.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from askew.benchmarks.protocols.images.splits import image_split
from askew.benchmarks.runs.choices import choose
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Store
from askew.errors import InvalidInputError, must

FOLDER = "pictures"


def picture_runs(plan: Plan, methods: Iterable[str]) -> tuple[Run, ...]:
    """Return the plan's first run on images of each method.

    Raises
    ------
    InvalidInputError
        If the plan has no such run of one of them.
    """
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
            one = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if (one["protocol"], one["preset"]) == (protocol, preset) and one["run"] in runs:
            found.append(one)
    return found
