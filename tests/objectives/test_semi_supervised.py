"""The M2 bound against values worked out by hand, and its laws."""

import math

import pytest
import torch

from askew import objectives

F64 = torch.float64


def f64(*values):
    return torch.tensor(values, dtype=F64)


def test_bound_by_hand_on_three_points():
    # q(anomaly) = ¼, p(anomaly) = 0.1
    logit = f64(*[-math.log(3)] * 3)
    bound = objectives.m2_bound(
        f64(1.0, 1.0, 1.0), f64(3.0, 3.0, 3.0), logit, torch.tensor([1, 0, -1]), anomaly_prior=0.1
    )
    normal, anomaly = 1 - math.log(0.9), 3 - math.log(0.1)
    unlabelled = 0.75 * (normal + math.log(0.75)) + 0.25 * (anomaly + math.log(0.25))
    assert bound.tolist() == pytest.approx([normal, unlabelled, anomaly], rel=1e-14)


def test_best_posterior_makes_the_bound_that_of_the_label_summed_out():
    # U(x) = -log Σ_y exp(-L(x, y)) where q(y|x) is the posterior, and is higher elsewhere
    normal, anomaly = f64(1.0), f64(2.5)
    exact = -math.log(0.5 * math.exp(-1.0) + 0.5 * math.exp(-2.5))
    best = normal - anomaly  # log-odds of the anomaly
    for shift in (-0.5, 0.0, 0.5):
        bound = objectives.m2_bound(normal, anomaly, best + shift, torch.tensor([0])).item()
        if shift == 0:
            assert bound == pytest.approx(exact, rel=1e-14)
        else:
            assert bound > exact + 1e-3


def test_large_logits_are_finite_with_finite_gradients():
    logit = f64(1e4, -1e4).requires_grad_()
    bound = objectives.m2_bound(f64(1.0, 1.0), f64(2.0, 2.0), logit, torch.tensor([0, 0]))
    bound.sum().backward()
    assert bound.tolist() == pytest.approx([2 + math.log(2), 1 + math.log(2)])
    assert logit.grad.isfinite().all()


@pytest.mark.parametrize("label", [1, -1])
def test_a_known_label_takes_the_other_ones_bound_and_the_classifier_out(label):
    normal, anomaly, logit = (f64(value).requires_grad_() for value in (1.0, 2.0, 0.3))
    objectives.m2_bound(normal, anomaly, logit, torch.tensor([label])).sum().backward()
    assert [normal.grad.item(), anomaly.grad.item()] == ([1, 0] if label > 0 else [0, 1])
    assert logit.grad.item() == 0


def test_shapes_that_would_broadcast_and_a_prior_out_of_range_are_refused():
    rows = torch.ones(3)
    for wrong in range(1, 4):
        parts = [rows, rows, rows, rows]
        parts[wrong] = torch.ones(3, 1)
        with pytest.raises(ValueError, match="anomaly, logit and labels of m2_bound must have the shape"):
            objectives.m2_bound(*parts)
    for prior in (0.0, 1.0):
        with pytest.raises(ValueError, match="anomaly_prior of m2_bound"):
            objectives.m2_bound(rows, rows, rows, rows, anomaly_prior=prior)


def test_gradcheck():
    generator = torch.Generator().manual_seed(0)
    parts = [torch.randn(5, dtype=F64, generator=generator).requires_grad_() for _ in range(3)]
    labels = torch.tensor([0, 0, 1, -1, 0])
    assert torch.autograd.gradcheck(lambda *parts: objectives.m2_bound(*parts, labels), parts)


def test_cross_entropy_by_hand_and_of_shapes_that_would_broadcast():
    logit, labels = torch.tensor([2.0, 2.0, 2.0]), torch.tensor([0, 1, -1])
    expected = torch.tensor([math.log1p(math.e**2), math.log1p(math.e**2), math.log1p(math.e**-2)])
    torch.testing.assert_close(objectives.cross_entropy(logit, labels), expected)
    with pytest.raises(ValueError, match="labels of cross_entropy must have the shape of logit"):
        objectives.cross_entropy(logit, labels[:, None])
