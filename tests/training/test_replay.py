"""Every operation with a rule of its own computes what torch computes."""

import numpy as np
import pytest
import torch

from askew.training import replay

aten = torch.ops.aten
X, Y = torch.randn(3, 6, 5), torch.randn(3, 6, 5)
POSITIVE = X.abs() + 0.1
LONG = torch.randn(3, 200, 9)
WIDE = torch.randn(150, 120)
SQUARE = torch.randn(1, 70, 70)
W, BIAS = torch.randn(3, 5, 4), torch.randn(3, 1, 4)

CASES = {
    aten.add.Tensor: [(X, Y), (X, 2.0), (X, Y[:, :1]), (LONG[..., 3:], LONG[:1, :1, 3:])],
    aten.sub.Tensor: [(X, Y)],
    aten.mul.Tensor: [(X, Y), (X, torch.tensor(3.0)), (X, X > 0)],
    aten.mul.Scalar: [(X, 0.5)],
    aten.div.Tensor: [(X, Y)],
    aten.div.Scalar: [(X, 3)],
    aten.neg.default: [(X,)],
    aten.exp.default: [(X,), (X[..., 2:],)],
    aten.log.default: [(POSITIVE,)],
    aten.sqrt.default: [(POSITIVE,)],
    aten.reciprocal.default: [(X,)],
    aten.rsqrt.default: [(POSITIVE,)],
    aten.pow.Tensor_Scalar: [(X, 2), (X, 1.0), (X, 3)],
    aten.ge.Scalar: [(X, 0.1), (torch.arange(4), 2)],
    aten.gt.Scalar: [(X, 0.1)],
    aten.le.Scalar: [(X, 0.1)],
    aten.lt.Scalar: [(X, 0.1)],
    aten.copy_.default: [(torch.zeros(3, 6, 5), X), (torch.zeros(3, 6, 5), X > 0)],
    aten.clamp.default: [(X, -0.5, 0.5), (X, None, 0.1), (X, 0)],
    aten.where.self: [(X > 0, X, Y), (X > 0, X, torch.tensor(0.0))],
    aten.cat.default: [([X, Y], 1), ([X, Y[..., :2]], -1)],
    aten.leaky_relu.default: [(X, 0.1)],
    aten.leaky_relu_.default: [(X, 0.1)],
    aten.bmm.default: [
        (X, W),
        (X.mT, Y),
        (Y, torch.randn(3, 7, 5).mT),
        (SQUARE, SQUARE),
    ],
    aten.baddbmm.default: [(BIAS, X, W)],
    aten.sum.dim_IntList: [
        (X, [-1]),
        (X, [1], True),
        (X, [0]),
        (X.mT, [0]),
        (X, [-1, -2]),
        (X, None),
        (X.mT, [-1]),
        (X[0, 0], [0]),
    ],
    aten.mean.dim: [(X, [-1]), (X, [1], True), (X, [-1, -2]), (X.expand(2, 3, 6, 5), [0])],
    aten.var_mean.correction: [(X, [1]), (X, [-2]), (X, [-1])],
}
OPTIONS = {aten.var_mean.correction: {"correction": 0, "keepdim": True}}


def test_every_rule_has_a_case():
    assert CASES.keys() == replay._RULES.keys()


def blank(result):
    """Return memory for a result, one or several, with other numbers in it."""
    if isinstance(result, tuple):
        return tuple(map(blank, result))
    return torch.full_like(result, 7.0 if result.is_floating_point() else 1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("operation", CASES, ids=str)
def test_rules_compute_what_torch_computes(operation, dtype):
    for given in CASES[operation]:
        args = torch.utils._pytree.tree_map_only(
            torch.Tensor, lambda t: (t.to(dtype) if t.is_floating_point() else t).clone(), given
        )
        copies = torch.utils._pytree.tree_map_only(torch.Tensor, torch.clone, args)
        options = OPTIONS.get(operation, {})
        right = operation(*copies, **options)
        out = args[0] if operation._schema.is_mutable else blank(right)
        with np.errstate(all="ignore"):  # products of small matrices set flags for what they do not use
            for action in replay.actions_of(operation, out, args, options):
                action()
        torch.testing.assert_close(out, right)


def test_operations_without_a_rule_are_done_by_torch():
    spread, out, copies = torch.empty(3, 1, 5), torch.zeros(3), [torch.empty(3, 6, 5) for _ in range(3)]
    largest, places = torch.empty(3, 6), torch.empty(3, 6, dtype=torch.int64)
    for operation, place, args, options in (
        (aten.std.correction, spread, (X, [1]), {"correction": 0, "keepdim": True}),
        (aten.add_.Tensor, out, (out, torch.ones(3)), {"alpha": 2}),
        (aten.clone.default, copies[0], (X,), {"memory_format": torch.contiguous_format}),
        (aten._to_copy.default, copies[1], (X > 0,), {"dtype": torch.float32}),
        (aten.leaky_relu_backward.default, copies[2], (X, Y, 0.1, True), {}),
        (aten.max.dim, (largest, places), (X, -1), {}),
    ):
        for action in replay.actions_of(operation, place, args, options):
            action()
    torch.testing.assert_close(spread, X.std(1, correction=0, keepdim=True))
    assert out.tolist() == [2.0, 2.0, 2.0]
    for found, right in zip(copies, (X, (X > 0).float(), torch.where(Y > 0, X, 0.1 * X)), strict=True):
        torch.testing.assert_close(found, right)
    assert torch.equal(largest, X.amax(-1)) and torch.equal(places, X.argmax(-1))
