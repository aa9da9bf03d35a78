"""Protocols by the name that their runs and the command line have."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Unpack, cast

from askew.benchmarks.runs import runner
from askew.benchmarks.runs.plan import Plan

if TYPE_CHECKING:
    from askew.benchmarks.runs.choices import Settings
    from askew.benchmarks.runs.progress import Reporter
    from askew.benchmarks.runs.protocol import Protocol
    from askew.benchmarks.runs.store import Store

_ROOMS = {
    "classic": ("classic", "CLASSIC"),
    "few_labels": ("few_labels", "FEW_LABELS"),
    "label_loop": ("label_loop", "LABEL_LOOP"),
    "planning": ("motion_planning", "PLANNING"),
    "sentiment": ("sentiment", "SENTIMENT"),
}
"""Room and object of each protocol; every other name is a grid of images."""


def protocol_named(name: str) -> Protocol[Any, Any]:
    """Return the protocol called ``name``; another name is refused.

    >>> protocol_named("classic").owner, protocol_named("pollution").owner
    ('run_classic', 'run_images')
    """
    if name in _ROOMS:
        room, constant = _ROOMS[name]
        module = import_module(f"askew.benchmarks.protocols.{room}.protocol")
        return cast("Protocol[Any, Any]", getattr(module, constant))
    from askew.benchmarks.protocols.images.protocol import image_protocol

    return image_protocol(name)


def run(protocol: str | Protocol[Any, Any], preset: str = "quick", **settings: Unpack[Settings]) -> Any:
    """Run a protocol, by its name or as an object: :func:`askew.benchmarks.runs.runner.run`."""
    chosen = protocol_named(protocol) if isinstance(protocol, str) else protocol
    return runner.run(chosen, preset, **settings)


def execute(
    plan: Plan,
    store: Store,
    workers: int = 1,
    progress: Reporter | None = None,
    device: str | None = None,
    cluster: str | None = None,
) -> dict[str, Any]:
    """Do the runs of a plan that a results folder lacks: :func:`askew.benchmarks.runs.runner.execute`."""
    protocol = protocol_named(plan.protocol)
    settings: dict[str, Any] = {
        "workers": workers,
        "progress": progress,
        "device": device,
        "cluster": cluster,
    }
    return runner.execute(protocol, plan, store, **settings)
