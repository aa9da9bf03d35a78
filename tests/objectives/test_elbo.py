"""The ELBO with any prior mean: hand values, torch.distributions, and the dual-prior loss."""

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from askew import objectives

F64 = torch.float64


def codes(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=F64, generator=generator), torch.randn(
        shape, dtype=F64, generator=generator
    )


def test_gaussian_kl_by_hand():
    mu = torch.tensor([[1.0, 2.0]], dtype=F64)
    log_var = torch.tensor([[0.0, 1.0]], dtype=F64)
    e = torch.e
    # coordinate 1: ½(1 + 0) = ½; coordinate 2: -½(1 + 1 - e - 4)
    assert objectives.gaussian_kl(mu, log_var).item() == pytest.approx(0.5 - 0.5 * (2.0 - e - 4.0), rel=1e-15)


@pytest.mark.parametrize("prior_mean", [0.0, 10.0, -2.5])
def test_gaussian_kl_equals_torch_distributions(prior_mean):
    mu, log_var = codes(7, 4)
    theirs = kl_divergence(
        Normal(mu, (0.5 * log_var).exp()), Normal(torch.full_like(mu, prior_mean), torch.ones_like(mu))
    )
    torch.testing.assert_close(
        objectives.gaussian_kl(mu, log_var, prior_mean), theirs.sum(-1), rtol=1e-12, atol=0
    )


def test_gaussian_kl_is_zero_exactly_at_the_prior_and_positive_elsewhere():
    mu, log_var = codes(50, 3, seed=3)
    assert (objectives.gaussian_kl(mu, log_var, 1.5) > 0).all()
    at_prior = objectives.gaussian_kl(torch.full((1, 3), 1.5, dtype=F64), torch.zeros(1, 3, dtype=F64), 1.5)
    assert at_prior.item() == 0.0


def test_reparameterise_by_hand():
    log_var = torch.log(torch.tensor([4.0], dtype=F64))  # σ = 2, not 4
    z = objectives.reparameterise(torch.tensor([1.0], dtype=F64), log_var, torch.tensor([3.0], dtype=F64))
    assert z.item() == pytest.approx(7.0, rel=1e-15)


def test_elbo_by_hand_with_a_prior_mean():
    mu, log_var = torch.ones(1, 2, dtype=F64), torch.zeros(1, 2, dtype=F64)
    reconstruction = torch.tensor([1.5], dtype=F64)
    # KL to N(3, I) is ½ · 2 · (1 - 3)² = 4
    loss = objectives.elbo(reconstruction, mu, log_var, beta_kl=0.25, prior_mean=3.0)
    assert loss.item() == pytest.approx(2.5, rel=1e-15)


def test_elbo_refuses_a_reconstruction_that_would_broadcast():
    mu, log_var = codes(4, 2)
    with pytest.raises(ValueError, match=r"reconstruction of elbo must have the rows of mu, \(4,\)"):
        objectives.elbo(torch.zeros(4, 1, dtype=F64), mu, log_var)


def test_dual_prior_elbo_gives_each_row_the_prior_of_its_label():
    mu, log_var = codes(3, 4, seed=5)
    reconstruction = torch.tensor([0.1, 0.2, 0.3], dtype=F64)
    loss = objectives.dual_prior_elbo(
        reconstruction, mu, log_var, torch.tensor([1, 0, -1]), alpha=5.0, beta_kl=0.5
    )
    normal = objectives.elbo(reconstruction, mu, log_var, beta_kl=0.5)
    anomaly = objectives.elbo(reconstruction, mu, log_var, beta_kl=0.5, prior_mean=5.0)
    torch.testing.assert_close(loss, torch.stack([normal[0], normal[1], anomaly[2]]), rtol=1e-15, atol=0)
    assert anomaly[2] != normal[2]


def test_dual_prior_elbo_keeps_the_reconstruction_of_anomalies():
    mu, log_var = codes(1, 2)
    one = objectives.dual_prior_elbo(torch.tensor([1.0], dtype=F64), mu, log_var, torch.tensor([-1]))
    other = objectives.dual_prior_elbo(torch.tensor([3.0], dtype=F64), mu, log_var, torch.tensor([-1]))
    assert (other - one).item() == pytest.approx(2.0, rel=1e-12)


def test_permuting_the_labels_changes_the_dual_prior_elbo():
    mu, log_var = codes(3, 2, seed=7)
    args = torch.zeros(3, dtype=F64), mu, log_var
    one = objectives.dual_prior_elbo(*args, torch.tensor([-1, 0, 0])).mean()
    other = objectives.dual_prior_elbo(*args, torch.tensor([0, 0, -1])).mean()
    assert abs(one - other) > 0.1


def test_dual_prior_elbo_draws_anomalies_to_alpha_and_others_to_zero():
    mu = torch.full((2, 1), 1.0, dtype=F64, requires_grad=True)
    loss = objectives.dual_prior_elbo(
        torch.zeros(2, dtype=F64), mu, torch.zeros(2, 1, dtype=F64), torch.tensor([0, -1]), alpha=10.0
    )
    (gradient,) = torch.autograd.grad(loss.sum(), mu)
    assert gradient.flatten().tolist() == [1.0, -9.0]


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1,)])
def test_dual_prior_elbo_refuses_labels_that_would_broadcast(shape):
    mu, log_var = codes(3, 2)
    with pytest.raises(ValueError, match="labels of dual_prior_elbo must have the shape of reconstruction"):
        objectives.dual_prior_elbo(torch.zeros(3, dtype=F64), mu, log_var, torch.zeros(shape))


def test_dual_prior_elbo_refuses_alpha_zero():
    mu, log_var = codes(3, 2)
    with pytest.raises(ValueError, match="alpha of dual_prior_elbo must not be 0"):
        objectives.dual_prior_elbo(torch.zeros(3, dtype=F64), mu, log_var, torch.zeros(3), alpha=0)


def test_members_in_front_equal_a_loop():
    mu, log_var = codes(3, 5, 2, seed=9)
    reconstruction = codes(3, 5, seed=10)[0].square()
    labels = torch.tensor([[0, 1, -1, 0, -1], [0] * 5, [1, -1, 0, 0, 0]])
    together = objectives.dual_prior_elbo(reconstruction, mu, log_var, labels, alpha=2.0, beta_kl=0.1)
    for m in range(3):
        alone = objectives.dual_prior_elbo(
            reconstruction[m], mu[m], log_var[m], labels[m], alpha=2.0, beta_kl=0.1
        )
        torch.testing.assert_close(together[m], alone, rtol=1e-15, atol=0)


def test_gradcheck():
    mu, log_var = (t.requires_grad_() for t in codes(4, 3, seed=11))
    noise = codes(4, 3, seed=12)[0]
    labels = torch.tensor([0, 1, -1, -1])

    def loss(mu, log_var):
        z = objectives.reparameterise(mu, log_var, noise)
        return objectives.dual_prior_elbo(z.square().sum(-1), mu, log_var, labels, alpha=3.0, beta_kl=0.3)

    assert torch.autograd.gradcheck(loss, (mu, log_var))
