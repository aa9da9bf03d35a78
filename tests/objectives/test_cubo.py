"""The CUBO's exponent and its two forms."""

import math

import pytest
import torch

from askew import objectives

F64 = torch.float64


def sample(samples=3, rows=4, code=5, seed=0, dtype=F64, scale=1.0):
    """Return L_R, μ, log σ², ε and z of some rows."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(shape, dtype=dtype, generator=generator)

    mu, log_var, noise = draw(rows, code) * scale, draw(rows, code), draw(samples, rows, code)
    z = objectives.reparameterise(mu, log_var, noise)
    return draw(samples, rows).square(), mu, log_var, noise, z


def printed_expansion(reconstruction, mu, log_var, z, beta):
    """Eq. 4 as the paper prints it, for μ_o = 0."""
    precision = (-log_var).exp()
    terms = log_var + mu.square() * precision - z.square() + z.square() * precision - 2 * z * precision * mu
    return -2 * reconstruction + beta * terms.sum(-1)


def test_exponent_by_hand():
    reconstruction = torch.tensor([[1.0]], dtype=F64)
    log_var = torch.tensor([[0.5, 0.25]], dtype=F64)
    noise = torch.tensor([[[1.0, 2.0]]], dtype=F64)
    z = torch.tensor([[[3.0, 0.0]]], dtype=F64)
    # -2·1 + ½ (0.75 + 5 - 9)
    exponent = objectives.cubo_exponent(reconstruction, log_var, noise, z, beta_cubo=0.5)
    assert exponent.item() == pytest.approx(-3.625, rel=1e-15)


@pytest.mark.parametrize("beta", [1.0, 0.05])
def test_exponent_equals_the_printed_expansion_in_float64(beta):
    reconstruction, mu, log_var, noise, z = sample()
    ours = objectives.cubo_exponent(reconstruction, log_var, noise, z, beta_cubo=beta)
    torch.testing.assert_close(
        ours, printed_expansion(reconstruction, mu, log_var, z, beta), rtol=1e-10, atol=1e-10
    )


def test_printed_expansion_loses_its_digits_in_float32_and_ours_does_not():
    reconstruction, mu, log_var, noise, _ = sample(scale=30.0)
    log_var = log_var - 8.0  # σ of about 0.02: μ²/σ² is above a million
    z = objectives.reparameterise(mu, log_var, noise)
    exact = objectives.cubo_exponent(reconstruction, log_var, noise, z)
    single = [t.float() for t in (reconstruction, mu, log_var, noise)]
    z32 = objectives.reparameterise(*single[1:])
    ours = objectives.cubo_exponent(single[0], single[2], single[3], z32)
    printed = printed_expansion(single[0], single[1], single[2], z32, 1.0)
    our_error = (ours.double() - exact).abs().max().item()
    printed_error = (printed.double() - exact).abs().max().item()
    assert our_error < 0.01
    assert printed_error > 100 * our_error


def test_exponent_is_twice_the_log_importance_weight():
    reconstruction, mu, log_var, noise, z = sample(seed=1)
    prior = torch.distributions.Normal(torch.zeros_like(mu), 1.0).log_prob(z).sum(-1)
    posterior = torch.distributions.Normal(mu, (0.5 * log_var).exp()).log_prob(z).sum(-1)
    exponent = objectives.cubo_exponent(reconstruction, log_var, noise, z)
    # no constant is left out: the two -½ log 2π cancel
    torch.testing.assert_close(exponent, 2 * (-reconstruction + prior - posterior), rtol=1e-12, atol=1e-12)


def test_exponent_refuses_a_reconstruction_that_would_broadcast():
    reconstruction, _, log_var, noise, z = sample()
    with pytest.raises(
        ValueError, match=r"reconstruction of cubo_exponent must have the samples and rows of z"
    ):
        objectives.cubo_exponent(reconstruction.unsqueeze(-1), log_var, noise, z)
    with pytest.raises(ValueError, match=r"noise of cubo_exponent must have the shape of z"):
        objectives.cubo_exponent(reconstruction, log_var, noise[:1], z)


def test_log_form_is_half_the_log_of_the_mean_and_exp_form_is_the_mean():
    exponent = torch.log(torch.tensor([[1.0, 4.0], [3.0, 4.0]], dtype=F64))  # (samples, rows)
    assert objectives.cubo(exponent).tolist() == pytest.approx(
        [0.5 * math.log(2.0), math.log(2.0)], rel=1e-15
    )
    assert objectives.cubo(exponent, form="exp").tolist() == pytest.approx([2.0, 4.0], rel=1e-15)


def test_the_two_forms_are_the_same_bound():
    exponent = sample(samples=50, rows=6, seed=2)[0] - 1.0
    torch.testing.assert_close(
        objectives.cubo(exponent), 0.5 * objectives.cubo(exponent, form="exp").log(), rtol=1e-12, atol=1e-12
    )


def test_log_form_neither_over_nor_underflows():
    exponent = torch.tensor([[-2000.0, 2000.0]])
    assert objectives.cubo(exponent).tolist() == [-1000.0, 1000.0]


def test_exp_form_is_clamped_at_twenty():
    exponent = torch.tensor([[19.0, 1000.0]], dtype=F64)
    assert objectives.cubo(exponent, form="exp").tolist() == pytest.approx([math.exp(19.0), math.exp(20.0)])


def test_both_forms_have_gradients_of_the_same_direction():
    reconstruction, mu, log_var, noise, _ = sample(samples=8, rows=5, code=3, seed=3)
    for row in range(5):
        gradients = {}
        for form in ("log", "exp"):
            m = mu[row : row + 1].clone().requires_grad_()
            v = log_var[row : row + 1].clone().requires_grad_()
            e = noise[:, row : row + 1]
            z = objectives.reparameterise(m, v, e)
            exponent = objectives.cubo_exponent(reconstruction[:, row : row + 1], v, e, z)
            loss = objectives.cubo(exponent, form=form).sum()
            gradients[form] = torch.cat([g.flatten() for g in torch.autograd.grad(loss, (m, v))])
        torch.testing.assert_close(
            torch.nn.functional.normalize(gradients["log"], dim=0),
            torch.nn.functional.normalize(gradients["exp"], dim=0),
        )


def test_both_forms_have_the_same_optimum():
    half = sample(samples=64, rows=1, code=1, seed=4)[3]
    mus = torch.linspace(-2.0, 2.0, 81, dtype=F64).unsqueeze(-1)
    noise = torch.cat([half, -half]).expand(-1, 81, -1)
    log_var = torch.full_like(mus, math.log(0.5))
    z = objectives.reparameterise(mus, log_var, noise)
    reconstruction = 0.5 * (z.squeeze(-1) - 1.4).square()  # prior N(0, 1): the posterior is N(0.7, ½)
    exponent = objectives.cubo_exponent(reconstruction, log_var, noise, z)
    best = {form: mus[objectives.cubo(exponent, form=form).argmin()].item() for form in ("log", "exp")}
    assert best["log"] == best["exp"] == pytest.approx(0.7, abs=1e-6)


@pytest.mark.parametrize("form", ["log", "exp"])
def test_with_few_samples_of_a_narrow_posterior_it_pushes_codes_away_from_the_prior(form):
    mu = torch.full((400, 1), 0.5, dtype=F64, requires_grad=True)
    noise = sample(samples=5, rows=400, code=1, seed=5)[3]
    log_var = torch.full((400, 1), -5.0, dtype=F64)
    exponent = objectives.cubo_exponent(
        torch.zeros(5, 400, dtype=F64), log_var, noise, objectives.reparameterise(mu, log_var, noise)
    )
    (gradient,) = torch.autograd.grad(objectives.cubo(exponent, form=form).sum(), mu)
    assert gradient.mean().item() < -0.2  # descent moves μ > 0 further from 0


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match='form of cubo must be "log" or "exp"'):
        objectives.cubo(torch.zeros(1, 1), form="square")


def test_members_in_front_equal_a_loop():
    parts = [sample(seed=seed) for seed in (6, 7)]
    reconstruction, _, log_var, noise, z = (torch.stack(both) for both in zip(*parts, strict=True))
    for form in ("log", "exp"):
        exponent = objectives.cubo_exponent(reconstruction, log_var, noise, z, beta_cubo=0.3)
        together = objectives.cubo(exponent, form=form)
        for m in range(2):
            alone = objectives.cubo_exponent(reconstruction[m], log_var[m], noise[m], z[m], beta_cubo=0.3)
            torch.testing.assert_close(together[m], objectives.cubo(alone, form=form), rtol=1e-14, atol=0)


def test_gradcheck():
    reconstruction, mu, log_var, noise, _ = sample(seed=8)
    mu.requires_grad_()
    log_var.requires_grad_()

    def loss(mu, log_var, form):
        z = objectives.reparameterise(mu, log_var, noise)
        exponent = objectives.cubo_exponent(
            reconstruction + z.square().sum(-1), log_var, noise, z, beta_cubo=0.4
        )
        return objectives.cubo(exponent, form=form)

    for form in ("log", "exp"):
        assert torch.autograd.gradcheck(lambda m, v, f=form: loss(m, v, f), (mu, log_var))
