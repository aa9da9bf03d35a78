"""The tables of label_loop: the bundled ones, and those of ADBench where ``ASKEW_DATA`` has them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from askew import datasets
from askew.errors import DataFileError, must

BUNDLED = ("arrhythmia", "cardio", "satellite", "satimage-2", "shuttle", "thyroid")
_FILES = (
    *("4_breastw", "14_glass", "15_Hepatitis", "16_http", "18_Ionosphere", "21_Lymphography", "29_Pima"),
    *("37_Stamps", "39_vertebral", "42_WBC", "43_WDBC", "45_wine", "46_WPBC"),
)
ADBENCH = {file.partition("_")[2]: file for file in _FILES}
"""Tables of ADBench by name. smtp is left out: of its 30 anomalies in 95,156 rows a sample keeps one or two."""

DATASETS = (*BUNDLED, *ADBENCH)

SETTLED_ON = (
    *("arrhythmia", "thyroid"),
    *("glass", "Hepatitis", "http", "Ionosphere", "Pima", "Stamps", "vertebral", "WPBC"),
)
"""Tables on which the loop was settled, with seeds 100 to 102; the others had no part in it."""

MOST_ROWS = 3000
"""Of larger tables a random part is taken, which keeps the share of anomalies."""


def present() -> tuple[str, ...]:
    """Return the tables that this machine has, in the order of :data:`DATASETS`."""
    return tuple(name for name in DATASETS if name in BUNDLED or _path(name).is_file())


def require(names: Iterable[str]) -> None:
    """Raise DataFileError if this machine lacks one of the tables."""
    for name in set(names) - set(present()):
        path = _path(name)
        remedy = f"Leave it out, or choose of the bundled ones: {', '.join(BUNDLED)}."
        rule = f"in the folder that ASKEW_DATA names, as {Path(*path.parts[-2:])}"
        raise DataFileError(must(f"the table {name}", "label_loop", rule, str(path), remedy))


def load(name: str, seed: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the rows, (n, d), and which of them are anomalies, (n,); of a large table those that the seed decides.

    A table that this machine lacks is a DataFileError.
    """
    X, anomaly = _whole(name)
    if len(X) <= MOST_ROWS:
        return X, anomaly
    generator = np.random.default_rng(seed)
    n_anomalies = round(MOST_ROWS * anomaly.mean())
    parts = ((anomaly, n_anomalies), (~anomaly, MOST_ROWS - n_anomalies))
    rows = np.sort(
        np.concatenate([generator.choice(np.flatnonzero(of), n, replace=False) for of, n in parts])
    )
    return X[rows], anomaly[rows]


def _whole(name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if name in BUNDLED:
        table = datasets.load(name)
        return table.X, table.anomaly
    path = _path(name)
    require([name])
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file["X"], dtype=np.float64), np.asarray(file["y"]) > 0


def _path(name: str) -> Path:
    return Path(os.environ.get("ASKEW_DATA", "no ASKEW_DATA"), "adbench_small", f"{ADBENCH[name]}.npz")
