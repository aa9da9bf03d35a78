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
    from askew.benchmarks.classic import run_classic
    from askew.benchmarks.few_labels import run_few_labels
    from askew.benchmarks.images.running import run_images
    from askew.benchmarks.plan import Plan, Run
    from askew.benchmarks.planning import run_planning
    from askew.benchmarks.progress import Progress, rich_reporter
    from askew.benchmarks.published import Cell, cells
    from askew.benchmarks.result import Result, summarise, tabulate
    from askew.benchmarks.runner import execute
    from askew.benchmarks.sentiment import run_sentiment
    from askew.benchmarks.store import Store

__all__ = [
    "Cell",
    "Plan",
    "Progress",
    "Result",
    "Run",
    "Store",
    "cells",
    "execute",
    "rich_reporter",
    "run_classic",
    "run_few_labels",
    "run_images",
    "run_planning",
    "run_sentiment",
    "summarise",
    "tabulate",
]

_MODULES = {
    "Cell": "published",
    "Plan": "plan",
    "Progress": "progress",
    "Result": "result",
    "Run": "plan",
    "Store": "store",
    "cells": "published",
    "execute": "runner",
    "rich_reporter": "progress",
    "run_classic": "classic",
    "run_few_labels": "few_labels",
    "run_images": "images.running",
    "run_planning": "planning",
    "run_sentiment": "sentiment",
    "summarise": "result",
    "tabulate": "result",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"askew.benchmarks.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'askew.benchmarks' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
