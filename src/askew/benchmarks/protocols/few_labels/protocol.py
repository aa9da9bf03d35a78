"""The few_labels protocol: six tables with m = 1 to 50 labelled anomalies, seen and unseen, ten seeds.

Not from the papers: it asks what a handful of labels brings beside the plain classifiers that the papers
leave out, and what it brings when the next anomalies are of another kind. Nothing is tuned here:
every method has its settings of the classic protocol. The splits are those of
:func:`askew.datasets.splits.few_labels_split`, so a curve over m has one test set, one set of normal training
rows and nested labels. Methods that learn nothing from labels run once, with m = 0, and stand in every column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Unpack, cast

from askew import datasets, index
from askew.benchmarks.protocols.classic import method_settings as classic
from askew.benchmarks.protocols.classic.protocol import table_costs
from askew.benchmarks.protocols.few_labels.result import FewLabelsResult
from askew.benchmarks.runs.choices import Choice, Options, Preset, Settings
from askew.benchmarks.runs.detection import DetectionProtocol
from askew.benchmarks.runs.label_use import LABEL_FREE, PLAIN_CLASSIFIERS, SEMI_SUPERVISED
from askew.benchmarks.runs.method import choices, reasons_left_out
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.runner import run
from askew.datasets import splits

M = (1, 2, 5, 10, 20, 50)
"""Numbers of labelled anomalies."""

MAX_NORMALS = 1000
"""Most normal training rows. All methods get the same; it keeps the full grid practical on two cores."""

MOST = {
    "arrhythmia": {"seen": 39, "unseen": 27},
    "cardio": {"seen": 105, "unseen": 69},
    "satellite": {"seen": 1221, "unseen": 603},
    "satimage-2": {"seen": 42, "unseen": 55},
    "shuttle": {"seen": 2106, "unseen": 184},
    "thyroid": {"seen": 55, "unseen": 23},
}
"""The most anomalies that can be labelled under every seed, :func:`askew.datasets.splits.most_labels`."""

DATASETS = tuple(MOST)
REGIMES = ("seen", "unseen")

METHODS = (*PLAIN_CLASSIFIERS, "supervised", *SEMI_SUPERVISED, "oc_svm", "oc_svm_hybrid", *LABEL_FREE)
"""The full grid."""


_FEW = (*PLAIN_CLASSIFIERS, "deep_sad", "dp_vae", "mml_vae", "isolation_forest", "vae")
PRESETS = {
    "paper": Preset(METHODS, DATASETS, tuple(range(10))),
    "quick": Preset(_FEW, ("arrhythmia", "cardio"), (0, 1, 2)),
}
"""``paper`` is the full grid; ``quick`` the part of it with eight methods, two tables and three seeds."""


def possible(dataset: str, regime: str) -> tuple[int, ...]:
    """Return the numbers of labelled anomalies that a table can give under every seed.

    >>> possible("satimage-2", "seen"), possible("thyroid", "unseen")
    ((1, 2, 5, 10, 20), (1, 2, 5, 10, 20))
    """
    return tuple(m for m in M if m <= MOST[dataset][regime])


class FewLabels(DetectionProtocol[FewLabelsResult]):
    """Six tables with 1 to 50 labelled anomalies, in two regimes.

    Where a table has fewer anomalies to label than m there is no run, and a note of the plan says so.
    """

    owner = "run_few_labels"
    options = ("methods", "datasets", "seeds")
    table = FewLabelsResult

    def plan(self, choice: Choice) -> Plan:
        """Return the runs by data set, regime, method, m and seed."""
        known = choices(index.tabular(), test_tuned=False)
        chosen = choice.checked(self.owner, PRESETS, known, DATASETS)
        grid = sum(1 for _ in _runs(PRESETS["paper"]))
        notes = tuple(_notes(chosen.methods, chosen.datasets))
        return Plan("few_labels", choice.preset, tuple(_runs(chosen)), grid, notes)

    def words(self, run: Run) -> str:
        """Return method, table, regime and m."""
        return f"{run.method} on {run.dataset}, {run.regime}, m = {run.m}"

    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return rows × epochs, by group."""
        return table_costs(groups)

    def split(self, run: Run) -> splits.Split:
        """Return the split of :func:`askew.datasets.splits.few_labels_split`."""
        return splits.few_labels_split(
            datasets.load(run.dataset),
            seed=run.seed,
            m=cast(int, run.m),  # a run here has one
            regime=cast(Any, run.regime),  # checked there
            pollution_ratio=run.pollution_ratio,
            max_normals=run.max_normals,
        )


FEW_LABELS = FewLabels()


def _runs(chosen: Preset) -> Iterator[Run]:
    for dataset in chosen.datasets:
        for regime in REGIMES:
            for method in chosen.methods:
                params = classic.params(method, dataset)
                base = Run("few_labels", dataset, method, params, seed=0, labelled_ratio=0.0, regime=regime)
                for m in (0,) if method in LABEL_FREE else possible(dataset, regime):
                    for seed in chosen.seeds:
                        yield replace(base, seed=seed, m=m, max_normals=MAX_NORMALS)


def _notes(methods: Sequence[str], datasets: Iterable[str]) -> Iterator[str]:
    yield (
        f"At most {MAX_NORMALS:,} normal training rows, a random sample, the same for every method; settings are "
        "those of the classic protocol, with no tuning here."
    )
    gaps = [
        f"{dataset} {regime} (at most {MOST[dataset][regime]})"
        for dataset in datasets
        for regime in REGIMES
        if possible(dataset, regime) != M
    ]
    if gaps:
        yield f"Too few anomalies to label {M[-1]}, so not in the grid: {', '.join(gaps)}."
    yield from reasons_left_out(methods)


def plan(preset: str = "quick", **choice: Unpack[Options]) -> Plan:
    """Return the runs of the few_labels protocol; see :class:`~askew.benchmarks.runs.choices.Choice`."""
    return FEW_LABELS.plan(FEW_LABELS.choice(preset, choice))


def run_few_labels(preset: str = "quick", **settings: Unpack[Settings]) -> FewLabelsResult:
    """Run the few_labels protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    It takes ``methods``, ``datasets`` and ``seeds``, and the settings of
    :func:`askew.benchmarks.runs.runner.run`, which says what they are and what is raised.
    """
    return run(FEW_LABELS, preset, **settings)
