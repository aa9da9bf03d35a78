"""Members' networks as one: linear layers and BatchNorm with a leading member axis.

Measured here, this is what makes five members cost about as much as one; ``torch.func.vmap`` is the general
mechanism, and three times slower per step for small networks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_SCALAR = (nn.LeakyReLU, nn.ReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Softplus, nn.Identity)
"""Layers that are functions of single numbers, whatever the shape."""


def _row_parameter(vectors: Sequence[nn.Parameter | None]) -> nn.Parameter | None:
    """Return the members' vectors as one (members, 1, width) parameter, or None if they have none."""
    parameters = [v for v in vectors if v is not None]
    if not parameters:
        return None
    rows = torch.stack([v.detach() for v in parameters]).unsqueeze(1)
    return nn.Parameter(rows, requires_grad=parameters[0].requires_grad)


class _Linear(nn.Module):
    """Linear layers of all members: x (members, rows, in) -> (members, rows, out)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        # (members, in, out): baddbmm reads it without a transpose
        weights = torch.stack([layer.weight.detach().T.contiguous() for layer in layers])
        self.weight = nn.Parameter(weights, requires_grad=layers[0].weight.requires_grad)
        self.bias = _row_parameter([layer.bias for layer in layers])

    def forward(self, x: Tensor) -> Tensor:
        if self.bias is None:
            return torch.bmm(x, self.weight)
        return torch.baddbmm(self.bias, x, self.weight)

    @torch.no_grad()
    def unstack(self, member: int, layer: nn.Linear) -> None:
        layer.weight.copy_(self.weight[member].T)
        if self.bias is not None:
            layer.bias.copy_(self.bias[member, 0])


class _BatchNorm(nn.Module):
    """BatchNorm of all members, always with the batch's own statistics (population ones come after training)."""

    def __init__(self, layers: Sequence[nn.BatchNorm1d]) -> None:
        super().__init__()
        self.eps = layers[0].eps
        self.weight = _row_parameter([layer.weight for layer in layers])
        self.bias = _row_parameter([layer.bias for layer in layers])

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x, dim=-2, correction=0, keepdim=True)
        x = (x - mean) * torch.rsqrt(variance + self.eps)
        if self.weight is not None and self.bias is not None:
            x = torch.addcmul(self.bias, x, self.weight)
        return x

    @torch.no_grad()
    def unstack(self, member: int, layer: nn.BatchNorm1d) -> None:
        if self.weight is not None and self.bias is not None:
            layer.weight.copy_(self.weight[member, 0])
            layer.bias.copy_(self.bias[member, 0])


class StackedNetwork(nn.Module):
    """One network of each member, run together: x (members, rows, in) -> (members, rows, out)."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return each member's network of its own rows."""
        for layer in self.layers:
            x = layer(x)
        return x

    def unstack(self, member: int, network: nn.Module) -> None:
        """Copy the weights of one member into its own plain `network`, which the stack was made of."""
        for stacked, plain in zip(self.layers, leaves_of(network) or [], strict=True):
            if isinstance(stacked, _Linear | _BatchNorm):
                stacked.unstack(member, plain)  # type: ignore[arg-type]


def leaves_of(network: nn.Module) -> list[nn.Module] | None:
    """Return the layers of nested Sequentials in order, or None if something else decides what forward does."""
    if network._forward_hooks or network._forward_pre_hooks:
        return None
    if type(network) is nn.Sequential:
        parts = [part for child in network if (part := leaves_of(child)) is not None]
        return [leaf for part in parts for leaf in part] if len(parts) == len(network) else None
    return None if list(network.children()) else [network]


def _stack_layer(layers: list[nn.Module], after_linear: bool) -> nn.Module | None:
    first = layers[0]
    if type(first) is nn.Linear:
        return _Linear(layers)  # type: ignore[arg-type]
    if type(first) is nn.BatchNorm1d:
        return _BatchNorm(layers)  # type: ignore[arg-type]
    return elementwise(first, after_linear)


def elementwise(layer: nn.Module, after_linear: bool) -> nn.Module | None:
    """Return a layer that is a function of single numbers as stacks use it, None of any other layer.

    In place `after_linear`: a linear layer's output is nobody else's.
    """
    if after_linear and type(layer) is nn.LeakyReLU and layer.negative_slope > 0:
        return nn.LeakyReLU(layer.negative_slope, inplace=True)
    return layer if type(layer) in _SCALAR else None


def layers_alike(networks: Sequence[nn.Module]) -> list[list[nn.Module]] | None:
    """Return the layers of networks, those at one place together, or None if they differ or cannot be told."""
    leaves = [part for part in map(leaves_of, networks) if part is not None]
    if len(leaves) < len(networks) or not _alike(networks, leaves):
        return None
    return [list(same) for same in zip(*leaves, strict=True)]


def _alike(networks: Sequence[nn.Module], leaves: Sequence[Sequence[nn.Module]]) -> bool:
    """Whether all networks have the same layers, none of them a layer used twice (a stack would untie it)."""
    tied = sum(len(list(leaf.parameters())) for leaf in leaves[0]) != len(list(networks[0].parameters()))
    return len({repr(network) for network in networks}) == 1 and not tied


def stack(networks: Sequence[nn.Module]) -> StackedNetwork | None:
    """Return the members' `networks` as one, or None if they hold a layer that has no stacked form.

    Stackable are (nested) ``nn.Sequential`` of linear layers, BatchNorm1d and elementwise activations, alike
    in all members, without hooks and without a layer used twice. The stack holds copies of their weights.

    >>> pair = stack([nn.Linear(3, 2), nn.Linear(3, 2)])
    >>> pair(torch.zeros(2, 5, 3)).shape
    torch.Size([2, 5, 2])
    >>> stack([nn.LSTM(3, 2)]) is None
    True
    """
    alike = layers_alike(networks)
    if alike is None:
        return None
    stacked: list[nn.Module] = []
    for layers in alike:
        layer = _stack_layer(layers, bool(stacked) and isinstance(stacked[-1], _Linear))
        if layer is None:
            return None
        stacked.append(layer)
    return StackedNetwork(stacked)
