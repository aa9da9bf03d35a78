"""Benchmarks: protocols as data, a runner, a results store that survives a kill, statistics.

>>> from askew.benchmarks import classic
>>> len(classic.plan("paper").runs)  # six tables, 21 methods, ten seeds
1260

Everything is loaded on first use, so importing this package imports neither torch nor pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from askew.benchmarks.protocols.by_name import execute, run
    from askew.benchmarks.protocols.classic import protocol as classic
    from askew.benchmarks.protocols.classic.protocol import run_classic
    from askew.benchmarks.protocols.classic.result import Result, summarise, tabulate
    from askew.benchmarks.protocols.few_labels.protocol import run_few_labels
    from askew.benchmarks.protocols.images.protocol import run_images
    from askew.benchmarks.protocols.label_loop.protocol import run_label_loop
    from askew.benchmarks.protocols.motion_planning.protocol import run_planning
    from askew.benchmarks.protocols.sentiment.protocol import run_sentiment
    from askew.benchmarks.result_tables.published import Cell, cells
    from askew.benchmarks.runs.plan import Plan, Run
    from askew.benchmarks.runs.progress import Progress, rich_reporter
    from askew.benchmarks.runs.store import Store

__all__ = [
    "Cell",
    "Plan",
    "Progress",
    "Result",
    "Run",
    "Store",
    "cells",
    "classic",
    "execute",
    "rich_reporter",
    "run",
    "run_classic",
    "run_few_labels",
    "run_images",
    "run_label_loop",
    "run_planning",
    "run_sentiment",
    "summarise",
    "tabulate",
]

_NAMES = {
    "protocols.by_name": "execute run",
    "protocols.classic.protocol": "run_classic",
    "protocols.classic.result": "Result summarise tabulate",
    "protocols.few_labels.protocol": "run_few_labels",
    "protocols.images.protocol": "run_images",
    "protocols.label_loop.protocol": "run_label_loop",
    "protocols.motion_planning.protocol": "run_planning",
    "protocols.sentiment.protocol": "run_sentiment",
    "runs.plan": "Plan Run",
    "runs.progress": "Progress rich_reporter",
    "runs.store": "Store",
    "result_tables.published": "Cell cells",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name == "classic":
        return import_module("askew.benchmarks.protocols.classic.protocol")
    if name in _MODULES:
        return getattr(import_module(f"askew.benchmarks.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'askew.benchmarks' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
