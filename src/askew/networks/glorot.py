"""The initial weights of the papers' classifiers."""

from __future__ import annotations

from torch import nn


def glorot(network: nn.Module) -> nn.Module:
    """Give every linear and convolutional layer uniform Glorot weights and a bias of 0, and return `network`."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network
