"""Every operation with a rule of its own computes what torch computes."""

import numpy as np
import pytest
import torch

from askew.training import replay

aten = torch.ops.aten
X, Y = torch.randn(3, 6, 5), torch.randn(3, 6, 5)
POSITIVE = X.abs() + 0.1
SQUARE = torch.randn(1, 70, 70)
W, BIAS = torch.randn(3, 5, 4), torch.randn(3, 1, 4)

CASES = {
    aten.add.Tensor: [(X, Y), (X, 2.0), (X, Y[:, :1])],
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
    aten.clone.default: [(X,), (X.mT,)],
    aten.copy_.default: [(torch.zeros(3, 6, 5), X), (torch.zeros(3, 6, 5), X > 0)],
    aten.clamp.default: [(X, -0.5, 0.5), (X, None, 0.1), (X, 0)],
    aten.where.self: [(X > 0, X, Y), (X > 0, X, torch.tensor(0.0))],
    aten.cat.default: [([X, Y], 1), ([X, Y[..., :2]], -1)],
    aten.leaky_relu.default: [(X, 0.1)],
    aten.leaky_relu_.default: [(X, 0.1)],
    aten.leaky_relu_backward.default: [(X, Y, 0.1, True)],
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
        (X, [-1, -2]),
        (X, None),
        (X.mT, [-1]),
        (X[0, 0], [0]),
    ],
    aten.mean.dim: [(X, [-1]), (X, [1], True), (X, [-1, -2]), (X.expand(2, 3, 6, 5), [0])],
}


def test_every_rule_has_a_case():
    assert CASES.keys() == replay._RULES.keys()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("operation", CASES, ids=str)
def test_rules_compute_what_torch_computes(operation, dtype):
    for given in CASES[operation]:
        args = torch.utils._pytree.tree_map_only(
            torch.Tensor, lambda t: (t.to(dtype) if t.is_floating_point() else t).clone(), given
        )
        copies = torch.utils._pytree.tree_map_only(torch.Tensor, torch.clone, args)
        right = operation(*copies)
        mutable = operation._schema.is_mutable
        out = args[0] if mutable else torch.full_like(right, 7.0 if right.is_floating_point() else 1)
        with np.errstate(all="ignore"):  # products of small matrices set flags for what they do not use
            for action in replay.actions_of(operation, out, args, {}):
                action()
        torch.testing.assert_close(out, right)


def test_operations_without_a_rule_are_done_by_torch():
    variance, mean = torch.empty(3, 1, 5), torch.empty(3, 1, 5)
    options = {"correction": 0, "keepdim": True}
    for action in replay.actions_of(aten.var_mean.correction, (variance, mean), (X, [1]), options):
        action()
    torch.testing.assert_close([variance, mean], list(torch.var_mean(X, 1, correction=0, keepdim=True)))
