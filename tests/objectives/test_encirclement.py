"""Fence-GAN's losses: by hand, and where they are smallest."""

import math

import pytest
import torch

from askew.objectives import dispersion, encirclement, fence_discriminator_loss

F64 = torch.float64


def logit(p):
    return math.log(p / (1 - p))


def test_encirclement_is_the_cross_entropy_to_alpha():
    beliefs = (0.2, 0.5, 0.9)
    found = encirclement(torch.tensor([logit(d) for d in beliefs], dtype=F64), alpha=0.3)
    expected = [-0.3 * math.log(d) - 0.7 * math.log(1 - d) for d in beliefs]
    torch.testing.assert_close(found, torch.tensor(expected, dtype=F64))


@pytest.mark.parametrize("alpha", [0.1, 0.5, 0.8])
def test_samples_are_drawn_to_the_level_alpha_of_the_discriminator(alpha):
    at = torch.tensor([logit(alpha)] * 3, dtype=F64) + torch.tensor([-0.1, 0.0, 0.1])
    at.requires_grad_(True)
    encirclement(at, alpha).sum().backward()
    assert at.grad[0] < 0 and at.grad[1].abs() < 1e-9 and at.grad[2] > 0


def test_dispersion_is_the_inverse_of_the_mean_distance_to_the_centre():
    samples = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 6.0]], dtype=F64)  # their centre is (1, 2)
    distance = (math.sqrt(5) + math.sqrt(8) + math.sqrt(17)) / 3
    assert dispersion(samples).item() == pytest.approx(1 / distance)
    assert dispersion(samples + 100.0).item() == pytest.approx(1 / distance)
    torch.testing.assert_close(
        dispersion(torch.stack([samples, 2 * samples])), torch.tensor([1.0, 0.5], dtype=F64) / distance
    )


def test_samples_that_are_all_alike_have_a_finite_slope():
    samples = torch.ones(4, 2, dtype=F64, requires_grad=True)
    dispersion(samples).backward()
    assert samples.grad.isfinite().all()


def test_loss_of_the_discriminator_by_hand():
    real, made = (torch.tensor([logit(d) for d in ds], dtype=F64) for ds in ((0.8, 0.4), (0.3, 0.6, 0.1)))
    expected = -(math.log(0.8) + math.log(0.4)) / 2
    expected -= 0.25 * (math.log(0.7) + math.log(0.4) + math.log(0.9)) / 3
    assert fence_discriminator_loss(real, made, gamma=0.25).item() == pytest.approx(expected)
