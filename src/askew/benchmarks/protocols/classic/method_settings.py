"""Settings per method and table: data, from the papers.

:data:`VAE_TABLE` is Tables 11 and 12 of Daniel, Kurutach and Tamar: Deep Variational Semi-Supervised Novelty
Detection (2021), as METHODS.md section 2 gives them. Deep SVDD, Deep SAD and the autoencoder keep their detectors'
defaults, which are those of Ruff et al. (2020); the isolation forest has that paper's 100 trees of 256 rows. Every
other method has its detector's defaults: the kernel methods choose their kernel on the training rows, where the
papers choose it on a tenth of the test rows. That the VAEs' rate does not fall was first chosen on test AUROC of four
of these tables, then again on training rows alone (docs/reproduction-notes.md); rows named ``_paper_schedule`` have the
paper's schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from askew.benchmarks.runs.method import Method

EPOCHS = 150
MEMBERS = 5
"""The papers score ensembles of five for the VAE family and single models for the others."""

_DEEP = {"n_members": 1, "training__epochs": EPOCHS}
FOREST = {"n_estimators": 100, "max_samples": 256}

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "isolation_forest": FOREST,
    **dict.fromkeys(("autoencoder", "deep_svdd", "deep_sad", "supervised", "ss_dgm"), _DEEP),
    **dict.fromkeys(("dagmm", "dsebm"), _DEEP | {"training__epochs": 200}),
    "hybrid": {f"encoder__{name}": value for name, value in _DEEP.items()},
}
"""By detector: constructor parameters that are the same on every table."""


class VaeSettings(NamedTuple):
    """One line of Tables 11 and 12: ``interval`` counts normal steps per outlier step."""

    interval: int
    lr: float
    """DP-VAE's; also of the plain VAE and the hybrid, for which the paper states none."""
    lr_mml: float
    beta_kl: float
    alpha: float
    beta_cubo: float


VAE_TABLE = {
    "arrhythmia": VaeSettings(1, 5e-4, 5e-4, 0.5, 2.0, 0.5),
    "cardio": VaeSettings(1, 1e-3, 1e-3, 0.05, 5.0, 0.05),
    "satellite": VaeSettings(1, 1e-3, 1e-3, 0.05, 5.0, 0.05),
    "satimage-2": VaeSettings(1, 5e-4, 1e-3, 0.05, 10.0, 0.05),
    "shuttle": VaeSettings(1, 1e-3, 1e-3, 0.05, 5.0, 0.05),
    "thyroid": VaeSettings(1, 1e-4, 1e-4, 0.05, 10.0, 0.05),
}
DATASETS = tuple(VAE_TABLE)

_PLAIN = {"training__lr": "lr", "beta_kl": "beta_kl"}
VAE_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "vae": _PLAIN,
    "dp_vae": _PLAIN | {"interval": "interval", "alpha": "alpha"},
    "mml_vae": _PLAIN | {"training__lr": "lr_mml", "interval": "interval", "beta_cubo": "beta_cubo"},
    "mml_dp_vae": _PLAIN | {"interval": "interval", "alpha": "alpha", "beta_cubo": "beta_cubo"},
}
"""By method of the VAE family: its parameters, and the columns of Tables 11 and 12 that they come from."""


def params(method: str, dataset: str) -> dict[str, Any]:
    """Return the constructor parameters of ``method`` on ``dataset``: flat, JSON-able, {} for the defaults.

    >>> params("vae", "arrhythmia")
    {'n_members': 5, 'training__epochs': 150, 'training__lr': 0.0005, 'beta_kl': 0.5}
    >>> params("catboost", "cardio")
    {'library': 'catboost'}
    """
    chosen = Method.of(method)
    if chosen.detector not in VAE_COLUMNS:
        return {**chosen.params, **SETTINGS.get(chosen.detector, {})}
    line = VAE_TABLE[dataset]._asdict()
    columns = VAE_COLUMNS[chosen.detector]
    usual = {"n_members": MEMBERS, "training__epochs": EPOCHS}
    return {**usual, **chosen.params, **{name: line[column] for name, column in columns.items()}}
