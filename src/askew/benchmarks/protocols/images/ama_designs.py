"""The protocols of the AMA paper as data.

Somepalli et al., Unsupervised Anomaly Detection with Adversarial Mirrored AutoEncoders (2021):
``one_vs_rest`` is Table 1, ``ood`` Table 2, ``negative_sampling`` Table 5, ``semi_supervised_ama`` Table 6,
``corruption`` Figure 8, ``components`` Figures 6 and 9, ``mixup`` Figure 7. No method is given labels but those that
a protocol is about, and the last epoch is scored: the paper picks AMA's epoch by 10 known anomalies (50 in ``ood``)
that the other methods do without.
"""

from __future__ import annotations

from askew.benchmarks.protocols.images.budgets import QUICK, Budget
from askew.benchmarks.protocols.images.design import MEASURES, PAIRS, Design, Point, Quick, Variant

TABLE_1 = ("ama", "fence_gan", "alad", "anogan", "skip_ganomaly", "deep_svdd")
TABLE_2 = ("ama", "likelihood_ratio", "waic", "deep_svdd")

ALONE = ("dadgt", "inclusive_nrf", "adgan", "dsebm", "dagmm", "vae", "autoencoder")
"""Other methods that learn from normal images alone."""

SHALLOW = ("oc_svm", "kde", "isolation_forest")

_TEN = tuple(range(10))
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

MIRRORED = (
    Design(
        name="one_vs_rest",
        title="one class is normal, nothing is labelled; DP-VAE alone knows 1 % anomalies of one class (γ_l = 0.01)",
        datasets=("mnist", "cifar10"),
        methods=(*TABLE_1, *ALONE, *SHALLOW, "dp_vae"),
        points=(Point(), Point(0.01, 0.0, 1)),
        quick=Quick(
            ("mnist",),
            (*TABLE_1, *ALONE, *SHALLOW, "dp_vae"),
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
        datasets=tuple(PAIRS),
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
        datasets=tuple(PAIRS),
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
        datasets=(*tuple(PAIRS)[:2], "mnist", "cifar10"),
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
