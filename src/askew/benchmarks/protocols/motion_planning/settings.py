"""How large a run of the planning protocol is, and how its samplers are trained."""

from __future__ import annotations

from typing import Any, NamedTuple

from askew.benchmarks.runs.choices import Preset

DATA_SEED = 1
"""Settings were tried on the problems of seed 0."""
UNIFORM = "uniform"
METHODS = (UNIFORM, "cvae", "dp_cvae", "mml_cvae")


class Size(NamedTuple):
    """How large a run is. JSON-able."""

    train: int
    """Problems to train on, each in a world of its own, 12 configurations each"""
    test: int
    """Problems to test on; every seed has its own"""
    samples: tuple[int, ...]
    """Numbers of configurations that the planner gets"""
    epochs: int


FULL = Size(train=600, test=120, samples=(8, 16, 32, 64, 128, 256), epochs=3)
DATASET = "narrow_passages"
PRESETS = {
    "paper": Preset(METHODS, (DATASET,), tuple(range(10))),
    "quick": Preset(METHODS, (DATASET,), (0, 1)),
}
"""``quick`` is the part of the full grid with two seeds."""

NEGATIVES = 0.05
"""Negatives per configuration; the protocol's ``labelled_ratio``."""

SHOWN = 3
"""Test problems whose samples are kept for the picture."""

_ALL: dict[str, Any] = {"beta_kl": 0.02, "dropout": 0.0, "batch_size": 128, "lr": 1e-3, "kept": 0.9}
_NEGATIVES: dict[str, Any] = {"interval": 2, "depth": 0.045, "moves": ["encoder"]}
RECIPES: dict[str, dict[str, Any]] = {
    UNIFORM: {},
    "cvae": _ALL,
    "dp_cvae": _ALL | _NEGATIVES | {"alpha": 1.0},
    "mml_cvae": _ALL | _NEGATIVES | {"beta_cubo": 0.02},
}
"""What each run's record says of its :class:`askew.applications.motion_planning.Recipe`."""
