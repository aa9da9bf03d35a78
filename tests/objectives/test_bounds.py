"""In one dimension log p(x) is known: the ELBO is a lower bound on it and the CUBO an upper one.

The model is z ~ N(0, 1), x | z ~ N(w z + b, s²), so x ~ N(b, w² + s²) and the posterior is Gaussian. L_R is
-log p(x | z) with all its constants and the weights are 1, so the bounds must hold to the last digit.
"""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from askew import objectives

W, B, S = 1.3, -0.4, 0.8
POSTERIOR_VARIANCE = 1.0 / (1.0 + (W / S) ** 2)
XS = (-2.0, 0.3, 1.9)
# (shift of the mean, factor of the variance) of q against the posterior; the CUBO is finite above ½
QS = ((0.0, 1.0), (0.2, 1.0), (-0.3, 1.4), (0.5, 2.0), (0.0, 0.8))


def log_evidence(x):
    return norm(B, math.hypot(W, S)).logpdf(x)


def posterior_mean(x):
    return POSTERIOR_VARIANCE * W * (x - B) / S**2


def minus_log_likelihood(x, z):
    return 0.5 * math.log(2 * math.pi * S**2) + (x - W * z - B) ** 2 / (2 * S**2)


def q_of(x, q):
    shift, factor = q
    mu = posterior_mean(x) + shift
    return mu, math.log(POSTERIOR_VARIANCE * factor)


def stratified_noise(samples=40_000):
    """Return ε at the mid-quantiles of N(0, 1), variance 1: a Monte-Carlo sample without its noise."""
    noise = torch.from_numpy(norm.ppf((np.arange(samples) + 0.5) / samples)).reshape(-1, 1, 1)
    return noise / noise.square().mean().sqrt()


def bounds(x, q):
    """Return (ELBO, CUBO by the log form, CUBO by the exp form) as the package computes them."""
    mu_, log_var_ = q_of(x, q)
    mu, log_var = torch.tensor([[mu_]], dtype=torch.float64), torch.tensor([[log_var_]], dtype=torch.float64)
    noise = stratified_noise()
    z = objectives.reparameterise(mu, log_var, noise)
    reconstruction = minus_log_likelihood(x, z.squeeze(-1))
    exponent = objectives.cubo_exponent(reconstruction, log_var, noise, z)
    lower = -objectives.elbo(reconstruction.mean(0), mu, log_var)
    exponential = 0.5 * torch.log(objectives.cubo(exponent, form="exp"))
    return lower.item(), objectives.cubo(exponent).item(), exponential.item()


def test_numerical_integration_gives_the_analytic_evidence():
    for x in XS:
        value, _ = quad(lambda z, x=x: math.exp(-minus_log_likelihood(x, z)) * norm.pdf(z), -12, 12)
        assert math.log(value) == pytest.approx(log_evidence(x), abs=1e-9)


@pytest.mark.parametrize("x", XS)
@pytest.mark.parametrize("q", QS)
def test_elbo_is_below_and_cubo_above_the_log_evidence(x, q):
    lower, upper, exponential = bounds(x, q)
    assert lower <= log_evidence(x) + 1e-9
    assert upper >= log_evidence(x) - 1e-9
    assert exponential == pytest.approx(upper, abs=1e-12)
    if q != (0.0, 1.0):
        assert lower < log_evidence(x) - 1e-3
        assert upper > log_evidence(x) + 1e-3


@pytest.mark.parametrize("x", XS)
def test_both_bounds_are_tight_at_the_posterior(x):
    for value in bounds(x, (0.0, 1.0)):
        assert value == pytest.approx(log_evidence(x), abs=1e-6)


@pytest.mark.parametrize("x", XS)
@pytest.mark.parametrize("q", QS)
def test_both_bounds_equal_numerical_integration(x, q):
    mu, log_var = q_of(x, q)
    density = norm(mu, math.exp(0.5 * log_var))

    def log_weight(z):
        return -minus_log_likelihood(x, z) + norm.logpdf(z) - density.logpdf(z)

    span = (mu - 9.0, mu + 9.0)
    lower_integral, _ = quad(lambda z: density.pdf(z) * log_weight(z), *span)
    upper_integral, _ = quad(lambda z: math.exp(density.logpdf(z) + 2 * log_weight(z)), *span)
    lower, upper, _ = bounds(x, q)
    assert lower == pytest.approx(lower_integral, abs=1e-3)
    # heavy weights in the tail of a narrow q make the sum converge slowly
    assert upper == pytest.approx(0.5 * math.log(upper_integral), abs=2e-3 if q[1] >= 1 else 2e-2)


def test_at_the_posterior_every_single_sample_gives_the_evidence():
    x = 0.3
    mu, log_var = (torch.tensor([[v]], dtype=torch.float64) for v in q_of(x, (0.0, 1.0)))
    noise = torch.randn(7, 1, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    z = objectives.reparameterise(mu, log_var, noise)
    exponent = objectives.cubo_exponent(minus_log_likelihood(x, z.squeeze(-1)), log_var, noise, z)
    np.testing.assert_allclose(0.5 * exponent.numpy(), log_evidence(x), atol=1e-12)
