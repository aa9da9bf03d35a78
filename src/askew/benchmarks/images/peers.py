"""The budgets of AMA and its peers in the quick presets: one table, apart from the VAEs' and Deep SAD's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FEW = {"training__epochs": 10, "training__batch_size": 64}

PEERS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "ama": {
        "": {
            "training__epochs": 8,
            "training__batch_size": 64,
            "training__lr": 1e-3,
            "training__lr_gamma": 1.0,
            "critic_steps": 1,
        },
        "cifar10": {"network": "ama_mnist"},
    },
    "dadgt": {
        "": {"transformations": "rotations", **_FEW},
        "mnist": {"network": "lenet_mnist"},
        "fashion_mnist": {"network": "lenet_fashion"},
        "cifar10": {"network": "lenet_cifar10"},
        "catsvsdogs": {"network": "catsvsdogs"},
    },
    "inclusive_nrf": {"": {"training__epochs": 5}},
    "waic": {"": {"filters": 16, "blocks": 2, "n_members": 3, "training__epochs": 5}},
    "likelihood_ratio": {"": {"filters": 16, "blocks": 2, "training__epochs": 10}},
    "anogan": {"": {**_FEW, "search_steps": 60, "search_lr": 0.05}},
    "alad": {"": _FEW},
    "skip_ganomaly": {"": {**_FEW, "filters": 16}},
    "fence_gan": {"": {**_FEW, "training__pretrain_epochs": 5}},
    "adgan": {"": {**_FEW, "n_restarts": 2}},
}
"""What quick presets cut other methods to, by method and image set ("" for all): constructor parameters.

Without a budget these methods have their detectors' defaults, which are their papers' settings. AMA's learning rate
decays to a tenth three times in its paper, which in so few steps would stop it from learning anything; its networks
for colour images (Table 3) take a CPU hours, so quick runs have those of Table 4.
"""
