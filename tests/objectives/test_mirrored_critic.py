"""AMA's critic of pairs: Lemma 1 on a toy problem, its losses, penalties and scores by hand."""

import math

import pytest
import torch
from scipy.stats import norm
from torch import nn

from askew import objectives

F64 = torch.float64


def f64(*values):
    return torch.tensor(values, dtype=F64)


def best_gap(real, made, steps=150):
    """Return E[D(real)] - E[D(made)] of a critic trained to make it large, with the penalty on its slope."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        critic = nn.Sequential(nn.Linear(real.shape[-1], 16), nn.LeakyReLU(0.2), nn.Linear(16, 1)).double()
    optimiser = torch.optim.Adam(critic.parameters(), lr=0.02)

    def value(rows):
        return critic(rows).squeeze(-1)

    for _ in range(steps):
        optimiser.zero_grad()
        middle = torch.lerp(real, made, 0.5)
        loss = objectives.critic_loss(value(real), value(made))
        (loss + 10.0 * objectives.gradient_penalty(value, middle).mean()).backward()
        optimiser.step()
    return (value(real).mean() - value(made).mean()).item()


def test_lemma_1_pairs_tell_apart_what_marginals_cannot():
    x = f64([-1.0], [1.0], [-0.5], [0.5])
    swapped = -x  # as a set the same rows: a cat reconstructed as an aeroplane
    assert best_gap(x, swapped) == pytest.approx(0.0, abs=1e-9)
    same = objectives.pairs(x, x)
    # Wasserstein-1 between the pairs: the cheapest plan moves x̂ alone, by 2 |x|, or along the diagonal
    assert best_gap(same, objectives.pairs(x, swapped)) > 0.5
    # and only x̂ = x leaves a critic of pairs nothing
    assert best_gap(same, objectives.pairs(x, x.clone())) == 0.0


def test_critic_loss_by_hand():
    same, mirrored = f64(3.0, 1.0), f64(1.0, 2.0)
    # normal: mean(2, -1) = ½; interpolated: 2 - mean(0, 4) = 0 (weight ½); negatives: mean(-1) (weight 5)
    assert objectives.critic_loss(same, mirrored).item() == -0.5
    found = objectives.critic_loss(
        same,
        mirrored,
        interpolated=f64(0.0, 3.0),
        negative_same=f64(1.0, 1.0),
        negative_mirrored=f64(2.0, 2.0),
        lambda_inter=0.5,
        lambda_neg=5.0,
    )
    assert found.item() == -(0.5 + 0.5 * (2.0 - 1.5) - 5.0 * (-1.0))


def test_several_ends_of_an_interpolation_count_as_their_mean():
    same, mirrored = f64(3.0, 1.0), f64(1.0, 2.0)
    ends = f64([0.0, 3.0], [1.0, 2.0], [5.0, 1.0])
    found = objectives.critic_loss(same, mirrored, interpolated=ends, lambda_inter=1.0)
    assert found.item() == pytest.approx(-(0.5 + 2.0 - 2.0))
    made = objectives.generator_loss(mirrored, interpolated=ends, lambda_inter=1.0)
    assert made.item() == pytest.approx(-1.5 - 2.0)


def test_mixtures_of_rows_have_a_value_of_their_own():
    found = objectives.critic_loss(
        f64(3.0), f64(1.0), interpolated=f64(2.0), interpolated_same=f64(7.0), lambda_inter=1.0
    )
    assert found.item() == -(2.0 + 5.0)


def test_generator_loss_by_hand_and_against_the_critics():
    mirrored, inter, negative = (f64(*v).requires_grad_() for v in ((1.0, 2.0), (0.0, 3.0), (2.0,)))
    made = objectives.generator_loss(
        mirrored, interpolated=inter, negative_mirrored=negative, lambda_inter=0.5, lambda_neg=5.0
    )
    assert made.item() == -1.5 - 0.5 * 1.5 + 5.0 * 2.0
    judged = objectives.critic_loss(
        f64(3.0, 1.0),
        mirrored,
        interpolated=inter,
        negative_same=f64(1.0),
        negative_mirrored=negative,
    )
    ours, theirs = (torch.autograd.grad(loss, (mirrored, inter, negative)) for loss in (made, judged))
    for one, other in zip(ours, theirs, strict=True):  # min-max: one's gain is the other's loss
        torch.testing.assert_close(one, -other)


def test_pairs_refuse_what_would_broadcast():
    with pytest.raises(ValueError, match=r"y of pairs must have the shape of x, \(3, 2\); got \(1, 2\)"):
        objectives.pairs(torch.ones(3, 2), torch.ones(1, 2))


W = f64(3.0, 0.0, 4.0, 0.0)


def test_penalty_of_a_linear_critic_is_that_of_its_weights():
    found = objectives.gradient_penalty(lambda rows: rows @ W, f64([0.0] * 4, [7.0] * 4))
    assert found.tolist() == pytest.approx([16.0, 16.0])


def test_penalty_over_channels_is_every_pixels_own():
    # one channel, two pixels: (3, 4) and (0, 0); two channels, one pixel: all four
    one, two = (
        objectives.gradient_penalty(lambda rows: rows @ W, torch.zeros(1, 4, dtype=F64), channels=c).item()
        for c in (1, 2)
    )
    assert one == pytest.approx((16.0 + 1.0) / 2, rel=1e-5)
    assert two == pytest.approx(16.0)


def test_penalty_of_a_bowl_depends_on_where_it_is():
    points = f64([3.0, 4.0], [0.0, 1.0], [0.0, 0.0])
    found = objectives.gradient_penalty(lambda rows: 0.5 * rows.square().sum(-1), points)
    assert found.tolist() == pytest.approx([16.0, 0.0, 1.0], abs=1e-5)


def test_penalty_moves_the_critics_weights_towards_slope_1():
    w = W.clone().requires_grad_()
    objectives.gradient_penalty(lambda rows: rows @ w, torch.zeros(1, 4, dtype=F64)).sum().backward()
    torch.testing.assert_close(w.grad, 2 * (5.0 - 1.0) * W / 5.0)  # d(‖w‖ - 1)²


def test_a_flat_critic_has_a_finite_penalty_with_a_finite_slope():
    w = torch.zeros(4, dtype=F64, requires_grad=True)
    penalty = objectives.gradient_penalty(lambda rows: rows @ w, torch.zeros(1, 4, dtype=F64)).sum()
    penalty.backward()
    assert penalty.item() == pytest.approx(1.0, abs=1e-5) and w.grad.isfinite().all()


def test_members_in_front_are_penalised_each_for_itself():
    weights = torch.stack([W, 2 * W])
    found = objectives.gradient_penalty(
        lambda rows: (rows * weights[:, None]).sum(-1), torch.zeros(2, 3, 4, dtype=F64)
    )
    assert found.tolist() == [pytest.approx([16.0] * 3), pytest.approx([81.0] * 3)]


def test_slopes_are_found_where_nothing_else_is_differentiated():
    with torch.no_grad():
        found = objectives.slopes(lambda rows: rows @ W, torch.zeros(2, 4, dtype=F64))
    assert found.tolist() == pytest.approx([5.0, 5.0]) and not found.requires_grad


def test_log_density_is_that_of_a_gaussian_and_two_sided():
    r = f64(0.5, 2.0, 3.5, 90.0)
    found = objectives.log_density(r, f64(2.0), f64(0.7))
    assert found.tolist() == pytest.approx(norm(2.0, 0.7).logpdf(r.numpy()).tolist())
    assert found[0] == found[2] and found[1] == found.max()
    assert math.isfinite(found[3])  # where the density itself is 0 in floating point


def test_mirror_distance_by_hand():
    assert objectives.mirror_distance(f64([1.0, -2.0], [0.0, 0.0]), f64([0.0, 2.0], [0.0, 0.0])).tolist() == [
        5,
        0,
    ]


def test_code_norm_is_plain_or_about_a_radius_and_differentiable_at_0():
    codes = f64([3.0, 4.0], [0.0, 0.0]).requires_grad_()
    assert objectives.code_norm(codes).tolist() == pytest.approx([5.0, 0.0], abs=1e-5)
    about = objectives.code_norm(codes, radius=7.0)
    assert about.tolist() == pytest.approx([2.0, 7.0], abs=1e-5)
    about.sum().backward()
    assert codes.grad.isfinite().all()
    torch.testing.assert_close(codes.grad[0], f64(-0.6, -0.8))  # a code inside is drawn outward
