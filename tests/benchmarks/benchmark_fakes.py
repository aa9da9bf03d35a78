"""Cheap stand-ins for tables, splits and detectors, with switches for everything that can go wrong.

A fake detector's ``quality`` is the share of the true anomaly signal in its score; the rest is noise from its
seed. ``trouble`` says how it fails. Nothing here imports torch.
"""

import os
import sys
import time
import types
import warnings
from dataclasses import dataclass

import numpy as np

METHODS = {
    "fake": {},
    "weak": {"quality": 0.2},
    "nan": {"trouble": "nan"},
    "odd_seed_raises": {"trouble": "odd_seed_raises"},
    "odd_seed_fit_error": {"trouble": "odd_seed_fit_error"},
    "group_raises": {"trouble": "group_raises"},
    "kills_its_process": {"trouble": "kills_its_process"},
    "warns": {"trouble": "warns"},
}
ROWS = {"tiny": 40, "small": 60, "medium": 80, "cardio": 50, "thyroid": 70}
fitted: list[tuple[str, tuple[int, ...]]] = []
"""(method, seeds) of every call of fit_together in this process."""
asked = []
"""The arguments of every call of few_labels_split in this process."""
log = None
"""A file that gets a line per fitted run, from any process."""
fit_delay = score_delay = 0.0


@dataclass
class FakeSplit:
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    anomaly_test: np.ndarray


class FakeDetector:
    def __init__(self, name, quality=0.9, trouble=None):
        self.name, self.quality, self.trouble = name, quality, trouble
        self.random_state = None
        self.fit_error_ = None

    def set_params(self, **params):
        for name, value in params.items():
            if not hasattr(self, name):
                raise ValueError(f"no parameter {name}")
            setattr(self, name, value)
        return self

    def fit(self, X, y):
        time.sleep(fit_delay)
        odd = self.random_state % 2 == 1
        if self.trouble == "odd_seed_raises" and odd:
            raise ValueError("an odd\n seed")
        if self.trouble == "odd_seed_fit_error" and odd:
            self.fit_error_ = "the loss of every member became NaN"
        if self.trouble == "kills_its_process" and odd:
            os._exit(9)
        if self.trouble == "warns":
            warnings.warn("the codes look collapsed", UserWarning, stacklevel=1)
        if log is not None:
            with open(log, "a") as lines:
                lines.write(f"{self.name} {int(X[0, 1])} {self.random_state}\n")

    def score_samples(self, X):
        time.sleep(score_delay)
        noise = np.random.default_rng(self.random_state).normal(size=len(X))
        score = -self.quality * X[:, 0] + 0.3 * noise
        if self.trouble == "nan" and self.random_state == 1:
            score[:3] = np.nan
        return score


def fit_together(detectors, data):
    fitted.append((detectors[0].name, tuple(detector.random_state for detector in detectors)))
    if detectors[0].trouble == "group_raises" and len(detectors) > 1:
        raise RuntimeError("the group does not fit into memory")
    for detector, (X, y) in zip(detectors, data, strict=True):
        detector.fit(X, y)


def load(name):
    rng = np.random.default_rng(ROWS[name])
    anomaly = np.arange(ROWS[name]) % 5 == 0
    X = np.column_stack([rng.normal(size=ROWS[name]) + 2 * anomaly, np.full(ROWS[name], ROWS[name])])
    return types.SimpleNamespace(name=name, X=X, anomaly=anomaly)


def classic_split(table, seed, labelled_ratio, pollution_ratio, mode):
    assert mode in ("clean", "leaky") and pollution_ratio == 0.0
    rows = np.random.default_rng(seed).permutation(len(table.X))
    train, test = rows[::2], rows[1::2] if mode == "clean" else rows[::2]
    y = np.where(table.anomaly[train], -1, 0)
    y[np.flatnonzero(y)[1:]] = 0
    return FakeSplit(table.X[train], y, table.X[test], table.anomaly[test])


def few_labels_split(table, seed, m, regime, pollution_ratio, max_normals):
    """Seen and unseen have other test rows, m has none: all the fake tables are too small for the real one."""
    asked.append((table.name, seed, m, regime, pollution_ratio, max_normals))
    return classic_split(table, seed + 100 * (regime == "unseen"), 0.0, pollution_ratio, "clean")


def entries():
    return {name: types.SimpleNamespace(input_kind="table", takes_tables=True) for name in METHODS}


def detector_class(name):
    return lambda: FakeDetector(name, **METHODS[name])


def install(setattr=setattr, setitem=dict.__setitem__):
    """Put the fakes in the places of the real ones."""
    base = types.ModuleType("askew.base")
    base.fit_together = fit_together
    setitem(sys.modules, "askew.base", base)
    import askew.datasets
    import askew.datasets.splits
    import askew.index

    setattr(askew.datasets, "load", load)
    setattr(askew.datasets.splits, "classic_split", classic_split)
    setattr(askew.datasets.splits, "few_labels_split", few_labels_split)
    setattr(askew.index, "entries", entries)
    setattr(askew.index, "detector_class", detector_class)


def plan(methods=("fake", "weak"), datasets=("tiny", "small"), seeds=range(4), preset="paper"):
    """Return a plan of fakes."""
    from askew.benchmarks import Plan, Run

    runs = [Run("classic", of, name, {}, seed) for of in datasets for name in methods for seed in seeds]
    return Plan("classic", preset, tuple(runs), grid=len(runs))
