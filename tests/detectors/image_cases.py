"""Small images and recipes, shared by the tests of detectors for images."""

import numpy as np
import torch

from askew.training import Batch
from askew.training.executors import Plain, Vmapped
from detector_cases import calmly

SIDE = 16


def bars(n, seed, upright=False):
    """Return (n, 1, 16, 16) uint8: a bright bar in a random row (or column), and noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(40, 10, (n, 1, SIDE, SIDE))
    for image, place in zip(X[:, 0], rng.integers(2, SIDE - 5, n), strict=True):
        image[place : place + 3] += 150
    return (X.transpose(0, 1, 3, 2) if upright else X).clip(0, 255).astype(np.uint8)


def fitted(kind, X, y=None, **params):
    """Return a detector of `kind` fitted on X; a few epochs may look unhealthy."""
    return calmly(kind().set_params(random_state=0, **params).fit, X, y)


def for_images(kind, X, **params):
    """Return an unfitted detector that knows the size of the images X, and its spec."""
    detector = kind(**params)
    detector._learned(X, None)
    return detector, detector._spec()


def same_together(detector, spec, step, noise_code):
    """Return the losses of two members computed one by one, and through vmap as on a GPU."""
    torch.manual_seed(0)
    members = [detector._build(spec) for _ in range(2)]
    for network in (network for member in members for network in member.values()):
        network.train()
        for layer in network.modules():
            if hasattr(layer, "track_running_stats"):
                layer.track_running_stats = False
    noise = torch.randn(2, 1, 6, noise_code) if noise_code else None
    batch = Batch(torch.rand(2, 6, spec.n_features), torch.zeros(2, 6), noise, {}, 0)
    alone = []
    for i, networks in enumerate(members):
        one = Batch(
            batch.x[i : i + 1], batch.y[i : i + 1], None if noise is None else noise[i : i + 1], {}, 0
        )
        alone.append(Plain(networks).losses(step.loss, one))
    return torch.cat(alone), Vmapped(members).losses(step.loss, batch)
