"""The protocols as data: what is varied, on which data sets, for which methods, and what ``quick`` takes.

Scenarios (i) to (iii) and the sensitivity to η are sections 4.2 and 4.3 of Ruff et al.: Deep semi-supervised anomaly
detection (2020); the ablation, the size of the ensemble, the badly trained autoencoder and CatsVsDogs are Tables 3,
5, 6, 10 and 13 of Daniel, Kurutach and Tamar: Deep Variational Semi-Supervised Novelty Detection (2021).

:data:`AMA_DESIGNS` are of Somepalli et al., Unsupervised Anomaly Detection with Adversarial Mirrored AutoEncoders:
``one_vs_rest`` is Table 1, ``ood`` Table 2, ``negative_sampling`` Table 5, ``semi_supervised_ama`` Table 6,
``corruption`` Figure 8, ``components`` Figures 6 and 9, ``mixup`` Figure 7. No method is given labels but those that
a protocol is about, and the last epoch is scored: the paper picks AMA's epoch by 10 known anomalies (50 in ``ood``)
that the other methods do without. METHODS.md section 5 has the counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from askew.benchmarks.protocols.images.budgets import QUICK, Budget
from askew.benchmarks.protocols.images.design import (
    FETCHED_PAIRS,
    FOLDER_PAIRS,
    MEASURES,
    RATIOS,
    TEN_CLASSES,
    Design,
    Point,
    Quick,
    Variant,
)

TABLE_1 = ("ama", "fence_gan", "alad", "anogan", "skip_ganomaly", "deep_svdd")
TABLE_2 = ("ama", "likelihood_ratio", "waic", "deep_svdd")

ALONE = ("dadgt", "inclusive_nrf", "adgan", "dsebm", "dagmm", "vae", "autoencoder")
"""Other methods that learn from normal images alone."""

_AMA_SHALLOW = ("oc_svm", "kde", "isolation_forest")

_PAIR_SEEDS = (0, 1, 2)

_NEGATIVES = {"atypical": "auto", "uniform": "uniform", "no": None}
"""Words and AMA's parameter: the paper's side of the sphere, Sipple's cube, none."""


def _variant(negatives: str, interpolation: str | None, game: str = "") -> Variant:
    between = f"{interpolation or 'no'} interpolation"
    settings = (("negatives", _NEGATIVES[negatives]), ("interpolation", interpolation))
    if game:
        return Variant(f"{game}: {negatives} negatives, {between}", (("variant", game), *settings))
    return Variant(f"{negatives} negatives, {between}", settings)


_PAIR_BUDGET = Budget(4000, 16, 4, 24, 24)
_AMA_BUDGET = QUICK["cifar10"]._replace(max_normals=1500)
"""AMA takes only the number of images of it; its epochs are in :mod:`.budgets`."""


def _quick_pair(*methods: str) -> Quick:
    return Quick(("fashion_mnist_vs_mnist",), methods, (0.0,), (0,), budget=_PAIR_BUDGET, max_tests=5500)


SIMPLEX_OR_NONE = ("simplex", None)
_PAPERS_GAMES = ("paper", "reference")

AMA_DESIGNS = (
    Design(
        name="one_vs_rest",
        title="one class is normal, nothing is labelled; DP-VAE alone knows 1 % anomalies of one class (γ_l = 0.01)",
        datasets=("mnist", "cifar10"),
        methods=(*TABLE_1, *ALONE, *_AMA_SHALLOW, "dp_vae"),
        points=(Point(), Point(0.01, 0.0, 1)),
        quick=Quick(
            ("mnist",),
            (*TABLE_1, *ALONE, *_AMA_SHALLOW, "dp_vae"),
            (0.0, 0.01),
            (0, 1, 2),
            budget=Budget(1000, 8, 2, 30, 30),
            max_tests=1000,
        ),
        drawn=True,
        labelled=("dp_vae",),
        reference="ama",
        by_class=True,
    ),
    Design(
        name="ood",
        title="one image set is normal, nothing is labelled; 10,000 of its images are told from 1,000 of another set",
        symbol="",
        datasets=tuple(FETCHED_PAIRS),
        optional=tuple(FOLDER_PAIRS),
        methods=(*TABLE_2, "vae", "autoencoder", "isolation_forest"),
        quick=_quick_pair(*TABLE_2, "vae", "autoencoder", "isolation_forest"),
        drawn=True,
        seeds=_PAIR_SEEDS,
        labelled=(),
        measures=tuple(MEASURES),
        reference="ama",
    ),
    Design(
        name="negative_sampling",
        title="AMA with atypical negatives, uniform ones (Sipple 2020) or none, with interpolations or without",
        symbol="",
        datasets=tuple(FETCHED_PAIRS),
        methods=("ama",),
        quick=_quick_pair("ama"),
        variants=tuple(_variant(kind, between) for kind in _NEGATIVES for between in SIMPLEX_OR_NONE),
        drawn=True,
        seeds=_PAIR_SEEDS,
    ),
    Design(
        name="semi_supervised_ama",
        title="AMA with known anomalies of all nine classes; γ_l is their number relative to the normal images",
        datasets=("cifar10",),
        methods=("ama",),
        points=tuple(Point(ratio, 0.0, 9 if ratio else 0) for ratio in (0.0, 0.001, 0.01, 0.05, 0.1, 0.2)),
        quick=Quick(("cifar10",), ("ama",), (0.0, 0.01, 0.05), (0, 1, 2), budget=_AMA_BUDGET, max_tests=2000),
        drawn=True,
        relative_to="normals",
        base=0.0,
        by_class=True,
    ),
    Design(
        name="corruption",
        title="AMA with anomalies of all nine classes among its normal images; γ_p is relative to the normal images",
        axis="pollution_ratio",
        symbol="γ_p",
        datasets=("cifar10",),
        methods=("ama",),
        points=tuple(Point(0.0, ratio) for ratio in (0.0, 0.01, 0.05, 0.1)),
        quick=Quick(("cifar10",), ("ama",), (0.0, 0.1), (0, 1, 2), budget=_AMA_BUDGET, max_tests=2000),
        drawn=True,
        relative_to="normals",
        base=0.0,
        by_class=True,
    ),
    Design(
        name="components",
        title="AMA with interpolations and atypical negatives, either alone, neither; its negatives in three variants",
        symbol="",
        datasets=(*tuple(FETCHED_PAIRS)[:2], "mnist", "cifar10"),
        methods=("ama",),
        quick=_quick_pair("ama"),
        variants=(
            *(
                _variant(kind, between, "contrast")
                for kind in ("atypical", "no")
                for between in SIMPLEX_OR_NONE
            ),
            *(_variant("atypical", between, game) for game in _PAPERS_GAMES for between in SIMPLEX_OR_NONE),
        ),
        drawn=True,
        seeds=_PAIR_SEEDS,
    ),
    Design(
        name="mixup",
        title="AMA with simplex interpolations of codes or MixUp of images",
        symbol="",
        datasets=("cifar10",),
        methods=("ama",),
        quick=Quick(("cifar10",), ("ama",), (0.0,), (0, 1, 2), budget=_AMA_BUDGET, max_tests=2000),
        variants=tuple(_variant("atypical", kind) for kind in ("simplex", "mixup")),
        drawn=True,
        by_class=True,
    ),
)


SHALLOW = ("oc_svm", "isolation_forest", "kde", "kernel_ssad")
ALL = (
    *("vae", "dp_vae", "mml_vae", "deep_svdd", "deep_sad", "autoencoder", "supervised", "ss_dgm"),
    *(*SHALLOW, "oc_svm_hybrid", "if_hybrid", "kde_hybrid", "ssad_hybrid"),
)
"""Every method of Tables 3 to 5 of Deep SAD and Tables 2, 7 and 9 of the dual-prior paper, but for Inclusive-NRF,
which is in scenario (i) alone, and what the papers leave out."""

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
        methods=(*ALL, "inclusive_nrf"),
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
        methods=(*FEW, "oc_svm", "oc_svm_hybrid", "dagmm", "dsebm", "adgan", "dadgt"),
        points=_labelled(RATIOS),
        quick=Quick(("catsvsdogs",), FEW, (0.0, 0.01), (0, 1)),
        seeds=(0, 1, 2, 3, 4),
    ),
)

DESIGNS: Mapping[str, Design] = {design.name: design for design in (*_DESIGNS, *AMA_DESIGNS)}
"""By name, as in the papers' published numbers."""
