"""Members' networks as one to score with: rows lie along the last axis of memory, and BatchNorm is folded in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from askew.networks.stacked import elementwise, layers_alike


class _Linear(nn.Module):
    """Linear layers of all members: x (members or 1, rows, in) -> (members, rows, out), a view of (members, out, rows).

    Rows that all members share are multiplied with all their weights at once.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.register_buffer("weight", weight.contiguous())
        self.register_buffer("bias", None if bias is None else bias.unsqueeze(-1).contiguous())

    def forward(self, x: Tensor) -> Tensor:
        members, width, _ = self.weight.shape
        if len(x) == 1:
            weight = self.weight.flatten(0, 1)
            made = (
                weight @ x[0].mT
                if self.bias is None
                else torch.addmm(self.bias.flatten(0, 1), weight, x[0].mT)
            )
            return made.view(members, width, -1).mT
        if self.bias is None:
            return torch.bmm(self.weight, x.mT).mT
        return torch.baddbmm(self.bias, self.weight, x.mT).mT


def scoring_stack(networks: Sequence[nn.Module], dtype: torch.dtype) -> nn.Sequential | None:
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
    stacked: list[nn.Module] = []
    pending: tuple[Tensor, Tensor | None] | None = None  # a linear layer that a BatchNorm may follow
    for layers in alike:
        first = layers[0]
        if type(first) is nn.BatchNorm1d:
            if pending is None or first.running_mean is None:
                return None
            pending = _folded(*pending, layers)  # type: ignore[arg-type]
            continue
        if pending is not None:
            stacked.append(_rounded(pending, dtype))
        pending = None
        if type(first) is nn.Linear:
            pending = _linear(layers)  # type: ignore[arg-type]
        elif (
            activation := elementwise(first, bool(stacked) and isinstance(stacked[-1], _Linear))
        ) is not None:
            stacked.append(activation)
        else:
            return None
    if pending is not None:
        stacked.append(_rounded(pending, dtype))
    return nn.Sequential(*stacked).eval()


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


def _rounded(layer: tuple[Tensor, Tensor | None], dtype: torch.dtype) -> _Linear:
    weight, bias = layer
    return _Linear(weight.to(dtype), None if bias is None else bias.to(dtype))
