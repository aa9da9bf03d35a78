"""The most likely Dirichlet distribution, and the normality score made of it."""

import itertools
import sys

import numpy as np
import pytest
import torch
from scipy.stats import dirichlet

from askew.objectives import dirichlet_mle, dirichlet_normality
from askew.objectives.dirichlet import inverse_digamma

F64 = torch.float64
module = sys.modules["askew.objectives.dirichlet"]


def vectors(alpha, n=4000, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).dirichlet(alpha, n))


@pytest.mark.parametrize("alpha", [[2.0, 5.0], [0.3, 0.7, 4.0], [50.0, 1.0, 1.0, 0.2]])
def test_the_slope_of_the_likelihood_is_zero_at_the_estimate(alpha):
    s = vectors(alpha)
    mean_log = s.log().mean(0)
    found = dirichlet_mle(s.mean(0), mean_log)
    slope = torch.digamma(found.sum()) - torch.digamma(found) + mean_log
    assert slope.abs().max() < 1e-6
    np.testing.assert_allclose(found, alpha, rtol=0.1)


def test_it_is_more_likely_than_its_neighbours():
    s = vectors([1.0, 2.0, 3.0], n=200)
    found = dirichlet_mle(s.mean(0), s.log().mean(0)).numpy()

    def log_likelihood(alpha):
        return dirichlet.logpdf(s.numpy().T, alpha).sum()

    for k in range(3):
        for factor in (0.97, 1.03):
            other = found.copy()
            other[k] *= factor
            assert log_likelihood(other) < log_likelihood(found)


def test_several_at_once_equal_one_by_one():
    sets = [vectors([2.0, 1.0, 0.5]), vectors([9.0, 3.0, 3.0])]
    means, logs = (torch.stack([f(s).mean(0) for s in sets]) for f in (torch.clone, torch.log))
    together = dirichlet_mle(means, logs)
    for found, s in zip(together, sets, strict=True):
        torch.testing.assert_close(found, dirichlet_mle(s.mean(0), s.log().mean(0)), rtol=1e-6, atol=0)


def test_vectors_that_are_all_alike_give_finite_parameters():
    s = torch.tensor([0.98, 0.01, 0.01], dtype=F64)
    found = dirichlet_mle(s, s.log())
    assert found.isfinite().all() and (found > 0).all() and found.argmax() == 0


def test_a_classifier_that_is_all_but_certain_gives_finite_parameters():
    log_s = torch.log_softmax(torch.tensor([[60.0, 0.0, -20.0], [55.0, 3.0, -30.0]], dtype=F64), 1)
    found = dirichlet_mle(log_s.exp().mean(0), log_s.mean(0))
    assert found.isfinite().all() and (found > 0).all()


def test_inverse_digamma_undoes_digamma():
    x = torch.logspace(-4, 4, 50, dtype=F64)
    torch.testing.assert_close(inverse_digamma(torch.digamma(x)), x, rtol=1e-8, atol=0)


def test_normality_is_the_log_density_but_for_a_constant():
    alpha = np.array([2.0, 0.5, 4.0])
    s = vectors(alpha, n=20)
    gap = dirichlet.logpdf(s.numpy().T, alpha) - dirichlet_normality(s.log(), torch.from_numpy(alpha)).numpy()
    np.testing.assert_allclose(gap, gap[0], rtol=1e-9)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"mean_log of dirichlet_mle .* \(3,\); got \(2, 3\)"):
        dirichlet_mle(torch.ones(3), torch.ones(2, 3))


def test_the_start_is_that_of_wicker(monkeypatch):
    s = torch.tensor([[0.2, 0.3, 0.5], [0.4, 0.5, 0.1]], dtype=F64)
    mean, mean_log = s.mean(0), s.log().mean(0)
    monkeypatch.setattr(module, "MOST_STEPS", 0)
    spread = sum(float(m * (m.log() - log)) for m, log in zip(mean, mean_log, strict=True))
    expected = [float(m) * 2 * np.euler_gamma / spread for m in mean]  # -psi(1) is Euler's constant
    np.testing.assert_allclose(dirichlet_mle(mean, mean_log), expected, rtol=1e-12)
    equal = dirichlet_mle(s[0], s[0].log())
    assert torch.isfinite(equal).all() and (equal > 1e9).all()


@pytest.mark.parametrize("size", [0.05, 3.0])
def test_it_ends_with_the_first_step_that_moves_no_parameter_by_a_billionth(monkeypatch, size):
    alpha = size * torch.tensor([0.7, 1.0, 2.0], dtype=F64)
    found = []
    monkeypatch.setattr(module, "inverse_digamma", lambda y: found.append(inverse_digamma(y)) or found[-1])
    dirichlet_mle(alpha / alpha.sum(), torch.digamma(alpha) - torch.digamma(alpha.sum()))
    still = [bool(((b - a).abs() <= 1e-9 * b).all()) for a, b in itertools.pairwise(found)]
    assert 2 < len(found) < 1000 and still == [False] * (len(found) - 2) + [True]


def test_the_inverse_has_its_digits_from_a_hundred_millionth_to_a_hundred_million():
    x = torch.logspace(-8, 8, 1601, dtype=F64)
    np.testing.assert_allclose(inverse_digamma(torch.digamma(x)), x, rtol=1e-8)
    usual = x[(x > 1e-3) & (x < 1e3)]
    np.testing.assert_allclose(inverse_digamma(torch.digamma(usual)), usual, rtol=2e-13)
