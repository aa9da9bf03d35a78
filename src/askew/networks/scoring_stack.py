"""Members' networks as one to score with: rows lie along the last axis of memory, and BatchNorm is folded in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from askew.networks.stacked import elementwise, layers_alike


class _Linear:
    """Linear layers of all members: columns (members or 1, in, rows) -> (members, out, rows)."""

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        self.weight, self.width = weight.to(dtype).contiguous(), weight.shape[0] * weight.shape[1]
        self.bias = None if bias is None else bias.to(dtype).unsqueeze(-1).contiguous()

    def __call__(self, columns: Tensor) -> Tensor:
        columns = columns.expand(len(self.weight), -1, -1)
        if self.bias is None:
            return torch.bmm(self.weight, columns)
        return torch.baddbmm(self.bias, self.weight, columns)


class ScoringStack(nn.Module):
    """One network of each member, run together: x (members or 1, rows, in) -> (members, rows, out).

    `width` is that of all members' widest layer together.
    """

    def __init__(self, layers: Sequence[Callable[[Tensor], Tensor]]) -> None:
        super().__init__()
        self.layers = list(layers)
        self.width = max((layer.width for layer in layers if isinstance(layer, _Linear)), default=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return each member's network of its own rows, or of those that all share."""
        columns = x.mT
        for layer in self.layers:
            columns = layer(columns)
        return columns.mT


def scoring_stack(networks: Sequence[nn.Module], dtype: torch.dtype) -> ScoringStack | None:
    """Return the members' `networks` as one in `dtype`, or None if they hold a layer that has no such form.

    It takes rows (members, rows, in), or (1, rows, in) where all members have the same, and gives (members, rows, out).
    It is quickest where rows are a view of (..., in, rows), and gives such views. Taken are those networks that
    :func:`~askew.networks.stacked.stack` takes, in evaluation mode: BatchNorm, with its population statistics, must
    follow a linear layer. Weights are copied, folded as they are and then rounded to `dtype`.

    >>> pair = scoring_stack([nn.Linear(3, 2), nn.Linear(3, 2)], torch.float32)
    >>> pair(torch.zeros(1, 5, 3)).shape
    torch.Size([2, 5, 2])
    """
    alike = layers_alike(networks)
    if alike is None:
        return None
    steps: list[Callable[[Tensor], Tensor]] = []
    pending: tuple[Tensor, Tensor | None] | None = None  # a linear layer that a BatchNorm may follow
    end: list[nn.Module] = [nn.Identity()]
    for layers in [*alike, end]:
        first = layers[0]
        if type(first) is nn.BatchNorm1d:
            if pending is None or first.running_mean is None:
                return None
            pending = _folded(*pending, layers)  # type: ignore[arg-type]
            continue
        if pending is not None:
            steps.append(_Linear(*pending, dtype))
        pending = _linear(layers) if type(first) is nn.Linear else None  # type: ignore[arg-type]
        if pending is None:
            if (activation := elementwise(first, bool(steps) and isinstance(steps[-1], _Linear))) is None:
                return None
            steps.append(_called(activation))
    return ScoringStack(steps[:-1])


def _called(activation: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return what an activation does, without what a module does around it."""
    if isinstance(activation, nn.LeakyReLU) and activation.inplace:
        return partial(functional.leaky_relu_, negative_slope=activation.negative_slope)
    return activation.forward


def _linear(layers: Sequence[nn.Linear]) -> tuple[Tensor, Tensor | None]:
    """Return weights (members, out, in) and biases (members, out)."""
    biases = [layer.bias.detach() for layer in layers if layer.bias is not None]
    return torch.stack([layer.weight.detach() for layer in layers]), torch.stack(biases) if biases else None


def _folded(
    weight: Tensor, bias: Tensor | None, norms: Sequence[nn.BatchNorm1d]
) -> tuple[Tensor, Tensor | None]:
    """Return the layers with the BatchNorms that follow them."""
    mean, variance = (
        torch.stack([getattr(norm, f"running_{name}") for norm in norms]) for name in ("mean", "var")
    )
    factor = torch.rsqrt(variance + norms[0].eps)
    if norms[0].weight is not None:
        factor = factor * torch.stack([norm.weight.detach() for norm in norms])
    shift = ((0.0 if bias is None else bias) - mean) * factor
    if norms[0].bias is not None:
        shift = shift + torch.stack([norm.bias.detach() for norm in norms])
    return weight * factor.unsqueeze(-1), shift
