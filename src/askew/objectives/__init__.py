"""The papers' losses as pure tensor functions: no state, no loops, no ``backward()``.

Every function reads the last axes and leaves the axes before them alone, so the same call serves one model
(``(rows, features)``) and any number of models stacked in front (``(members, rows, features)``). Functions
return one value per row, ``(..., rows)``, unless their docstring says that they return the batch's mean.
Lower is better for everything here: an ELBO is returned as its negative, called a loss.
"""

from askew.objectives.cubo import cubo, cubo_exponent
from askew.objectives.dirichlet import dirichlet_mle, dirichlet_normality
from askew.objectives.elbo import dual_prior_elbo, elbo, gaussian_kl, reparameterise
from askew.objectives.energy import denoise, energy, random_field, revise
from askew.objectives.gan_losses import (
    dispersion,
    encirclement,
    fence_discriminator_loss,
    gan_discriminator_loss,
    gan_generator_loss,
    search_loss,
    wasserstein_critic_loss,
)
from askew.objectives.hypersphere import deep_sad, deep_svdd, soft_boundary_deep_svdd, squared_distance
from askew.objectives.latent_points import (
    atypical_codes,
    mix_up,
    scaled_codes,
    shuffled,
    simplex,
    simplex_weights,
    uniform_codes,
)
from askew.objectives.likelihood import discretised_logistic, mutate, waic
from askew.objectives.mirrored_critic import (
    code_norm,
    contrast,
    critic_loss,
    generator_loss,
    gradient_penalty,
    log_density,
    mirror_distance,
    pairs,
    slope_penalty,
    slopes,
    values_and_gradients,
)
from askew.objectives.mixture import mixture_energy, mixture_parameters, reconstruction_features, singularity
from askew.objectives.reconstruction import cross_entropy_error, reconstruction_error, token_nll
from askew.objectives.semi_supervised import cross_entropy, m2_bound

__all__ = [
    "atypical_codes",
    "code_norm",
    "contrast",
    "critic_loss",
    "cross_entropy",
    "cross_entropy_error",
    "cubo",
    "cubo_exponent",
    "deep_sad",
    "deep_svdd",
    "denoise",
    "dirichlet_mle",
    "dirichlet_normality",
    "discretised_logistic",
    "dispersion",
    "dual_prior_elbo",
    "elbo",
    "encirclement",
    "energy",
    "fence_discriminator_loss",
    "gan_discriminator_loss",
    "gan_generator_loss",
    "gaussian_kl",
    "generator_loss",
    "gradient_penalty",
    "log_density",
    "m2_bound",
    "mirror_distance",
    "mix_up",
    "mixture_energy",
    "mixture_parameters",
    "mutate",
    "pairs",
    "random_field",
    "reconstruction_error",
    "reconstruction_features",
    "reparameterise",
    "revise",
    "scaled_codes",
    "search_loss",
    "shuffled",
    "simplex",
    "simplex_weights",
    "singularity",
    "slope_penalty",
    "slopes",
    "soft_boundary_deep_svdd",
    "squared_distance",
    "token_nll",
    "uniform_codes",
    "values_and_gradients",
    "waic",
    "wasserstein_critic_loss",
]
