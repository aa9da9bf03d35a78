r"""Values of piecewise linear networks together with their gradients at other points, both to be learnt from.

A gradient penalty looks at :math:`g=\nabla_x D(x)`. Learning from it takes :math:`v^\top\partial g/\partial\theta`,
which automatic differentiation gets by a backward pass through the backward pass. Where a network is made of linear
layers and of activations that are linear on either side of 0, one pass does: :math:`v^\top g` is D's derivative in the
direction v, a pass forwards with the slopes that the activations have at x. Its gradient with respect to a layer's
weights is the product of what that pass gives to the layer and of the layer's part of the pass that gave g.

Reference: Pearlmutter (1994), Fast Exact Multiplication by the Hessian, where activations have no curvature.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from askew.networks.row_to_image import Fold
from askew.networks.stacked import leaves_of

_FEW = 8
"""Channels of pixels up to which a product of matrices is faster than the library's gradient of a convolution."""


class _Layer(ABC):
    """A layer that is linear, or linear on either side of 0."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs."""

    @abstractmethod
    def tangent(self, t: Tensor, y: Tensor) -> Tensor:
        """Return how the outputs, which are `y`, change as the inputs change by `t`."""

    @abstractmethod
    def transpose(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """Return the gradient of the inputs `x`, given that of the outputs `y`."""


class _Weighted(_Layer):
    """A layer that learns; `weights` are its weight and, if there is one, its bias."""

    weights: tuple[Tensor, ...]

    @abstractmethod
    def gradient(self, x: Tensor, g: Tensor) -> Tensor:
        """Return the weight's gradient, the sum over inputs and gradients of outputs."""

    @abstractmethod
    def bias_gradient(self, g: Tensor) -> Tensor:
        """Return the bias's gradient."""


@final
class _Linear(_Weighted):
    def __init__(self, weights: tuple[Tensor, ...]) -> None:
        self.weights = weights

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self.weights)

    def tangent(self, t: Tensor, y: Tensor) -> Tensor:
        return F.linear(t, self.weights[0])

    def transpose(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g @ self.weights[0]

    def gradient(self, x: Tensor, g: Tensor) -> Tensor:
        return g.t() @ x

    def bias_gradient(self, g: Tensor) -> Tensor:
        return g.sum(0)


@final
class _Convolution(_Weighted):
    def __init__(self, layer: nn.Conv2d, weights: tuple[Tensor, ...]) -> None:
        self.weights = weights
        self.kernel, self.stride, self.padding = layer.kernel_size, layer.stride, layer.padding

    def forward(self, x: Tensor) -> Tensor:
        bias = self.weights[1] if len(self.weights) > 1 else None
        return F.conv2d(x, self.weights[0], bias, self.stride, self.padding)

    def tangent(self, t: Tensor, y: Tensor) -> Tensor:
        return F.conv2d(t, self.weights[0], None, self.stride, self.padding)

    def transpose(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        if self.weights[0].shape[1] > _FEW:
            return self._backward(g, x, 0)
        patches = self.weights[0].flatten(1).t() @ g.flatten(2)  # (rows, inputs * kernel, places)
        size = (x.shape[2], x.shape[3])
        return F.fold(patches, size, self.kernel, padding=self.padding, stride=self.stride)  # type: ignore[arg-type]

    def gradient(self, x: Tensor, g: Tensor) -> Tensor:
        return self._backward(g, x, 1)

    def bias_gradient(self, g: Tensor) -> Tensor:
        return g.sum((0, 2, 3))

    def _backward(self, g: Tensor, x: Tensor, which: int) -> Tensor:
        mask = [which == 0, which == 1, False]
        options = self.stride, self.padding, (1, 1), False, (0, 0), 1, mask
        result: Tensor = torch.ops.aten.convolution_backward(g, x, self.weights[0], None, *options)[which]
        return result


@final
class _Activation(_Layer):
    def __init__(self, slope: float) -> None:
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, self.slope)

    def tangent(self, t: Tensor, y: Tensor) -> Tensor:
        result: Tensor = torch.ops.aten.leaky_relu_backward(t, y, self.slope, True)
        return result

    def transpose(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return self.tangent(g, y)


@final
class _Fold(_Layer):
    """From rows to images with the channels last."""

    def __init__(self, fold: Fold) -> None:
        self.fold = fold

    def forward(self, x: Tensor) -> Tensor:
        images: Tensor = self.fold(x)
        return images

    def tangent(self, t: Tensor, y: Tensor) -> Tensor:
        return self.forward(t)

    def transpose(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g.flatten(1)


@final
class _Flatten(_Layer):
    """From images to rows."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def tangent(self, t: Tensor, y: Tensor) -> Tensor:
        return t.flatten(1)

    def transpose(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return g.reshape(-1, *x.shape[1:]).contiguous(memory_format=torch.channels_last)


def _layer(module: nn.Module, weights: tuple[Tensor, ...]) -> _Layer | None:
    """Return the layer of `module`, or None if it is of another kind."""
    if type(module) is nn.Linear:
        return _Linear(weights)
    if type(module) is nn.Conv2d and _usual(module):
        return _Convolution(module, weights)
    if type(module) is nn.LeakyReLU or type(module) is nn.ReLU:
        return _Activation(getattr(module, "negative_slope", 0.0))
    if type(module) is Fold:
        return _Fold(module)
    return _Flatten() if type(module) is nn.Flatten and module.start_dim == 1 else None


def _usual(layer: nn.Conv2d) -> bool:
    plain = layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    return plain and layer.groups == 1 and layer.dilation == (1, 1)


class PiecewiseLinear:
    """A network to one number per row, made of layers that are linear, at least on either side of 0."""

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        self.modules = list(modules)
        self.parameters = [p for module in modules for p in module.parameters()]

    @classmethod
    def of(cls, *networks: object) -> PiecewiseLinear | None:
        """Return the networks one behind the other, or None if one has a layer of another kind.

        Taken are (nested) ``nn.Sequential`` of linear layers, plain convolutions, (leaky) ReLU, folding and
        flattening, without hooks, all of whose parameters move.
        """
        modules: list[nn.Module] = []
        for network in networks:
            leaves = leaves_of(network) if isinstance(network, nn.Module) else None
            if leaves is None:
                return None
            modules += leaves
        known = all(_layer(module, ()) is not None for module in modules)
        moved = all(p.requires_grad for module in modules for p in module.parameters())
        return cls(modules) if known and moved else None

    def values_and_gradients(
        self, rows: Tensor, points: Tensor, dtype: torch.dtype | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the network's numbers for `rows`, (rows,), and its gradients at `points`, (points, features).

        Both can be differentiated with respect to the network's parameters, once; rows and points are constants.
        Layers compute in `dtype`, or in that of their weights.

        >>> network = PiecewiseLinear.of(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
        >>> values, gradients = network.values_and_gradients(torch.zeros(5, 2), torch.zeros(4, 2))
        >>> values.shape, gradients.shape
        (torch.Size([5]), torch.Size([4, 2]))
        """
        result: tuple[Tensor, Tensor] = _ValuesAndGradients.apply(  # type: ignore[no-untyped-call]
            self._layers, dtype, rows.detach(), points.detach(), *self.parameters
        )
        return result

    def _layers(self, weights: Sequence[Tensor]) -> list[_Layer]:
        """Return the layers with `weights`, which are those of all modules in order."""
        given = iter(weights)
        layers = [_layer(module, tuple(next(given) for _ in module.parameters())) for module in self.modules]
        return [layer for layer in layers if layer is not None]


class _ValuesAndGradients(torch.autograd.Function):
    """The passes: forwards with rows and points, backwards with points; forwards with a direction at the points."""

    @staticmethod
    def forward(
        ctx: Any,
        layers_of: Callable[[Sequence[Tensor]], list[_Layer]],
        dtype: torch.dtype | None,
        rows: Tensor,
        points: Tensor,
        *parameters: Tensor,
    ) -> tuple[Tensor, Tensor]:
        layers = layers_of([p.detach() if dtype is None else p.to(dtype) for p in parameters])
        n, both = len(rows), torch.cat([rows, points])
        outputs = [both if dtype is None else both.to(dtype)]
        for layer in layers:
            outputs.append(layer.forward(outputs[-1]))
        # gradients of the value with respect to what the layers take and give, the last first
        at_points = [torch.ones_like(outputs[-1][n:])]
        for layer, x, y in zip(reversed(layers), outputs[-2::-1], outputs[:0:-1], strict=True):
            at_points.append(layer.transpose(at_points[-1], x[n:], y[n:]))
        ctx.n, ctx.layers, ctx.outputs, ctx.at_points = n, layers, outputs, at_points[::-1]
        return outputs[-1][:n, 0].to(rows.dtype), at_points[-1].to(rows.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_values: Tensor, direction: Tensor) -> tuple[Tensor | None, ...]:
        n, layers, outputs, at_points = ctx.n, ctx.layers, ctx.outputs, ctx.at_points
        kind = of_values.dtype
        tangents = [direction.to(outputs[-1].dtype)]
        for layer, y in zip(layers[:-1], outputs[1:-1], strict=True):
            tangents.append(layer.tangent(tangents[-1], y[n:]))
        g = of_values.to(outputs[-1].dtype).unsqueeze(1)
        gradients: list[Tensor] = []
        first = next(i for i, layer in enumerate(layers) if isinstance(layer, _Weighted))
        for i in range(len(layers) - 1, first - 1, -1):
            layer, x, y = layers[i], outputs[i][:n], outputs[i + 1][:n]
            if isinstance(layer, _Weighted):
                weight = layer.gradient(torch.cat([x, tangents[i]]), torch.cat([g, at_points[i + 1]]))
                bias = [layer.bias_gradient(g)] if len(layer.weights) > 1 else []
                gradients = [weight, *bias, *gradients]
            if i > first:
                g = layer.transpose(g, x, y)
        return (None, None, None, None, *(gradient.to(kind) for gradient in gradients))
