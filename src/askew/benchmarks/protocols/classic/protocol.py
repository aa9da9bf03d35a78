"""The classic protocol: six ODDS tables, 60:40 split, 1 % labelled anomalies, ten seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Unpack, cast

from askew import datasets, index
from askew.benchmarks.protocols.classic.method_settings import DATASETS, params
from askew.benchmarks.protocols.classic.result import Result
from askew.benchmarks.runs.choices import Choice, Options, Preset, Settings, choose
from askew.benchmarks.runs.detection import DetectionProtocol
from askew.benchmarks.runs.method import AS_PRINTED, choices
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.runner import run
from askew.datasets import splits

LABELLED_RATIO = 0.01


def table_split(run: Run) -> splits.Split:
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
    sizes = {name: datasets.load(name).X.shape for name in names}
    return {group.key: table_cost(group, *sizes[group.runs[0].dataset]) for group in groups}


_WIDE = 85
"""Columns whose arithmetic takes as long as all else of a step; hidden layers grow with them (docs/scaling.md)."""


def table_cost(group: Group, n_rows: int, n_columns: int = 1) -> float:
    """Return the expected work of a group on a table of this size, of whose rows a run may take fewer.

    Fifty members trained together cost about 3.5 times what one costs (DESIGN.md, idea 1); methods
    without epochs cost next to nothing.
    """
    run = group.runs[0]
    n_rows = min(n_rows, run.max_normals or n_rows)
    members = len(group.runs) * int(run.params.get("n_members", 1))
    epochs = float(run.params.get("training__epochs", run.params.get("encoder__training__epochs", 1)))
    return n_rows * epochs * (1 + 0.05 * members) * (1 + (n_columns / _WIDE) ** 2)


FEW = (
    *("isolation_forest", "autoencoder", "deep_svdd", "deep_sad"),
    *("vae", "mml_vae", "dp_vae", "mml_dp_vae"),
)
"""The methods of the quick preset."""

METHODS = (
    *FEW,
    *("oc_svm", "oc_svm_hybrid", "kernel_ssad", "ssad_hybrid", "kde", "kde_hybrid", "if_hybrid"),
    *("supervised", "ss_dgm", "dagmm", "dsebm", "logistic_regression", "gradient_boosting"),
)
"""The full grid: every method for tables of Tables 4, 6 and 8, and what the papers leave out."""


PRESETS = {
    "paper": Preset(METHODS, DATASETS, tuple(range(10))),
    "quick": Preset(FEW, ("arrhythmia", "cardio", "satimage-2", "thyroid"), (0, 1, 2)),
}
"""``paper`` is the full grid; ``quick`` the part of it with eight methods, the four smaller tables and
three seeds."""

SPLITS = ("clean", "leaky")


class Classic(DetectionProtocol[Result]):
    """Six tables of ODDS with one per cent of labelled anomalies, beside the published numbers."""

    owner = "run_classic"
    options = ("methods", "datasets", "seeds", "split")
    table = Result

    def plan(self, choice: Choice) -> Plan:
        """Return the runs by data set, method and seed."""
        choose("split", [choice.split], SPLITS, self.owner)
        known = (*choices(index.tabular()), *(method.name for method in AS_PRINTED))
        chosen = choice.checked(self.owner, PRESETS, known, DATASETS)
        runs = tuple(
            Run("classic", dataset, method, params(method, dataset), seed, choice.split, LABELLED_RATIO)
            for dataset in chosen.datasets
            for method in chosen.methods
            for seed in chosen.seeds
        )
        return Plan("classic", choice.preset, runs, grid=math.prod(map(len, PRESETS["paper"])))

    def words(self, run: Run) -> str:
        """Return method and table."""
        return f"{run.method} on {run.dataset}"

    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return rows × epochs, by group."""
        return table_costs(groups)

    def split(self, run: Run) -> splits.Split:
        """Return the split of :func:`askew.datasets.splits.classic_split`."""
        return table_split(run)


CLASSIC = Classic()


def plan(preset: str = "quick", **choice: Unpack[Options]) -> Plan:
    """Return the runs of the classic protocol; see :class:`~askew.benchmarks.runs.choices.Choice`."""
    return CLASSIC.plan(CLASSIC.choice(preset, choice))


def run_classic(preset: str = "quick", **settings: Unpack[Settings]) -> Result:
    """Run the classic protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    It takes ``methods``, ``datasets``, ``seeds`` and ``split``, and the settings of
    :func:`askew.benchmarks.runs.runner.run`, which says what they are and what is raised.
    """
    return run(CLASSIC, preset, **settings)
