"""BatchNorm: batch statistics while training, population statistics computed once afterwards.

Running averages would drift into whatever was trained last; a batch of anomalies would shift them for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from askew.training.stages import Networks

_ROWS_AT_ONCE = 1024
"""Rows per batch of the pass: enough for a batch's variance to be the population's within 5 %."""


def as_it_is(x: Tensor) -> Tensor:
    """Return `x`: rows that are float32 already."""
    return x


def _batch_norms(networks: Iterable[nn.Module]) -> list[_BatchNorm]:
    return [layer for network in networks for layer in network.modules() if isinstance(layer, _BatchNorm)]


def has_batch_norm(network: nn.Module) -> bool:
    """Return whether `network` has a BatchNorm layer."""
    return bool(_batch_norms([network]))


def use_batch_statistics(network: nn.Module) -> None:
    """Make BatchNorm use the batch's statistics in training and leave its stored ones alone."""
    for layer in _batch_norms([network]):
        layer.track_running_stats = False


@torch.no_grad()
def set_population_statistics(
    networks: Mapping[str, nn.Module],
    forward: Callable[[Networks, Tensor], Tensor],
    x: Tensor,
    prepare: Callable[[Tensor], Tensor] = as_it_is,
) -> None:
    """Set the population statistics of every BatchNorm that `forward` runs through, in one pass over `x`.

    `networks` are one member's, left in training mode; `forward` runs them as scoring does; `x`, (rows, *features),
    are the training rows without known anomalies, and `prepare` makes float32 of a batch of them.
    """
    layers = _batch_norms(networks.values())
    if not layers:
        return
    for network in networks.values():
        network.eval()  # dropout and the like are off, as in scoring
    for layer in layers:
        layer.train()
        layer.track_running_stats = True
        layer.momentum = None  # the plain average over batches
        layer.reset_running_stats()
    for batch in x.tensor_split(max(1, len(x) // _ROWS_AT_ONCE)):
        forward(networks, prepare(batch))
    for network in networks.values():
        network.train()
        use_batch_statistics(network)
