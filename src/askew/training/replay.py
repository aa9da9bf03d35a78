"""ATen operations on fixed memory: each as calls of numpy or torch that write where the operation wrote.

A small array costs numpy a third of what it costs torch, most of it in finding out what is asked for, and its product
with ones is the fastest sum. So the operations of perceptrons and of their losses have rules here; every other one is
done by torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Action = Callable[[], object]
"""Computes something from memory into memory; both are its own."""

_ONE_THREAD = 1 << 18
"""Numbers multiplied up to which numpy's OpenBLAS takes one thread whatever it may take; torch's own is told."""

_ONE_THREAD_SUM = 8192
"""The same of the product with ones that a sum is."""

_SMALL = 2048
"""Numbers up to which numpy is quicker than torch wherever they lie."""

_SUMMED = 4096
"""Longest axis that is summed as a product with ones, which adds up in single precision."""

_KNOWN = {"correction", "keepdim"}
"""Options that a rule takes; an operation with others is torch's."""

_VECTOR = 16
"""Sums that are taken at once are a multiple of these, so that each is added up in one order wherever it stands."""

aten = torch.ops.aten

_COPIES = (aten.clone.default, aten._to_copy.default)
"""Operations of which it is all the same what their options are: the output says it."""

Rule = Callable[..., list[Action] | None]
"""Called with the output and then the operation's arguments; None where it does not know how."""


def actions_of(operation: Any, out: Any, args: Sequence[Any], options: dict[str, Any]) -> list[Action]:
    """Return what computes ``operation(*args, **options)`` into `out`, a tensor or several, again and again."""
    if operation in _COPIES:
        return _copy(out, args[0])
    rule = _RULES.get(operation)
    found = None if rule is None or options.keys() - _KNOWN else rule(out, *args, **options)
    if found is not None:
        return found
    if operation._schema.is_mutable:
        return [partial(operation, *args, **options)]
    outputs = list(out) if isinstance(out, tuple | list) else [out]
    writing, names = _writing(operation)
    if len(names) == len(outputs):
        return [partial(writing, *args, **options, **dict(zip(names, outputs, strict=True)))]
    return [partial(_compute, operation, outputs, args, options)]


@cache
def _writing(operation: Any) -> tuple[Any, list[str]]:
    """Return the variant of an operation that writes where it is told, and its names of the places: none, if none."""
    wanted = [(each.name, str(each.type)) for each in operation._schema.arguments]
    for overload in operation.overloadpacket.overloads():
        variant = getattr(operation.overloadpacket, overload)
        places = [each.name for each in variant._schema.arguments if each.is_out]
        others = [(each.name, str(each.type)) for each in variant._schema.arguments if not each.is_out]
        if places and others == wanted:
            return variant, places
    return operation, []


def _compute(operation: Any, out: Sequence[Tensor], args: Sequence[Any], options: dict[str, Any]) -> None:
    results = operation(*args, **options)
    for place, result in zip(out, results if len(out) > 1 else [results], strict=True):
        place.copy_(result)


def _array(value: Any) -> Any:
    return value.numpy() if isinstance(value, Tensor) else value


def _operand(value: Any, out: Tensor) -> Any:
    """Return what numpy takes for a tensor or for a number, which it would make an array of every time."""
    return _array(value if isinstance(value, Tensor) else torch.tensor(value, dtype=out.dtype))


def _alike(out: Tensor, *values: Any) -> bool:
    """Whether all tensors are of one floating type, so that numpy computes in it as torch does."""
    tensors = [value for value in (out, *values) if isinstance(value, Tensor)]
    return out.is_floating_point() and all(tensor.dtype == out.dtype for tensor in tensors)


def _in_step(out: Tensor, *values: Any) -> bool:
    """Whether tensors lie in memory alike, or are so small that it does not matter: numpy is at its best then."""
    tensors = [value for value in (out, *values) if isinstance(value, Tensor) and value.dim()]
    alike = all(tensor.is_contiguous() and tensor.shape == out.shape for tensor in tensors)
    return alike or out.numel() < _SMALL or any(tensor.stride(-1) != 1 for tensor in tensors)


def _elementwise(function: Any, of_torch: Any = None) -> Rule:
    """Return the rule of a function of single numbers by numpy's, or by torch's where that is quicker."""

    def rule(out: Tensor, *values: Any) -> list[Action] | None:
        if not _alike(out, *values):
            return None
        if of_torch is not None and not _in_step(out, *values):
            return [partial(of_torch, *values, out=out)]
        return [partial(function, *(_operand(value, out) for value in values), _array(out))]

    return rule


def _comparison(function: Any) -> Rule:
    def rule(out: Tensor, x: Tensor, than: float) -> list[Action] | None:
        return (
            [partial(function, _array(x), _operand(than, x), _array(out))] if x.is_floating_point() else None
        )

    return rule


def _power(out: Tensor, x: Tensor, exponent: float) -> list[Action] | None:
    if exponent == 2:
        return _elementwise(np.square)(out, x)
    return _copy(out, x) if exponent == 1 else None


def _negative(out: Tensor, x: Tensor) -> list[Action] | None:
    return _elementwise(np.multiply)(out, x, -1.0)  # three times as quick as numpy's negative


def _rsqrt(out: Tensor, x: Tensor) -> list[Action] | None:
    if not _alike(out, x):
        return None
    return [partial(np.sqrt, _array(x), _array(out)), partial(np.reciprocal, _array(out), _array(out))]


def _copy(out: Tensor, x: Tensor) -> list[Action]:
    if out.dtype != x.dtype or not _in_step(out, x):
        return [partial(out.copy_, x)]
    return [partial(np.copyto, _array(out), _array(x))]


def _copy_into(out: Tensor, here: Tensor, x: Tensor) -> list[Action]:
    return _copy(here, x)


def _clamp(out: Tensor, x: Tensor, least: Any = None, most: Any = None) -> list[Action] | None:
    if not _alike(out, x) or isinstance(least, Tensor) or isinstance(most, Tensor):
        return None
    return [partial(torch.clamp, x, least, most, out=out)]


def _where(out: Tensor, chosen: Tensor, x: Tensor, other: Tensor) -> list[Action] | None:
    return [partial(torch.where, chosen, x, other, out=out)] if _alike(out, x, other) else None


def _cat(out: Tensor, parts: Sequence[Tensor], axis: int = 0) -> list[Action]:
    sizes = [part.shape[axis] for part in parts]
    return [
        action
        for place, part in zip(torch.split(out, sizes, axis), parts, strict=True)
        for action in _copy(place, part)
    ]


def _leaky_relu(out: Tensor, x: Tensor, slope: float = 0.01) -> list[Action]:
    return [partial(torch._C._nn.leaky_relu, x, slope, out=out)]


def _leaky_relu_here(out: Tensor, x: Tensor, slope: float = 0.01) -> list[Action]:
    return [partial(functional.leaky_relu_, x, slope)]


def _product(out: Tensor, x: Tensor, y: Tensor) -> list[Action]:
    """Matrix products, (members, rows, middle) with (members, middle, columns)."""
    if x.shape[-2] * x.shape[-1] * y.shape[-1] > _ONE_THREAD:
        return [partial(torch.bmm, x, y, out=out)]
    a, b, c = _array(x), _array(y), _array(out)
    if y.stride(-1) == 1 or y.stride(-2) != 1:
        return [partial(np.matmul, a, b, c)]
    turned = np.empty(b.shape, b.dtype)  # OpenBLAS takes nearly twice as long for a second matrix on its side
    return [partial(np.copyto, turned, b), partial(np.matmul, a, turned, c)]


def _affine(out: Tensor, bias: Tensor, x: Tensor, weight: Tensor) -> list[Action]:
    return [*_product(out, x, weight), partial(out.add_, bias)]


def _weighted_sum(out: Tensor, x: Tensor, axis: int, weight: float) -> list[Action] | None:
    """Return what sums `x` over one axis times `weight`, in pieces that take one thread, or None."""
    length, place = x.shape[axis], axis % x.dim() - x.dim()
    if place < -2 and x.is_contiguous():
        x, place = x.flatten(place + 1), -2
    if length > _SUMMED or x.dim() < 2 or place < -2 or 0 in x.stride() or not _alike(out, x):
        return None
    values, sums = _array(x), _array(out).reshape(*x.shape[:place], 1, *x.shape[place:][1:])
    ones = np.full((length, 1) if place == -1 else (1, length), weight, values.dtype)
    at_once = _ONE_THREAD_SUM // length // _VECTOR * _VECTOR
    if not at_once:
        return None
    pieces = [slice(start, start + at_once) for start in range(0, x.shape[-3 - place], at_once)]
    if place == -1:
        return [partial(np.matmul, values[..., own, :], ones, sums[..., own, :]) for own in pieces]
    return [partial(np.matmul, ones, values[..., own], sums[..., own]) for own in pieces]


def _sum(out: Tensor, x: Tensor, axes: Sequence[int] | None, keep: bool = False) -> list[Action] | None:
    return _weighted_sum(out, x, axes[0], 1.0) if axes is not None and len(axes) == 1 else None


def _mean(out: Tensor, x: Tensor, axes: Sequence[int] | None, keep: bool = False) -> list[Action] | None:
    if axes is None or len(axes) != 1:
        return None
    return _weighted_sum(out, x, axes[0], 1.0 / x.shape[axes[0]])


def _variance_and_mean(
    out: tuple[Tensor, Tensor], x: Tensor, axes: Sequence[int], *, correction: float, keepdim: bool
) -> list[Action] | None:
    """Of BatchNorm: over the rows, which torch reads once per column."""
    if len(axes) != 1 or axes[0] % x.dim() != x.dim() - 2 or correction or not keepdim:
        return None
    (variance, mean), square = out, torch.empty_like(x)
    share = 1.0 / x.shape[-2]
    first, last = _weighted_sum(mean, x, -2, share), _weighted_sum(variance, square, -2, share)
    if first is None or last is None:
        return None
    centre = _elementwise(np.subtract, torch.sub)(square, x, mean) or []
    return [*first, *centre, partial(np.square, _array(square), _array(square)), *last]


_RULES: dict[Any, Rule] = {
    aten.add.Tensor: _elementwise(np.add, torch.add),
    aten.sub.Tensor: _elementwise(np.subtract, torch.sub),
    aten.mul.Tensor: _elementwise(np.multiply, torch.mul),
    aten.mul.Scalar: _elementwise(np.multiply, torch.mul),
    aten.div.Tensor: _elementwise(np.divide, torch.div),
    aten.div.Scalar: _elementwise(np.divide, torch.div),
    aten.neg.default: _negative,
    aten.exp.default: _elementwise(np.exp),
    aten.log.default: _elementwise(np.log),
    aten.sqrt.default: _elementwise(np.sqrt),
    aten.reciprocal.default: _elementwise(np.reciprocal),
    aten.rsqrt.default: _rsqrt,
    aten.pow.Tensor_Scalar: _power,
    aten.ge.Scalar: _comparison(np.greater_equal),
    aten.gt.Scalar: _comparison(np.greater),
    aten.le.Scalar: _comparison(np.less_equal),
    aten.lt.Scalar: _comparison(np.less),
    aten.copy_.default: _copy_into,
    aten.clamp.default: _clamp,
    aten.where.self: _where,
    aten.cat.default: _cat,
    aten.leaky_relu.default: _leaky_relu,
    aten.leaky_relu_.default: _leaky_relu_here,
    aten.bmm.default: _product,
    aten.baddbmm.default: _affine,
    aten.sum.dim_IntList: _sum,
    aten.mean.dim: _mean,
    aten.var_mean.correction: _variance_and_mean,
}
