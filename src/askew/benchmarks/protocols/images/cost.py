"""What a run on images is expected to cost, relative to others: to order the runs and share out the time left."""

from __future__ import annotations

from askew.benchmarks.protocols.images.budgets import PEERS
from askew.benchmarks.protocols.images.design import PAIRS, normal_set
from askew.benchmarks.runs.plan import Run

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
    usual = PEER_EPOCHS if run.method in PEERS else 0
    epochs = float(given.get("training__epochs", given.get("encoder__training__epochs", usual)))
    epochs += float(given.get("training__pretrain_epochs", 0))
    step = STEP.get(str(given.get("network", given.get("encoder__network"))), 0.1)
    if run.method in PEERS:
        step = PEER_STEP.get(run.method, 5.0)
    outliers = 1 + 1 / given["interval"] if run.labelled_ratio and "interval" in given else 1.0
    return step * (n_images * epochs * outliers + SCORING) * float(given.get("n_members", 1))
