"""Tiny networks and batches for the tests of AnoGAN and ADGAN."""

import torch
from torch import nn


def small(spec):
    """Return a critic's body and a generator of images that train in a moment."""
    body = nn.Sequential(
        nn.Conv2d(1, 8, 4, 4), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 16, 32), nn.ELU()
    )
    made = nn.Sequential(nn.Linear(6, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 256), nn.Tanh())
    return body, nn.Sequential(*made, nn.Unflatten(1, (1, 16, 16)))


def own_networks():
    """Return a member's networks for rows of four columns and codes of three."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Linear(4, 5), nn.Softplus())
    return {"critic": body.double(), "value": nn.Linear(5, 1).double(), "generator": nn.Linear(3, 4).double()}


def rows():
    """Return rows and noise of a batch: three rows of four columns, codes of three and one number more."""
    torch.manual_seed(1)
    return torch.randn(3, 4).double(), torch.randn(1, 3, 4).double()
