"""What the quick presets cut a run to, by image set."""

from __future__ import annotations

from typing import NamedTuple


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
