"""The image protocols: a grid of runs each, done one by one, with pictures of some of them on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

from askew.benchmarks.protocols.classic.protocol import table_costs, table_split
from askew.benchmarks.protocols.images import pictures
from askew.benchmarks.protocols.images.budgets import PEERS
from askew.benchmarks.protocols.images.design import PAIRS, Design, normal_set, on_images
from askew.benchmarks.protocols.images.design_runs import design_part, notes, runs_of
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.image_splits import image_split
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.runs.choices import Choice, Options, Settings, choose
from askew.benchmarks.runs.detection import DetectionProtocol
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.plan import Group, Plan, Run
from askew.benchmarks.runs.runner import run
from askew.benchmarks.runs.store import Store
from askew.datasets.splits import Split

N_NORMAL = {"mnist": 6000, "fashion_mnist": 6000, "cifar10": 5000, "catsvsdogs": 4000}
"""About the normal training images of a class."""

N_ALL = {"fashion_mnist": 60000, "cifar10": 50000}
"""Training images of all classes, where a whole image set is normal."""

STEP = {"lenet_mnist": 0.1, "lenet_fashion": 0.4, "infogan": 1.0, "lenet_cifar10": 2.0, "catsvsdogs": 30.0}
"""About the time of a training step of a network, relative to a VAE on MNIST."""

PEER_STEP = {"ama": 10.0, "waic": 8.0, "likelihood_ratio": 16.0, "inclusive_nrf": 10.0, "dadgt": 1.0}
"""The same for methods whose cost is not their network's alone; 5 for GANs."""

PEER_EPOCHS = 100
"""Epochs of a method whose defaults are its paper's."""

SCORING = 5000.0
"""About the work of loading, splitting and scoring, in the same unit: images × epochs."""


def image_work(run: Run) -> float:
    """Return the expected cost of a run; members are trained one by one on a processor.

    >>> from askew.benchmarks.protocols.images.protocol import plan
    >>> vae, dp_vae = plan("labelled_ratio", methods=["dp_vae"], datasets=["mnist"], normal_classes=[0]).runs
    >>> image_work(vae) <= image_work(dp_vae)
    True
    """
    given, normals = run.params, normal_set(run.dataset)
    there = (N_ALL if run.dataset in PAIRS else N_NORMAL)[normals]
    n_images = min(run.max_normals or there, there) / (1 - run.labelled_ratio)
    detector = Method.of(run.method).detector
    usual = PEER_EPOCHS if detector in PEERS else 0
    epochs = float(given.get("training__epochs", given.get("encoder__training__epochs", usual)))
    epochs += float(given.get("training__pretrain_epochs", 0))
    step = STEP.get(str(given.get("network", given.get("encoder__network"))), 0.1)
    if detector in PEERS:
        step = PEER_STEP.get(detector, 5.0)
    outliers = 1 + 1 / given["interval"] if run.labelled_ratio and "interval" in given else 1.0
    return step * (n_images * epochs * outliers + SCORING) * float(given.get("n_members", 1))


@dataclass(frozen=True)
class ImageProtocol(DetectionProtocol[ImageResult]):
    """A grid of runs on image sets; the ablation has two tables as well, which are run as classic's are.

    Runs on images stay alone: stacked convolutions gain nothing on a processor.
    """

    design: Design
    picture_codes: bool = False
    """Whether :meth:`finish` draws codes."""
    pictures: tuple[str, ...] = ()
    """Methods that :meth:`finish` makes pictures of."""
    owner = "run_images"
    options = ("methods", "datasets", "normal_classes", "known_classes", "at", "seeds", "members")
    table = ImageResult

    def plan(self, choice: Choice) -> Plan:
        """Return the runs by data set, point, method, variant, normal class and seed."""
        part = design_part(self.design, choice)
        runs = tuple(dict.fromkeys(runs_of(part)))
        full = len(set(runs_of(design_part(self.design, Choice("paper")))))
        chosen = Plan(self.design.name, choice.preset, runs, full, tuple(notes(part)))
        if self.picture_codes:
            pictures.pair_of_runs(chosen)  # refused before the runs, not after
        if self.pictures:
            pictures.picture_runs(chosen, self.pictures)
        return chosen

    def words(self, run: Run) -> str:
        """Return method, data set and classes."""
        if run.normal_class is None:
            return f"{run.method} on {run.dataset}"
        known = f", known {'+'.join(run.known_classes)}" if run.known_classes else ""
        polluted = f", γ_p = {run.pollution_ratio:g}" if run.pollution_ratio else ""
        classes = f"normal {run.normal_class}{known}, γ_l = {run.labelled_ratio:g}{polluted}"
        return f"{run.method} on {run.dataset}, {classes}"

    def group_key(self, run: Run) -> str:
        """Return a name that runs on a table share which differ in their seed alone."""
        return run.key if on_images(run.dataset) else run.group_key

    def costs(self, groups: Sequence[Group]) -> dict[str, float]:
        """Return images × epochs × the time of a step, or for tables rows × epochs, by group."""
        tables = [group for group in groups if not on_images(group.runs[0].dataset)]
        images = {
            group.key: image_work(group.runs[0]) for group in groups if on_images(group.runs[0].dataset)
        }
        return images | table_costs(tables)

    def split(self, run: Run) -> Split:
        """Return the split of the image set, or of the table."""
        return image_split(run) if on_images(run.dataset) else table_split(run)

    def finish(self, plan: Plan, store: Store) -> None:
        """Write codes and pictures where they are asked for."""
        if self.picture_codes:
            pictures.picture_codes(plan, store)
        if self.pictures:
            pictures.make_pictures(plan, store, self.pictures)


def image_protocol(name: str) -> ImageProtocol:
    """Return the protocol of a grid, one of :data:`.designs.DESIGNS`; another name is refused."""
    choose("protocol", [name], DESIGNS, ImageProtocol.owner)
    return ImageProtocol(DESIGNS[name])


def plan(protocol: str, preset: str = "quick", **choice: Unpack[Options]) -> Plan:
    """Return the runs of an image protocol; see :class:`~askew.benchmarks.runs.choices.Choice`.

    Without labels (γ_l = 0) a semi-supervised method is what :data:`~askew.benchmarks.runs.label_use.WITHOUT_LABELS`
    says, and that is what is run. ``eta``, ``ablation``, ``ensemble_size`` and ``ill_trained_autoencoder`` take their
    own methods alone.

    >>> [run.method for run in plan("labelled_ratio", methods=["dp_vae"], datasets=["mnist"], normal_classes=[3]).runs]
    ['vae', 'dp_vae']
    """
    images = image_protocol(protocol)
    return images.plan(images.choice(preset, choice))


def run_images(
    protocol: str,
    preset: str = "quick",
    *,
    picture_codes: bool = False,
    pictures: Iterable[str] = (),
    **settings: Unpack[Settings],
) -> ImageResult:
    """Run an image protocol and write ``runs/``, ``runs.parquet``, ``table.csv`` and ``table.md``.

    It takes ``methods``, ``datasets``, ``normal_classes``, ``known_classes``, ``at``, ``seeds`` and ``members``, and
    the settings of :func:`askew.benchmarks.runs.runner.run`, which says what they are and what else is raised.

    Parameters
    ----------
    protocol, preset : str
        What to run; see :func:`plan`.
    picture_codes : bool, default=False
        Whether to fit two models more at the end, in this process, and write ``codes.json``, which ``askew report``
        draws; see :func:`.pictures.picture_codes`. Refused without a VAE with labels.
    pictures : iterable of str, optional
        Methods whose first run on images is fitted once more at the end, in this process, for ``askew report`` to show
        its contact sheet, reconstructions, interpolations and scores.
    """
    images = replace(image_protocol(protocol), picture_codes=picture_codes, pictures=tuple(pictures))
    return run(images, preset, **settings)
