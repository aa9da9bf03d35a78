"""The numbers the papers print, one per configuration.

``published.csv`` holds every result cell of three papers as tidy facts. Papers copy from each other and
repeat themselves, so a configuration can be printed several times; :func:`cells` chooses one, by three rules:

1. a cell whose note says that it repeats another table is dropped;
2. dpvae2021: Table 2 before Table 7, Table 8 before Table 4;
3. a method's own paper comes before a copy in another paper.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from askew.errors import InvalidInputError, must

OUR_NAMES = {
    "ano_gan": "anogan",
    "cae": "autoencoder",
    "if_raw": "isolation_forest",
    "kde_raw": "kde",
    "oc_svm_raw": "oc_svm",
    "ssad_raw": "kernel_ssad",
}
"""The papers call the reconstruction-error baseline CAE (on tables it is an MLP, as here), and methods raw that
see the columns and not an autoencoder's code."""

_PAPERS = ("deepsad2020", "dpvae2021", "ama2021")
"""By age: papers copy from older ones, so the oldest that prints a method is the one to take it from."""

_LATER_TABLES = {("dpvae2021", "Table 7"), ("dpvae2021", "Table 4")}


@dataclass(frozen=True)
class Cell:
    """One printed number: ``mean`` and ``std`` are fractions in [0, 1]; None where the paper prints nothing.

    ``n_known_classes`` is the number of anomaly classes among the labelled data, ``ensemble_size`` the
    number of models that score together (None where it is not stated).
    """

    paper: str
    table: str
    experiment: str
    dataset: str
    normal_class: str | None
    ratio_labelled: float | None
    ratio_pollution: float | None
    n_known_classes: str | None
    method: str
    ensemble_size: int | None
    encoder: str | None
    decoder: str | None
    metric: str
    mean: float
    std: float | None
    n_runs: int | None
    note: str

    @property
    def configuration(self) -> tuple[object, ...]:
        """What two cells share when they print the same number twice."""
        setting = (self.normal_class, self.ratio_labelled, self.ratio_pollution, self.n_known_classes)
        variant: tuple[object, ...] = (self.ensemble_size, self.encoder, self.decoder)
        if self.experiment == "negative_sampling":  # two rows per method, told apart by their note alone
            variant = (*variant, self.note)
        return (self.experiment, self.dataset, *setting, self.method, *variant, self.metric)


_NUMBERS: dict[str, type[int] | type[float]] = {
    **dict.fromkeys(("ratio_labelled", "ratio_pollution", "mean", "std"), float),
    **dict.fromkeys(("ensemble_size", "n_runs"), int),
}


def _cell(row: dict[str, str]) -> Cell:
    values: dict[str, Any] = {
        name: _NUMBERS.get(name, str)(text) if text or name == "note" else None for name, text in row.items()
    }
    return Cell(**values | {"method": OUR_NAMES.get(row["method"], row["method"])})


@cache
def all_cells() -> tuple[Cell, ...]:
    """Return every printed cell, repeats included, in the order of the file."""
    text = (files("askew.benchmarks.result_tables") / "published.csv").read_text(encoding="utf-8")
    return tuple(_cell(row) for row in csv.DictReader(text.splitlines()))


def _preference(cell: Cell) -> tuple[int, bool]:
    return _PAPERS.index(cell.paper), (cell.paper, cell.table) in _LATER_TABLES


@cache
def cells(experiment: str) -> tuple[Cell, ...]:
    """Return one cell per configuration of ``experiment``, chosen by the three rules above.

    Raises
    ------
    InvalidInputError
        If no table belongs to ``experiment``.
    """
    chosen: dict[tuple[object, ...], Cell] = {}
    for cell in all_cells():
        if cell.experiment != experiment or "repeats Table" in cell.note:
            continue
        rival = chosen.get(cell.configuration)
        if rival is None or _preference(cell) < _preference(rival):
            chosen[cell.configuration] = cell
    if not chosen:
        names = ", ".join(sorted({cell.experiment for cell in all_cells()}))
        remedy = f"Choose one of: {names}."
        raise InvalidInputError(must("experiment", "cells", "one that a paper prints", experiment, remedy))
    return tuple(chosen.values())


@cache
def published(experiment: str = "classic", metric: str = "auroc") -> dict[tuple[str, str], Cell]:
    """Return the published cell by (data set, method), under our names of the methods.

    On the tables the VAE family (``vae``, ``dp_vae``, ``mml_vae``, ``mml_dp_vae``) are ensembles of five,
    the other methods single models; isolation forests have no published cell there.

    Raises
    ------
    InvalidInputError
        If ``experiment`` prints several cells per data set and method; choose among :func:`cells`.

    >>> cell = published("classic")["satellite", "dp_vae"]
    >>> cell.mean, cell.std, cell.ensemble_size, cell.table
    (0.892, 0.016, 5, 'Table 4')
    """
    table: dict[tuple[str, str], Cell] = {}
    for cell in cells(experiment):
        if cell.metric != metric:
            continue
        if (cell.dataset, cell.method) in table:
            remedy = "Use cells(experiment) and choose by its settings."
            rule = "an experiment with one cell per data set and method"
            raise InvalidInputError(must("experiment", "published", rule, experiment, remedy))
        table[cell.dataset, cell.method] = cell
    return table
