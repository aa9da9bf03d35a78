"""Losses of GANs on numbers by hand, and who gets a gradient."""

import math

import pytest
import torch

from askew.objectives import (
    dispersion,
    encirclement,
    fence_discriminator_loss,
    gan_discriminator_loss,
    gan_generator_loss,
    search_loss,
    wasserstein_critic_loss,
)


def sigmoid(value):
    return 1.0 / (1.0 + math.exp(-value))


def test_both_losses_by_hand():
    real, made = [2.0, -1.0], [0.5, 3.0, -2.0]
    wanted = -sum(math.log(sigmoid(v)) for v in real) / 2 - sum(math.log(1 - sigmoid(v)) for v in made) / 3
    found = gan_discriminator_loss(
        torch.tensor(real, dtype=torch.float64), torch.tensor(made, dtype=torch.float64)
    )
    assert found.item() == pytest.approx(wanted, rel=1e-12)
    wanted = -sum(math.log(sigmoid(v)) for v in made) / 3
    assert gan_generator_loss(torch.tensor(made, dtype=torch.float64)).item() == pytest.approx(
        wanted, rel=1e-12
    )


def test_a_generator_that_is_found_out_still_has_a_slope():
    made = torch.tensor([-200.0], requires_grad=True)
    gan_generator_loss(made).backward()
    assert made.grad.item() == pytest.approx(-1.0)


def test_members_in_front_are_left_alone():
    real, made = torch.randn(3, 5), torch.randn(3, 4)
    together = gan_discriminator_loss(real, made)
    torch.testing.assert_close(together[1], gan_discriminator_loss(real[1], made[1]))
    torch.testing.assert_close(gan_generator_loss(made)[2], gan_generator_loss(made[2]))


def test_critic_loss_by_hand_on_three_rows():
    x = torch.tensor([[1.0, 2.0], [0.0, 1.0], [-1.0, 0.5]], dtype=torch.float64)
    made = torch.tensor([[0.0, 1.0], [2.0, 2.0], [1.0, -1.0]], dtype=torch.float64)
    share = torch.tensor([[0.25], [0.5], [1.0]], dtype=torch.float64)
    found = wasserstein_critic_loss(lambda rows: rows.square().sum(-1), x, made, share, penalty=7.0)
    between = x + share * (made - x)
    slope = 2 * between.norm(dim=1)  # of the sum of squares
    wanted = made.square().sum(1).mean() - x.square().sum(1).mean() + 7.0 * (slope - 1).square().mean()
    assert found.item() == pytest.approx(wanted.item(), rel=1e-9)


def test_the_critics_loss_moves_the_critic_and_not_what_was_made():
    weight = torch.ones(2, requires_grad=True)
    made = torch.randn(4, 2, requires_grad=True)
    loss = wasserstein_critic_loss(
        lambda rows: (rows * weight).sum(-1), torch.randn(4, 2), made, torch.rand(4, 1)
    )
    loss.backward()
    assert weight.grad.abs().sum() > 0 and made.grad is None


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


def test_search_loss_by_hand():
    x, made = torch.tensor([[1.0, 2.0], [0.0, -1.0]]), torch.tensor([[0.5, 1.0], [2.0, 1.0]])
    features, of_made = torch.tensor([[5.0, 1.0], [0.0, 0.0]]), torch.tensor([[4.0, 3.0], [1.0, 1.0]])
    found = search_loss(x, made, features, of_made, weight=0.25)
    torch.testing.assert_close(found, torch.tensor([0.75 * 1.5 + 0.25 * 3.0, 0.75 * 4.0 + 0.25 * 2.0]))
