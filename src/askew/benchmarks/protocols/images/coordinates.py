"""Where a run of an image protocol stands: its line and column in the table, and what it is paired by."""

from __future__ import annotations

from typing import TypeAlias

from askew.benchmarks.protocols.images.design import PAIRS
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.runs.plan import Run

Key: TypeAlias = tuple[str, str, float]
"""Data set, line (method with its variant), value on the axis."""

_PAIR = 100_000
"""Above every seed of a plan: the number of a pair tells normal class and seed."""


def cell_key(run: Run) -> Key:
    """Return the cell that a run belongs to."""
    return run.dataset, line_name(run.method, variant_of(run)), at(run)


def line_name(method: str, variant: str) -> str:
    """Return the name of a line: the method, with its variant where there are several.

    >>> line_name("dp_vae", "K = 5"), line_name("vae", "")
    ('dp_vae (K = 5)', 'vae')
    """
    return f"{method} ({variant})" if variant else method


def at(run: Run) -> float:
    """Return where a run is on its protocol's axis."""
    axis = DESIGNS[run.protocol].axis
    if axis == "k":
        return float(len(run.known_classes or ()))
    return float(run.params["eta"] if axis == "eta" else getattr(run, axis))


def variant_of(run: Run) -> str:
    """Return the name of the protocol's variant that a run is; empty where there is one."""
    for variant in DESIGNS[run.protocol].variants:
        if all(run.params.get(name) == value for name, value in variant.params):
            return variant.name
    return ""


def pair(run: Run) -> int:
    """Return a number that runs share whose results make a pair: same normal class and seed, so the same split."""
    of_class = run.normal_class is not None and run.dataset not in PAIRS
    return (int(run.normal_class or 0) + 1) * _PAIR + run.seed if of_class else run.seed
