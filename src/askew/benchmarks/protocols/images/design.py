"""What an image protocol is made of: its image sets, the methods that use no labels, and the form of a grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from askew.benchmarks.protocols.images.budgets import QUICK, Budget
from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS
from askew.benchmarks.runs.method import Method
from askew.datasets.image_sets import FOLDERS

RATIOS = (0.0, 0.01, 0.05, 0.1, 0.2)
"""γ_l of scenario (i) and γ_p of scenario (ii)."""

TEN_CLASSES = ("mnist", "fashion_mnist", "cifar10")
N_CLASSES = {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "catsvsdogs": 2}
"""Classes of each image set; a run names them by their number."""

FETCHED_PAIRS = {
    "fashion_mnist_vs_mnist": ("fashion_mnist", "mnist"),
    "cifar10_vs_svhn": ("cifar10", "svhn"),
    "cifar10_vs_cifar100": ("cifar10", "cifar100"),
}
FOLDER_PAIRS = {f"cifar10_vs_{name}": ("cifar10", name) for name in FOLDERS}
"""Somepalli et al. (2021) print an AUROC of AMA for each; they are run where somebody has the images."""
PAIRS = FETCHED_PAIRS | FOLDER_PAIRS
"""Two image sets in one: all classes of the first are normal, all of the second are anomalies."""


def normal_set(dataset: str) -> str:
    """Return the image set that normal images come from.

    >>> normal_set("cifar10_vs_svhn"), normal_set("mnist")
    ('cifar10', 'mnist')
    """
    return PAIRS[dataset][0] if dataset in PAIRS else dataset


def on_images(dataset: str) -> bool:
    """Return whether runs on a data set are runs on images; the ablation has two tables."""
    return normal_set(dataset) in N_CLASSES


MEASURES = {"auroc": "AUROC", "auprc": "AUPRC", "auprc_normal": "AUPRC of normals", "fpr80": "FPR80"}
"""Names of :class:`askew.benchmarks.runs.metrics.Metrics`, and what a table calls them."""


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
    """What the quick preset takes of a grid.

    ``at`` are values on the axis, ``normal_classes`` numbers of classes. Every normal class has one known
    class, the next one (normal + 1, after the last the first), or the first of the drawn ones. ``n_seeds`` is how
    many of the protocol's seeds are taken. ``budget`` is what a run is cut to, by default the image set's of
    :data:`.budgets.QUICK`, and ``max_tests`` the most test images of a run, by default all.
    """

    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    at: tuple[float, ...]
    normal_classes: tuple[int, ...]
    table_seeds: tuple[int, ...] = (0, 1, 2)
    n_seeds: int = 1
    budget: Budget | None = None
    max_tests: int | None = None

    def budget_for(self, dataset: str) -> Budget | None:
        """Return what runs on ``dataset`` are cut to; None for a table, whose runs are not."""
        usual = QUICK.get(normal_set(dataset))
        return usual and (self.budget or usual)


@dataclass(frozen=True)
class Design:
    """A grid: data sets × normal classes × known classes × points × methods × variants × seeds.

    ``title`` says what it asks. Columns go along ``axis``, a field of :class:`Point` whose letter in the papers is
    ``symbol`` (none where there is one column). ``variants`` begins with the one that the others are compared with.
    ``drawn``: a seed draws the known classes (scenario (iii)), else each class is known in turn. ``seeds`` are
    repetitions of an image cell. ``labelled`` are the methods that are given labels, by default all that use them.
    ``relative_to`` is ``"normals"`` where γ_l and γ_p are shares of the number of normal images, not of all. A cell
    shows ``measures`` (of :data:`MEASURES`). Every method is compared with ``reference``, every column with ``base``
    where there is one. ``by_class``: there is a table by normal class as well.
    ``optional`` are data sets that are run if they are asked for.
    """

    name: str
    title: str
    datasets: tuple[str, ...]
    methods: tuple[str, ...]
    quick: Quick
    points: tuple[Point, ...] = (Point(),)
    axis: str = "labelled_ratio"
    symbol: str = "γ_l"
    variants: tuple[Variant, ...] = (Variant(),)
    optional: tuple[str, ...] = ()
    drawn: bool = False
    seeds: tuple[int, ...] = (0,)
    labelled: tuple[str, ...] | None = None
    relative_to: str | None = None
    measures: tuple[str, ...] = ("auroc",)
    reference: str = ""
    base: float | None = None
    by_class: bool = False

    @property
    def compares_sizes(self) -> bool:
        """Whether the variants differ in the size of an ensemble."""
        return "n_members" in dict(self.variants[0].params)

    def budget(self, preset: str, dataset: str) -> Budget | None:
        """Return what a preset's runs on ``dataset`` are cut to; None for those that are not."""
        return self.quick.budget_for(dataset) if preset == "quick" else None

    def value(self, point: Point) -> float:
        """Return where a point is on the axis."""
        return float(getattr(point, self.axis))

    def is_free(self, method: str) -> bool:
        """Return whether a method is run without labels here, whatever the column."""
        return Method.of(method).printed_as in RUN_WITHOUT_LABELS or (
            self.labelled is not None and method not in self.labelled
        )
