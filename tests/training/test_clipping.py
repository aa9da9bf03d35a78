"""Gradients are clipped per member, over everything that the step moves."""

import pytest
import torch
from torch import nn
from training_cases import F64, Wrapped, assert_same, autoencoder, data, run, stage, weights

from askew.networks import mlp
from askew.training import Data
from askew.training.executors import Plain, Stacked, Vmapped, together

KINDS = {"stack": mlp, "vmap": Wrapped}


def slopes(parameters):
    return [p.grad for p in parameters]


def executor_with_gradients(kind, scales):
    """Return an executor whose members' gradients are random numbers times `scales`."""
    torch.manual_seed(0)
    members = [autoencoder(KINDS[kind])() for _ in scales]
    executor = together(members, lambda executor: None)
    assert type(executor) is {"stack": Stacked, "vmap": Vmapped}[kind]
    parameters = executor.parameters("encoder") + executor.parameters("decoder")
    for p in parameters:
        p.grad = torch.randn_like(p) * torch.tensor(scales, dtype=F64).reshape(-1, *[1] * (p.dim() - 1))
    return executor, parameters


@pytest.mark.parametrize("kind", KINDS)
def test_one_members_huge_gradient_does_not_scale_anothers(kind):
    executor, parameters = executor_with_gradients(kind, [1e-6, 1e9, 0.5])
    before = [p.grad.clone() for p in parameters]
    norms = executor.gradient_norms(slopes(parameters))
    executor.clip(slopes(parameters), 1.0)
    after = executor.gradient_norms(slopes(parameters))
    assert norms[1] > 1e8 and after[1] == pytest.approx(1.0, rel=1e-6)
    for old, p in zip(before, parameters, strict=True):
        assert torch.equal(old[0], p.grad[0])  # below the limit: every bit as it was
        factor = 1.0 / norms[2]
        torch.testing.assert_close(p.grad[2], old[2] * factor, rtol=1e-5, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_norms_are_the_members_own(kind):
    executor, parameters = executor_with_gradients(kind, [1.0, 10.0])
    norms = executor.gradient_norms(slopes(parameters))
    for m in range(2):
        by_hand = sum(p.grad[m].square().sum() for p in parameters).sqrt()
        assert norms[m].item() == pytest.approx(by_hand.item(), rel=1e-12)


def test_a_plain_member_is_clipped_as_torch_does():
    torch.manual_seed(0)
    networks = autoencoder()()
    parameters = Plain(networks).parameters("encoder")
    for p in parameters:
        p.grad = torch.randn_like(p)
    ours = [p.grad.clone() for p in parameters]
    nn.utils.clip_grad_norm_(parameters, 0.3)
    theirs = [p.grad.clone() for p in parameters]
    for p, gradient in zip(parameters, ours, strict=True):
        p.grad = gradient
    Plain(networks).clip(slopes(parameters), 0.3)
    for p, gradient in zip(parameters, theirs, strict=True):
        torch.testing.assert_close(p.grad, gradient, rtol=1e-5, atol=0)


class Transposed(nn.Module):
    """Its weight lies transposed in memory, so that a flat view of the gradient is a copy."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 4, dtype=F64).t())
        self.scale = nn.Parameter(torch.tensor(1.0, dtype=F64))

    def forward(self, x):
        return self.scale * (x @ self.weight)


@pytest.mark.parametrize("seeds", [[1], [1, 2]], ids=["one", "two"])
def test_gradients_of_any_memory_layout_and_of_numbers_are_clipped(seeds):
    networks = [{"encoder": Transposed()} for _ in seeds]
    executor = together(networks, lambda executor: None)
    parameters = executor.parameters("encoder")
    x = 100.0 * torch.ones(len(seeds), 3, 4, dtype=F64)
    if len(seeds) == 1:
        networks[0]["encoder"](x[0]).square().sum().backward()
    else:
        for p in parameters:
            p.grad = torch.full_like(p, 100.0)
    executor.clip(slopes(parameters), 1.0)
    assert executor.gradient_norms(slopes(parameters)).tolist() == pytest.approx([1.0] * len(seeds), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_with_wild_data_leaves_the_others_training_as_it_was(kind):
    calm = data(sets=2)
    wild = Data(calm.x.clone(), calm.y)
    wild.x[1] *= 1e6
    build, stages = autoencoder(KINDS[kind]), [stage(clip=0.1)]
    beside_calm = run(build, stages, calm, [(0, 1), (1, 2)])
    beside_wild = run(build, stages, wild, [(0, 1), (1, 2)])
    assert_same(weights(beside_calm[0]), weights(beside_wild[0]), tolerance=1e-12)
