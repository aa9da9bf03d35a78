"""Numbers that the losses take by default are the papers': changing one changes everybody's results."""

import inspect
import math

import pytest

from askew import objectives
from askew.objectives.likelihood import LEAST_LOG_SCALE

DEFAULTS = {
    "code_norm": {"radius": 0.0},
    "critic_loss": {"lambda_inter": 0.5, "lambda_neg": 5.0},
    "cubo_exponent": {"beta_cubo": 1.0},
    "deep_sad": {"eta": 1.0},
    "discretised_logistic": {"levels": 256},
    "dual_prior_elbo": {"alpha": 10.0, "beta_kl": 1.0},
    "elbo": {"beta_kl": 1.0, "prior_mean": 0.0},
    "gaussian_kl": {"prior_mean": 0.0},
    "generator_loss": {"lambda_inter": 0.5, "lambda_neg": 5.0},
    "m2_bound": {"anomaly_prior": 0.5},
    "mixture_parameters": {"floor": 0.0},
    "mutate": {"levels": 256},
    "reconstruction_error": {"event_dims": 1},
    "revise": {"momentum": 0.0, "steps": 10},
    "slopes": {"differentiable": False},
    "token_nll": {"padding": 0},
    "wasserstein_critic_loss": {"penalty": 10.0},
}


def test_every_default_that_is_a_number():
    found = {}
    for name in objectives.__all__:
        parameters = inspect.signature(getattr(objectives, name)).parameters.items()
        found[name] = {key: p.default for key, p in parameters if isinstance(p.default, int | float)}
    assert {name: numbers for name, numbers in found.items() if numbers} == DEFAULTS


def test_the_sharpest_pixel_is_pixel_cnns():
    assert pytest.approx(-7.0 - math.log(2.0)) == LEAST_LOG_SCALE
