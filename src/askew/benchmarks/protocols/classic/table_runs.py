"""Runs on tables, as classic has them and other protocols borrow them: their splits and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from askew import datasets
from askew.datasets import splits

if TYPE_CHECKING:
    from askew.benchmarks.runs.group import Group
    from askew.benchmarks.runs.plan import Run
    from askew.datasets.splits import Split

LABELLED_RATIO = 0.01


def table_split(run: Run) -> Split:
    """Return the split of :func:`askew.datasets.splits.classic_split`."""
    return splits.classic_split(
        datasets.load(run.dataset),
        seed=run.seed,
        labelled_ratio=run.labelled_ratio,
        pollution_ratio=run.pollution_ratio,
        mode=cast(Any, run.split),  # checked there
    )


def table_costs(groups: Sequence[Group]) -> dict[str, float]:
    """Return the expected work of groups on tables by their key; see :func:`table_cost`."""
    names = dict.fromkeys(group.runs[0].dataset for group in groups)
    n_rows = {name: len(datasets.load(name).anomaly) for name in names}
    return {group.key: table_cost(group, n_rows[group.runs[0].dataset]) for group in groups}


def table_cost(group: Group, n_rows: int) -> float:
    """Return the expected work of a group on a table of ``n_rows``, of which a run may take fewer.

    Fifty members trained together cost about 3.5 times what one costs (DESIGN.md, idea 1); methods
    without epochs cost next to nothing.
    """
    run = group.runs[0]
    n_rows = min(n_rows, run.max_normals or n_rows)
    members = len(group.runs) * int(run.params.get("n_members", 1))
    epochs = float(run.params.get("training__epochs", run.params.get("encoder__training__epochs", 1)))
    return n_rows * epochs * (1 + 0.05 * members)
