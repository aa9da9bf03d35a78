"""Losses of GANs on numbers by hand, and who gets a gradient."""

import math

import pytest
import torch

from askew.objectives import gan_discriminator_loss, gan_generator_loss, wasserstein_critic_loss


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
