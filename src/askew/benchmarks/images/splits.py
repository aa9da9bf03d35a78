"""The split of an image run, with each image set loaded once per process."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import numpy as np

from askew import datasets
from askew.benchmarks.plan import Run
from askew.datasets import splits
from askew.datasets.splits import Split


@cache
def loaded_images(name: str) -> Any:
    """Return an image set, loaded once per process."""
    return datasets.load_images(name)


def image_split(run: Run) -> Split:
    """Return the training images of ``run``, uint8 (n, C, H, W), with labels, and the published test set.

    The normal training images are at most ``run.max_normals``, drawn by the seed before anything else; the numbers
    of labelled and polluting images follow from what is left, :func:`askew.datasets.splits.class_split`.

    Raises
    ------
    InvalidInputError
        If the image set cannot be loaded, or has too few images of a class.
    """
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
    )
    # the rows of the split are numbers of images, so that only the images of this run are copied
    return Split(
        images.x_train[found.X_train],
        found.y_train,
        found.anomaly_train,
        images.x_test[found.X_test],
        found.anomaly_test,
        np.asarray(found.X_train),
        found.test_rows,
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
