"""What the quick presets cut a run to: budgets by image set, and settings of AMA and its peers by method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Budget(NamedTuple):
    """What one run of a quick preset is cut to; everything else is as in the paper preset.

    ``max_normals`` is the most normal training images of a run, drawn by its seed; the counts of labelled and polluting
    images follow from it. ``vae_epochs`` and ``warmup_epochs`` are the VAE family's (the decay after epoch 50 is not
    reached), ``deep_epochs`` and ``pretrain_epochs`` the single networks'. ``batch_size`` is small, so that few images
    make enough steps. ``members`` is the size of a VAE's ensemble, unless sizes are compared.
    """

    max_normals: int
    vae_epochs: int
    warmup_epochs: int
    deep_epochs: int
    pretrain_epochs: int
    batch_size: int = 32
    members: int = 1


QUICK = {
    "mnist": Budget(4000, 6, 1, 8, 8),
    "fashion_mnist": Budget(4000, 10, 1, 6, 6, members=2),
    "cifar10": Budget(500, 20, 5, 20, 20),
    "catsvsdogs": Budget(200, 10, 3, 10, 10),
}
"""By image set. The small network of Fashion-MNIST's VAEs leaves time for two models of the papers' five."""

_FEW = {"training__epochs": 10, "training__batch_size": 64}
_GAN = {"training__epochs": 10, "training__batch_size": 32, "training__lr": 1e-3}
"""At their own rates a few hundred steps teach these generators nothing."""

NRF_ON_MNIST: Mapping[str, Any] = {
    "network": "nrf_mnist",
    "steps": 20,
    "step_size": 0.003,
    "momentum": 0.5,
    "initial_noise": 0.1,
    "confinement": 1.0,
    "lr_ratio": 1 / 3,
    "training__lr": 3e-3,
    "training__epochs": 50,
    "training__batch_size": 100,
}
"""Settings of the authors' code for MNIST; the detector's defaults are those for CIFAR-10."""

_HALF = {"training__epochs": 25, "training__batch_size": 50}

PEERS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "ama": {
        "": {
            "training__epochs": 8,
            "training__batch_size": 16,
            "training__lr": 1e-3,
            "training__lr_milestones": [5, 7],
            "critic_steps": 1,
            "averaging": 0.995,
            "lambda_neg": 0.2,
        },
        "fashion_mnist": {"training__epochs": 12, "training__lr_milestones": [8, 11]},
        "cifar10": {"network": "ama_mnist"},
    },
    "dadgt": {
        "": {"transformations": "rotations", **_FEW},
        "mnist": {"network": "lenet_mnist"},
        "fashion_mnist": {"network": "lenet_fashion"},
        "cifar10": {"network": "lenet_cifar10"},
        "catsvsdogs": {"network": "catsvsdogs"},
    },
    "inclusive_nrf": {"": {"training__epochs": 5}, "mnist": {**NRF_ON_MNIST, **_HALF}},
    "waic": {"": {"filters": 16, "blocks": 2, "n_members": 3, "training__epochs": 5}},
    "likelihood_ratio": {"": {"filters": 16, "blocks": 2, "training__epochs": 10}},
    "anogan": {"": {**_GAN, "search_steps": 30, "search_lr": 0.1}},
    "alad": {"": {"training__epochs": 8}},
    "skip_ganomaly": {"": {**_FEW, "filters": 16}},
    "fence_gan": {"": {**_FEW, "training__pretrain_epochs": 5}},
    "adgan": {"": {**_GAN, "n_restarts": 2, "search_steps": 30, "search_lr": 0.1, "move_generator": False}},
}
"""What quick presets cut other methods to, by method and image set ("" for all): constructor parameters.

AMA's learning rate decays to a tenth three times in its paper, which in so few steps would stop it from learning
anything, and its weights wander from epoch to epoch, which an average of them steadies; negatives of a generator
that has hardly learnt look like normal images, so they weigh less; its networks for colour images (Table 3) take a
CPU hours, so quick runs have those of Table 4. What the weight does was tried on training images alone (MNIST, class
2; Fashion-MNIST against MNIST), after a run with weight 1 had been tested; the rates of AnoGAN and ADGAN were raised
after a test AUROC of 22.9 and 38.1: docs/reproduction-notes.md.
"""

IN_FULL: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "ama": {"": {"variant": "paper"}},
    "inclusive_nrf": {"": {}, "mnist": NRF_ON_MNIST},
}
"""Where a paper's settings are not its detector's defaults, in the paper presets, by method and image set."""
