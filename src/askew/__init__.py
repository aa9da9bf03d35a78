"""askew finds what is off when you have mostly normal data and a handful of labelled anomalies.

Labels: **+1** known normal, **0** unlabelled, **-1** known anomaly. Scores: **higher = more normal**.

Attributes are loaded on first use, so ``import askew`` does not import torch.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from askew import index as _index

if TYPE_CHECKING:
    from askew.base import Detector

try:
    __version__ = version("askew")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

_ROOMS = (
    "base",
    "benchmarks",
    "calibration",
    "compat",
    "datasets",
    "drift",
    "errors",
    "explain",
    "export",
    "files",
    "labels",
    "networks",
    "objectives",
    "review",
    "selection",
    "training",
)
_FROM_ROOMS = {"ReviewSession": "review"}


def all_detectors() -> dict[str, type[Detector]]:
    """Return every detector class by its short name, for example ``{"dp_vae": DPVAE, ...}``."""
    return {name: _index.detector_class(name) for name in _index.entries()}


def load(path: Any, **kwargs: Any) -> Detector:
    """Load a detector that was written with ``Detector.save``; see :func:`askew.base.load`."""
    return import_module("askew.base").load(path, **kwargs)  # type: ignore[no-any-return]


def __getattr__(attribute: str) -> Any:
    if attribute in _ROOMS:
        return import_module(f"askew.{attribute}")
    if attribute in _FROM_ROOMS:
        return getattr(import_module(f"askew.{_FROM_ROOMS[attribute]}"), attribute)
    found = _index.public_name(attribute)
    if found is None:
        raise AttributeError(f"module 'askew' has no attribute {attribute!r}")
    return found


def __dir__() -> list[str]:
    detectors = (entry.class_name for entry in _index.entries().values())
    return sorted(
        {
            *globals(),
            *_ROOMS,
            "ReviewSession",
            *detectors,
            *(entry.class_name for entry in _index.wrappers().values()),
        }
    )
