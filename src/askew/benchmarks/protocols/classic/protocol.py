"""The classic protocol: six ODDS tables, 60:40 split, 1 % labelled anomalies, ten seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from askew import index
from askew.benchmarks.protocols.classic.result import Result
from askew.benchmarks.protocols.classic.settings import DATASETS, params
from askew.benchmarks.protocols.classic.table_runs import LABELLED_RATIO, table_costs, table_split
from askew.benchmarks.runs.choices import Choice, Options, Preset, Settings, choose
from askew.benchmarks.runs.detection import DetectionProtocol
from askew.benchmarks.runs.method import choices
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.runner import run

if TYPE_CHECKING:
    from askew.benchmarks.runs.group import Group
    from askew.datasets.splits import Split

FEW = (
    "isolation_forest",
    "autoencoder",
    "deep_svdd",
    "deep_sad",
    "vae",
    "mml_vae",
    "dp_vae",
    "mml_dp_vae",
)
"""The methods of the quick preset."""

METHODS = (
    *FEW,
    "oc_svm",
    "oc_svm_hybrid",
    "kernel_ssad",
    "ssad_hybrid",
    "kde",
    "kde_hybrid",
    "if_hybrid",
    "supervised",
    "ss_dgm",
    "dagmm",
    "dsebm",
    "logistic_regression",
    "gradient_boosting",
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
        chosen = choice.checked(self.owner, PRESETS, choices(index.tabular()), DATASETS)
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

    def split(self, run: Run) -> Split:
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
