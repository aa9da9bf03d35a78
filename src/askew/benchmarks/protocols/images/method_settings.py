"""Settings per method and image set, in full or cut to a budget.

The VAE family's are Tables 11 and 12 and sections D.1 and D.2 of Daniel, Kurutach and Tamar (2021), as METHODS.md
section 2 gives them: 200 epochs, Adam's learning rate times 0.1 every 50, 50 epochs of warm-up on normal images,
ensembles of five. Deep SVDD, Deep SAD, the autoencoder and the other single networks have 150 epochs and 150 of
pre-training, Ruff et al. (2020), appendix C: their detectors' defaults.

Of the VAEs' terms, whose division the paper does not give, each is a mean here: the squared error over pixels, the
divergence and CUBO's Gaussian terms over a code's coordinates. A sum over pixels beside a sum over coordinates makes
the divergence too light to tell anything, a mean beside a sum leaves MNIST's code empty in a short training:
docs/reproduction-notes.md has the figures, taken on training images that no run had seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from askew.benchmarks.protocols.classic import method_settings as classic
from askew.benchmarks.protocols.images.budgets import IN_FULL, PEERS, Budget
from askew.benchmarks.runs.label_use import VAES
from askew.benchmarks.runs.method import Method

VAE_EPOCHS = 200
WARMUP_EPOCHS = 50
DECAY_AFTER = (50, 100, 150)
"""Epochs after which the VAE family's learning rate is multiplied by 0.1."""

DEEP_EPOCHS = 150


class VaeSettings(NamedTuple):
    """One image set's line of Tables 11 and 12; ``polluted`` holds MML-VAE's learning rate and β_CUBO there."""

    interval: int
    lr: float
    """DP-VAE's; also of the plain VAE and the hybrid, for which the paper states none."""
    lr_mml: float
    polluted: tuple[float, float]
    code: int = 32
    """Coordinates of the network's code, which the two β below are divided by."""
    beta_kl: float = 0.005
    alpha: float = 10.0
    beta_cubo: float = 0.005


VAE_TABLE = {
    "mnist": VaeSettings(2, 1e-3, 5e-4, polluted=(2e-4, 0.02)),
    "fashion_mnist": VaeSettings(2, 1e-3, 1e-3, polluted=(1e-3, 0.25)),
    "cifar10": VaeSettings(2, 1e-3, 1e-3, polluted=(1e-3, 0.005), code=128),
    "catsvsdogs": VaeSettings(1, 1e-3, 5e-4, polluted=(5e-4, 0.005), code=256),
}

LENETS = {
    "mnist": "lenet_mnist",
    "fashion_mnist": "lenet_fashion",
    "cifar10": "lenet_cifar10",
    "catsvsdogs": "catsvsdogs",
}
VAE_NETWORKS = LENETS | {"mnist": "infogan"}
"""Networks by name; on MNIST the dual-prior paper found that the LeNet did not work well for VAEs."""


def params(method: str, dataset: str, polluted: bool = False, budget: Budget | None = None) -> dict[str, Any]:
    """Return the constructor parameters of ``method`` on ``dataset``: flat, JSON-able, {} for the defaults.

    A table gets the settings of the classic protocol. MML-VAE has other settings where anomalies hide among the
    unlabelled images (``polluted``). The training is cut to a ``budget``.

    >>> params("mml_vae", "mnist", polluted=True)["training__lr"], params("isolation_forest", "mnist")
    (0.0002, {'n_estimators': 100, 'max_samples': 256})
    """
    if dataset not in VAE_TABLE:
        return classic.params(method, dataset)
    chosen = Method.of(method)
    if chosen.detector in PEERS:
        settings = PEERS[chosen.detector] if budget else IN_FULL.get(chosen.detector, {})
        return {**settings.get("", {}), **settings.get(dataset, {}), **chosen.params}
    if chosen.detector in VAES:
        return _vae(chosen.detector, dataset, polluted, budget)
    own = _SETTINGS.get(chosen.detector)
    return {**chosen.params, **(own(dataset, budget) if own else {})}


def _vae(method: str, dataset: str, polluted: bool, budget: Budget | None) -> dict[str, Any]:
    line = VAE_TABLE[dataset]
    values = line._asdict()
    if polluted:
        values["lr_mml"], beta_cubo = line.polluted
        values["beta_cubo"] = beta_cubo if method == "mml_vae" else line.beta_cubo
    values |= {name: values[name] / line.code for name in ("beta_kl", "beta_cubo")}
    shared = {
        "n_members": budget.members if budget else classic.MEMBERS,
        "network": VAE_NETWORKS[dataset],
        "training__epochs": budget.vae_epochs if budget else VAE_EPOCHS,
        "training__lr_milestones": list(DECAY_AFTER),
        "reduction": "mean",
    }
    if budget:
        shared["training__batch_size"] = budget.batch_size
    columns = classic.VAE_COLUMNS[method]
    if "interval" in columns:  # it learns from labels, after a warm-up on normal images
        shared["warmup_epochs"] = budget.warmup_epochs if budget else WARMUP_EPOCHS
    return shared | {name: values[column] for name, column in columns.items()}


def _trained(dataset: str, budget: Budget | None, epochs: int = DEEP_EPOCHS) -> dict[str, Any]:
    """Return the settings of a single network: its epochs, cut to the budget."""
    cut = (
        {"training__epochs": budget.deep_epochs, "training__batch_size": budget.batch_size} if budget else {}
    )
    return {"n_members": 1, "training__epochs": epochs} | cut


def _lenet(dataset: str, budget: Budget | None) -> dict[str, Any]:
    return _trained(dataset, budget) | {"network": LENETS[dataset]}


def _pretrained(dataset: str, budget: Budget | None) -> dict[str, Any]:
    return {"training__pretrain_epochs": budget.pretrain_epochs if budget else DEEP_EPOCHS}


def _quoted(dataset: str, budget: Budget | None) -> dict[str, Any]:
    """Return the settings of a network that the papers quote without them: its detector's default of 200 epochs."""
    return _trained(dataset, budget, epochs=200)


_SETTINGS: Mapping[str, Callable[[str, Budget | None], dict[str, Any]]] = {
    "isolation_forest": lambda dataset, budget: dict(classic.FOREST),
    "autoencoder": _lenet,
    "supervised": _lenet,
    "deep_svdd": lambda *of: _lenet(*of) | _pretrained(*of),
    "deep_sad": lambda *of: _lenet(*of) | _pretrained(*of),
    "ss_dgm": lambda *of: _lenet(*of) | _pretrained(*of),
    "dagmm": _quoted,
    "dsebm": _quoted,
    "hybrid": lambda *of: {f"encoder__{name}": value for name, value in _lenet(*of).items()},
}
"""By detector: its constructor parameters on an image set, in full or cut to a budget."""
