"""The few_labels protocol: six tables with m = 1 to 50 labelled anomalies, seen and unseen, ten seeds.

Not from the papers: it asks what a handful of labels brings beside the plain classifiers that the papers
leave out, and what it brings when the next anomalies are of another kind. Nothing is tuned here:
every method has its settings of the classic protocol. The splits are those of
:func:`askew.datasets.splits.few_labels_split`, so a curve over m has one test set, one set of normal training
rows and nested labels. Methods that learn nothing from labels run once, with m = 0, and stand in every column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from askew import index
from askew.benchmarks.protocols.classic import settings
from askew.benchmarks.protocols.few_labels.contests import PLAIN, SEMI_SUPERVISED
from askew.benchmarks.protocols.few_labels.result import FewLabelsResult, tabulate
from askew.benchmarks.runs.choices import choose, choose_seeds, open_store
from askew.benchmarks.runs.method import choices, reasons_left_out
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.runner import carry_out

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

LABEL_FREE = (
    "isolation_forest",
    "kde",
    "vae",
    "autoencoder",
    "deep_svdd",
    "dagmm",
    "dsebm",
    "if_hybrid",
    "kde_hybrid",
)
"""Methods that learn nothing from labels; ``oc_svm`` is not among them, because it chooses its kernel by them."""

METHODS = (*PLAIN, "supervised", *SEMI_SUPERVISED, "oc_svm", "oc_svm_hybrid", *LABEL_FREE)
"""The full grid."""


class Preset(NamedTuple):
    """What is run when the caller names nothing else."""

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]


_FEW = (*PLAIN, "deep_sad", "dp_vae", "mml_vae", "isolation_forest", "vae")
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


def plan(
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
) -> Plan:
    """Return the runs of the few_labels protocol.

    Where a table has fewer anomalies to label than m there is no run, and a note of the plan says so.

    Parameters
    ----------
    preset : {"quick", "paper"}
        Decides what is not given.
    methods : iterable of str, optional
        Any detectors, hybrids (``ssad_hybrid``, ...) or ``catboost``; by default those of the preset.
    datasets : iterable of str, optional
        Any of the six tables; by default those of the preset.
    seeds : iterable of int, optional
        By default those of the preset.

    Raises
    ------
    InvalidInputError
        For a name that is not among the choices; the message lists them.
    """
    owner = "run_few_labels"
    choose("preset", [preset], PRESETS, owner)
    usual = PRESETS[preset]
    known = choices(index.tabular(), test_tuned=False)
    used_methods = choose("methods", usual.methods if methods is None else methods, known, owner)
    used_datasets = choose("datasets", usual.datasets if datasets is None else datasets, DATASETS, owner)
    used_seeds = choose_seeds(usual.seeds if seeds is None else seeds, owner)
    runs = tuple(_runs(used_methods, used_datasets, used_seeds))
    full = PRESETS["paper"]
    grid = sum(1 for _ in _runs(full.methods, full.datasets, full.seeds))
    return Plan("few_labels", preset, runs, grid, tuple(_notes(used_methods, used_datasets)))


def _runs(methods: Iterable[str], datasets: Iterable[str], seeds: Iterable[int]) -> Iterable[Run]:
    for dataset in datasets:
        for regime in REGIMES:
            for method in methods:
                for m in (0,) if method in LABEL_FREE else possible(dataset, regime):
                    for seed in seeds:
                        yield Run(
                            protocol="few_labels",
                            dataset=dataset,
                            method=method,
                            params=settings.params(method, dataset),
                            seed=seed,
                            labelled_ratio=0.0,
                            regime=regime,
                            m=m,
                            max_normals=MAX_NORMALS,
                        )


def _notes(methods: Sequence[str], datasets: Iterable[str]) -> Iterable[str]:
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


def run_few_labels(
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
    out: Path | str = Path("results"),
    workers: int = 1,
    resume: bool = True,
    progress: Callable[[Any], None] | None = None,
) -> FewLabelsResult:
    """Run the few_labels protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    Parameters
    ----------
    preset, methods, datasets, seeds
        What to run; see :func:`plan`.
    out : path, default="results"
        The results folder. ``runs.parquet`` has every run of the folder, the tables those of this call.
    workers : int, default=1
        Processes, each with one torch thread. With more than one, a script must guard its start with
        ``if __name__ == "__main__":``.
    resume : bool, default=True
        Keep the runs that the folder holds and do the missing ones. False refuses a folder that is not empty.
    progress : callable, optional
        Called with :class:`askew.benchmarks.Progress` events, for example
        :func:`askew.benchmarks.rich_reporter`'s.

    Returns
    -------
    FewLabelsResult
        To print, or ``to_json()``.

    Raises
    ------
    InvalidInputError
        For an unknown name, a folder that cannot be used, or ``resume=False`` with a folder in use.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    chosen = plan(preset, methods, datasets, seeds)
    store = open_store(out, resume, "run_few_labels")
    return carry_out(chosen, store, tabulate, workers, progress)
