"""The eight protocols as data: what is varied, on which data sets, for which methods, and what ``quick`` takes.

Scenarios (i) to (iii) and the sensitivity to η are sections 4.2 and 4.3 of Ruff et al.: Deep semi-supervised
anomaly detection (2020); the ablation, the size of the ensemble, the badly trained autoencoder and CatsVsDogs
are Tables 3, 5, 6, 10 and 13 of Daniel, Kurutach and Tamar: Deep Variational Semi-Supervised Novelty
Detection (2021). METHODS.md section 5 has the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

RATIOS = (0.0, 0.01, 0.05, 0.1, 0.2)
"""γ_l of scenario (i) and γ_p of scenario (ii)."""

TEN_CLASSES = ("mnist", "fashion_mnist", "cifar10")
N_CLASSES = {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "catsvsdogs": 2}
"""Classes of each image set; a run names them by their number."""

WITHOUT_LABELS = {
    "dp_vae": "vae",
    "mml_vae": "vae",
    "mml_dp_vae": "vae",
    "deep_sad": "deep_svdd",
    "kernel_ssad": "oc_svm",
    "ssad_hybrid": "oc_svm_hybrid",
}
"""What a semi-supervised method is when nothing is labelled; the papers print the one in the other's row."""

LABEL_FREE = (
    "oc_svm",
    "oc_svm_hybrid",
    "isolation_forest",
    "if_hybrid",
    "kde",
    "kde_hybrid",
    "autoencoder",
    "deep_svdd",
    "vae",
    "dagmm",
    "dsebm",
)
"""Methods that are run without labels, as the papers run them: at γ_l = 0, whatever the others are given."""

SHALLOW = ("oc_svm", "isolation_forest", "kde", "kernel_ssad")
ALL = (
    "vae",
    "dp_vae",
    "mml_vae",
    "deep_svdd",
    "deep_sad",
    "autoencoder",
    "supervised",
    "ss_dgm",
    *SHALLOW,
    "oc_svm_hybrid",
    "if_hybrid",
    "kde_hybrid",
    "ssad_hybrid",
)
"""Every method of Tables 3 to 5 of Deep SAD and Tables 2, 7 and 9 of the dual-prior paper, so far."""

FEW = ("vae", "dp_vae", "mml_vae", "deep_svdd", "deep_sad")


class Point(NamedTuple):
    """One column of a table: γ_l, γ_p, the number k of known anomaly classes, and η where it is varied."""

    labelled_ratio: float = 0.0
    pollution_ratio: float = 0.0
    k: int = 0
    eta: float | None = None


class Variant(NamedTuple):
    """A way to run a method, where a protocol compares several: its name and what it changes."""

    name: str = ""
    params: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Quick:
    """What the quick preset takes of a grid; the budget of a run is in :mod:`askew.benchmarks.images.settings`.

    ``at`` are values on the axis, ``normal_classes`` numbers of classes. Every normal class has one known
    class, the next one (normal + 1, after the last the first), or the first of the drawn ones.
    """

    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    at: tuple[float, ...]
    normal_classes: tuple[int, ...]
    table_seeds: tuple[int, ...] = (0, 1, 2)


@dataclass(frozen=True)
class Protocol:
    """A grid: data sets × normal classes × known classes × points × methods × variants × seeds.

    Parameters
    ----------
    name, title : str
        For example ``"pollution"``, and what it asks, in words.
    axis, symbol : str
        Field of :class:`Point` along which the columns go, and the papers' letter for it.
    datasets, methods : tuple of str
        In the order of the table.
    points : tuple of Point
        The columns.
    quick : Quick
        The part of the grid that the quick preset runs.
    variants : tuple of Variant
        The first is the one that the others are compared with.
    drawn : bool
        Whether a seed draws the known classes (scenario (iii)), instead of each class being known in turn.
    seeds : tuple of int
        Repetitions of an image cell.
    """

    name: str
    title: str
    axis: str
    symbol: str
    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    points: tuple[Point, ...]
    quick: Quick
    variants: tuple[Variant, ...] = (Variant(),)
    drawn: bool = False
    seeds: tuple[int, ...] = (0,)

    def value(self, point: Point) -> float:
        """Return where a point is on the axis."""
        return float(getattr(point, self.axis))


def _labelled(ratios: tuple[float, ...]) -> tuple[Point, ...]:
    return tuple(Point(ratio, 0.0, 1 if ratio else 0) for ratio in ratios)


_TEN = tuple(range(10))
_THREE = (0, 1, 2)

_SIZES = tuple(Variant(f"K = {k}", (("n_members", k),)) for k in (5, 1))
_ABLATED = tuple(
    Variant(
        f"{'separate' if separate else 'same'} encoder, {'frozen' if frozen else 'trained'} decoder, K = {k}",
        (("separate_encoder", separate), ("freeze_decoder", frozen), ("n_members", k)),
    )
    for k in (5, 1)
    for separate in (False, True)
    for frozen in (True, False)
)
_PRETRAINED = tuple(
    Variant(f"{epochs} pre-training epochs", (("training__pretrain_epochs", epochs),)) for epochs in (150, 10)
)

_GRIDS = (
    Protocol(
        name="labelled_ratio",
        title="scenario (i): more labelled anomalies of one known class",
        axis="labelled_ratio",
        symbol="γ_l",
        datasets=TEN_CLASSES,
        methods=ALL,
        points=_labelled(RATIOS),
        quick=Quick(("mnist", "fashion_mnist"), FEW, (0.0, 0.01), _TEN),
    ),
    Protocol(
        name="pollution",
        title="scenario (ii): unknown anomalies of all classes among the unlabelled images, γ_l = 0.05",
        axis="pollution_ratio",
        symbol="γ_p",
        datasets=TEN_CLASSES,
        methods=ALL,
        points=tuple(Point(0.05, ratio, 1) for ratio in RATIOS),
        quick=Quick(("fashion_mnist",), FEW, (0.0, 0.1), _THREE),
    ),
    Protocol(
        name="known_classes",
        title="scenario (iii): more known anomaly classes, γ_l = 0.05, γ_p = 0.1",
        axis="k",
        symbol="k",
        datasets=TEN_CLASSES,
        methods=ALL,
        points=(Point(0.0, 0.1), *(Point(0.05, 0.1, k) for k in (1, 2, 3, 5))),
        quick=Quick(("fashion_mnist",), FEW, (0.0, 1.0, 5.0), _THREE),
        drawn=True,
        seeds=_TEN,
    ),
    Protocol(
        name="eta",
        title="the weight η of labelled images in Deep SAD, γ_l = 0.05, γ_p = 0.1, k = 1",
        axis="eta",
        symbol="η",
        datasets=TEN_CLASSES,
        methods=("deep_sad",),
        points=tuple(Point(0.05, 0.1, 1, eta) for eta in (0.01, 0.1, 1.0, 10.0, 100.0)),
        quick=Quick(("fashion_mnist",), ("deep_sad",), (0.01, 1.0, 100.0), _THREE),
    ),
    Protocol(
        name="ablation",
        title="DP-VAE with one or two encoders, a frozen or trained decoder, and one or five members, γ_l = 0.01",
        axis="labelled_ratio",
        symbol="γ_l",
        datasets=("cardio", "satellite", "cifar10"),
        methods=("dp_vae",),
        points=(Point(0.01, 0.0, 1),),
        quick=Quick(("cardio", "cifar10"), ("dp_vae",), (0.01,), (0,)),
        variants=_ABLATED,
    ),
    Protocol(
        name="ensemble_size",
        title="one model or an ensemble of five, in scenario (i)",
        axis="labelled_ratio",
        symbol="γ_l",
        datasets=("cifar10",),
        methods=("dp_vae", "mml_vae", "deep_sad"),
        points=_labelled(RATIOS),
        quick=Quick(("cifar10",), ("dp_vae", "mml_vae", "deep_sad"), (0.0, 0.01), (0,)),
        variants=_SIZES,
    ),
    Protocol(
        name="ill_trained_autoencoder",
        title="Deep SAD after 10 instead of 150 epochs of pre-training, in scenario (i)",
        axis="labelled_ratio",
        symbol="γ_l",
        datasets=("cifar10",),
        methods=("deep_sad",),
        points=_labelled(RATIOS),
        quick=Quick(("cifar10",), ("deep_sad",), (0.0, 0.01), _THREE),
        variants=_PRETRAINED,
    ),
    Protocol(
        name="cats_vs_dogs",
        title="scenario (i) on cats and dogs, 64 × 64",
        axis="labelled_ratio",
        symbol="γ_l",
        datasets=("catsvsdogs",),
        methods=(*FEW, "oc_svm", "oc_svm_hybrid", "dagmm", "dsebm"),
        points=_labelled(RATIOS),
        quick=Quick(("catsvsdogs",), FEW, (0.0, 0.01), (0, 1)),
        seeds=(0, 1, 2, 3, 4),
    ),
)

PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in _GRIDS}
"""By name, as in the papers' published numbers."""
