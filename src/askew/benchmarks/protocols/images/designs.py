"""The protocols as data: what is varied, on which data sets, for which methods, and what ``quick`` takes.

Those of the AMA paper are in :mod:`askew.benchmarks.protocols.images.ama_designs`, the others here.

Scenarios (i) to (iii) and the sensitivity to η are sections 4.2 and 4.3 of Ruff et al.: Deep semi-supervised
anomaly detection (2020); the ablation, the size of the ensemble, the badly trained autoencoder and CatsVsDogs
are Tables 3, 5, 6, 10 and 13 of Daniel, Kurutach and Tamar: Deep Variational Semi-Supervised Novelty
Detection (2021). METHODS.md section 5 has the counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from askew.benchmarks.protocols.images.ama_designs import MIRRORED
from askew.benchmarks.protocols.images.design import RATIOS, TEN_CLASSES, Design, Point, Quick, Variant

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

_DESIGNS = (
    Design(
        name="labelled_ratio",
        title="scenario (i): more labelled anomalies of one known class",
        datasets=TEN_CLASSES,
        methods=ALL,
        points=_labelled(RATIOS),
        quick=Quick(("mnist", "fashion_mnist"), FEW, (0.0, 0.01), _TEN),
    ),
    Design(
        name="pollution",
        title="scenario (ii): unknown anomalies of all classes among the unlabelled images, γ_l = 0.05",
        axis="pollution_ratio",
        symbol="γ_p",
        datasets=TEN_CLASSES,
        methods=ALL,
        points=tuple(Point(0.05, ratio, 1) for ratio in RATIOS),
        quick=Quick(("fashion_mnist",), FEW, (0.0, 0.1), _THREE),
    ),
    Design(
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
    Design(
        name="eta",
        title="the weight η of labelled images in Deep SAD, γ_l = 0.05, γ_p = 0.1, k = 1",
        axis="eta",
        symbol="η",
        datasets=TEN_CLASSES,
        methods=("deep_sad",),
        points=tuple(Point(0.05, 0.1, 1, eta) for eta in (0.01, 0.1, 1.0, 10.0, 100.0)),
        quick=Quick(("fashion_mnist",), ("deep_sad",), (0.01, 1.0, 100.0), _THREE),
        base=1.0,
    ),
    Design(
        name="ablation",
        title="DP-VAE with one or two encoders, a frozen or trained decoder, and one or five members, γ_l = 0.01",
        datasets=("cardio", "satellite", "cifar10"),
        methods=("dp_vae",),
        points=(Point(0.01, 0.0, 1),),
        quick=Quick(("cardio", "cifar10"), ("dp_vae",), (0.01,), (0,)),
        variants=_ABLATED,
    ),
    Design(
        name="ensemble_size",
        title="one model or an ensemble of five, in scenario (i)",
        datasets=("cifar10",),
        methods=("dp_vae", "mml_vae", "deep_sad"),
        points=_labelled(RATIOS),
        quick=Quick(("cifar10",), ("dp_vae", "mml_vae", "deep_sad"), (0.0, 0.01), (0,)),
        variants=_SIZES,
    ),
    Design(
        name="ill_trained_autoencoder",
        title="Deep SAD after 10 instead of 150 epochs of pre-training, in scenario (i)",
        datasets=("cifar10",),
        methods=("deep_sad",),
        points=_labelled(RATIOS),
        quick=Quick(("cifar10",), ("deep_sad",), (0.0, 0.01), _THREE),
        variants=_PRETRAINED,
    ),
    Design(
        name="cats_vs_dogs",
        title="scenario (i) on cats and dogs, 64 × 64",
        datasets=("catsvsdogs",),
        methods=(*FEW, "oc_svm", "oc_svm_hybrid", "dagmm", "dsebm"),
        points=_labelled(RATIOS),
        quick=Quick(("catsvsdogs",), FEW, (0.0, 0.01), (0, 1)),
        seeds=(0, 1, 2, 3, 4),
    ),
)

DESIGNS: Mapping[str, Design] = {design.name: design for design in (*_DESIGNS, *MIRRORED)}
"""By name, as in the papers' published numbers."""
