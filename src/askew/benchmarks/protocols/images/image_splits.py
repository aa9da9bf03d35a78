"""The split of an image run, with each image set loaded once per process."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import numpy as np

from askew import datasets, labels
from askew.benchmarks.protocols.images.design import PAIRS
from askew.benchmarks.runs.plan import Run
from askew.datasets import splits
from askew.datasets.splits import Split

OUTLIERS = 1000
"""Images of the other set among the test images of a pair: a tenth of the normal ones (Somepalli et al. 2021)."""


@cache
def loaded_images(name: str) -> Any:
    """Return an image set, loaded once per process."""
    return datasets.load_images(name)


def image_split(run: Run) -> Split:
    """Return the training images of ``run``, uint8 (n, C, H, W), with labels, and its test images.

    The normal training images are at most ``run.max_normals``, drawn by the seed before anything else; the numbers of
    labelled and polluting images follow from what is left, :func:`askew.datasets.splits.class_split`. Test images
    are the published ones, or at most ``run.max_tests`` of them, drawn by the seed. Of a pair of sets all classes
    of the first are normal, and a tenth as many test images of the second are anomalies.
    """
    if run.dataset in PAIRS:
        return _pair_split(run)
    images = loaded_images(run.dataset)
    classes = images.y_train
    normal = int(cast(str, run.normal_class))  # a run on images has one
    kept = _kept(classes == normal, run.max_normals, run.seed)
    found = splits.class_split(
        kept,
        classes[kept],
        normal=normal,
        known=[int(name) for name in run.known_classes or ()],
        labelled_ratio=run.labelled_ratio,
        pollution_ratio=run.pollution_ratio,
        seed=run.seed,
        test=(np.arange(len(images.y_test)), images.y_test),
        relative_to="normals" if run.relative_to == "normals" else "all",
    )
    tests = found.test_rows[: run.max_tests]  # they are in the seed's order
    # the rows of the split are numbers of images, so that only the images of this run are copied
    return Split(
        images.x_train[found.X_train],
        found.y_train,
        found.anomaly_train,
        images.x_test[tests],
        found.anomaly_test[: run.max_tests],
        np.asarray(found.X_train),
        tests,
    )


def _pair_split(run: Run) -> Split:
    """Return the split of a pair of image sets; ``test_rows`` count on through the second set's test images."""
    inside, outside = (loaded_images(name) for name in PAIRS[run.dataset])
    rng = np.random.default_rng(run.seed)
    rows = rng.permutation(len(inside.x_train))[: run.max_normals]
    normal, other = (rng.permutation(len(one.x_test)) for one in (inside, outside))
    n_outliers = OUTLIERS if run.max_tests is None else run.max_tests // 11
    other = other[:n_outliers]
    normal = normal if run.max_tests is None else normal[: run.max_tests - n_outliers]
    order = rng.permutation(len(normal) + len(other))
    anomaly = np.repeat([False, True], [len(normal), len(other)])[order]
    return Split(
        inside.x_train[rows],
        labels.ours(np.zeros(len(rows), dtype=np.int8)),
        np.zeros(len(rows), dtype=bool),
        np.concatenate([inside.x_test[normal], outside.x_test[other]])[order],
        anomaly,
        rows,
        np.concatenate([normal, len(inside.x_test) + other])[order],
    )


def test_classes(name: str) -> np.ndarray[Any, Any]:
    """Return the class of each test image of an image set."""
    return np.asarray(loaded_images(name).y_test)


def _kept(is_normal: np.ndarray[Any, Any], most: int | None, seed: int) -> np.ndarray[Any, Any]:
    """Return the numbers of all anomalies and of at most ``most`` normal images, in order."""
    normals = np.flatnonzero(is_normal)
    if most is None or len(normals) <= most:
        return np.arange(len(is_normal))
    drawn = np.random.default_rng(seed).permutation(normals)[:most]
    return np.sort(np.concatenate([np.flatnonzero(~is_normal), drawn]))
