"""The classic protocol: six ODDS tables, 60:40 split, 1 % labelled anomalies, ten seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from askew import index
from askew.benchmarks.protocols.classic.result import Result, tabulate
from askew.benchmarks.protocols.classic.settings import DATASETS, params
from askew.benchmarks.runs.choices import choose, choose_seeds, open_store
from askew.benchmarks.runs.method import choices
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.runner import carry_out

LABELLED_RATIO = 0.01
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


class Preset(NamedTuple):
    """What is run when the caller names nothing else."""

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]


PRESETS = {
    "paper": Preset(METHODS, DATASETS, tuple(range(10))),
    "quick": Preset(FEW, ("arrhythmia", "cardio", "satimage-2", "thyroid"), (0, 1, 2)),
}
"""``paper`` is the full grid; ``quick`` the part of it with eight methods, the four smaller tables and
three seeds."""

SPLITS = ("clean", "leaky")


def plan(
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
    split: str = "clean",
) -> Plan:
    """Return the runs of the classic protocol.

    Parameters
    ----------
    preset : {"quick", "paper"}
        Decides what is not given.
    methods : iterable of str, optional
        Any detectors of tables, ``oc_svm_hybrid``, ``ssad_hybrid``, ``kde_hybrid``, ``if_hybrid`` and
        ``catboost``; by default those of the preset. One without settings here runs with its defaults. Names
        that end in ``_test_tuned`` choose their kernel on a tenth of the test rows, as the papers do; they only
        explain gaps.
    datasets : iterable of str, optional
        Any of the six tables; by default those of the preset.
    seeds : iterable of int, optional
        By default those of the preset.
    split : {"clean", "leaky"}
        ``"leaky"`` imitates the reference loader, whose test rows are partly in the training pool.

    Raises
    ------
    InvalidInputError
        For a name that is not among the choices; the message lists them.
    """
    owner = "run_classic"
    choose("preset", [preset], PRESETS, owner)
    choose("split", [split], SPLITS, owner)
    usual = PRESETS[preset]
    used_methods = choose(
        "methods", usual.methods if methods is None else methods, choices(index.tabular()), owner
    )
    used_datasets = choose("datasets", usual.datasets if datasets is None else datasets, DATASETS, owner)
    used_seeds = choose_seeds(usual.seeds if seeds is None else seeds, owner)
    runs = tuple(
        Run("classic", dataset, method, params(method, dataset), seed, split, LABELLED_RATIO)
        for dataset in used_datasets
        for method in used_methods
        for seed in used_seeds
    )
    full = PRESETS["paper"]
    return Plan("classic", preset, runs, grid=len(METHODS) * len(full.datasets) * len(full.seeds))


def run_classic(
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    seeds: Iterable[int] | None = None,
    out: Path | str = Path("results"),
    workers: int = 1,
    resume: bool = True,
    split: str = "clean",
    progress: Callable[[Any], None] | None = None,
) -> Result:
    """Run the classic protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    Parameters
    ----------
    preset, methods, datasets, seeds, split
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
    Result
        To print, or ``to_json()``.

    Raises
    ------
    InvalidInputError
        For an unknown name, a folder that cannot be used, or ``resume=False`` with a folder in use.
    KeyboardInterrupt
        On Ctrl-C, after the tables of what is finished are written.
    """
    chosen = plan(preset, methods, datasets, seeds, split)
    store = open_store(out, resume, "run_classic")
    return carry_out(chosen, store, tabulate, workers, progress)
