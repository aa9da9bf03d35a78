"""A conditional VAE that proposes configurations for a planner, trained without or with negatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from askew.applications.planning.problems import Problems, boundary_negatives
from askew.applications.planning.worlds import Numbers
from askew.errors import TrainingError
from askew.networks.cvae import CODE, cvae
from askew.objectives import cubo, cubo_exponent, dual_prior_elbo, elbo, reconstruction_error, reparameterise
from askew.objectives.elbo import LOG_VARIANCE_LIMIT
from askew.training import Batch, Data, Member, Networks, Stage, Step, linear_warmup, train

STATE = 4
"""Position and velocity in the plane."""

CLIP = 5.0
"""Largest norm of a gradient: minimising a bound on a likelihood has no floor of its own."""

Method = Literal["cvae", "dp_cvae", "mml_cvae"]


@dataclass(frozen=True)
class Recipe:
    """How a sampler is trained.

    Parameters
    ----------
    beta_kl : float
        Weight of the KL term, for normal rows and negatives; also the variance of the states given a code.
    alpha : float
        Mean of the negatives' prior (DP-CVAE).
    beta_cubo : float
        Weight of the code's part of the bound (MML-CVAE).
    samples : int
        Codes per negative (MML-CVAE).
    interval : int
        Steps on normal rows per step on negatives.
    moves : tuple of str
        The networks that a step on negatives moves.
    depth : float
        How far negatives may lie inside the walls, in the unit of the square; 0 is the boundary itself.
    epochs, batch_size, warmup : int
        Of the normal rows; the KL weight rises linearly over `warmup` epochs.
    lr : float
        Adam's learning rate.
    """

    beta_kl: float = 0.1
    alpha: float = 2.0
    beta_cubo: float = 0.1
    samples: int = 3
    interval: int = 1
    moves: tuple[str, ...] = ("encoder", "decoder")
    depth: float = 0.045
    epochs: int = 6
    batch_size: int = 256
    warmup: int = 2
    lr: float = 1e-3


@dataclass(frozen=True)
class Sampler:
    """A trained decoder and the scale of its states."""

    decoder: nn.Module
    mean: Numbers
    std: Numbers

    @torch.no_grad()
    def sample(self, condition: NDArray[np.float32], n: int, rng: np.random.Generator) -> Numbers:
        """Return n configurations, (n, 4), for one problem's condition, (125,), from codes of the prior."""
        code = torch.from_numpy(rng.standard_normal((n, CODE), dtype=np.float32))
        rows = torch.from_numpy(np.asarray(condition, dtype=np.float32)).expand(n, -1)
        decoded: Tensor = self.decoder(torch.cat([code, rows], dim=1))
        return decoded.numpy().astype(float) * self.std + self.mean


def train_sampler(problems: Problems, method: Method, recipe: Recipe, seed: int) -> Sampler:
    """Return a sampler trained on the configurations of `problems`; `method` says what is done with negatives.

    Raises
    ------
    TrainingError
        If the losses become NaN or infinite, twice.
    """
    problems = problems.mirrored()
    rng = np.random.default_rng([seed, 1])
    mean, std = problems.states.mean((0, 1)), problems.states.std((0, 1))
    which, negatives = boundary_negatives(problems, recipe.depth, rng)
    conditions = problems.conditions()
    per_path = problems.states.shape[1]
    states = np.concatenate([problems.states.reshape(-1, STATE), negatives.astype(np.float32)])
    world = np.concatenate([np.arange(len(problems)).repeat(per_path), which])
    rows = np.concatenate([(states - mean) / std, conditions[world]], axis=1)
    labels = np.zeros(len(rows), dtype=np.int8)
    labels[len(rows) - len(which) :] = -1
    data = Data(torch.from_numpy(rows)[None], torch.from_numpy(labels)[None])
    member = Member(0, seed)
    stage = Stage("fit", _steps(method, recipe), recipe.epochs, _forward, recipe.lr, clip=CLIP)
    train(
        lambda: dict(zip(("encoder", "decoder"), cvae(STATE, conditions.shape[1]), strict=True)),
        (stage,),
        data,
        (member,),
        batch_size=recipe.batch_size,
        members_at_once=1,
    )
    if member.failure:
        raise TrainingError(f"training of {method} failed: {member.failure}. Lower the learning rate.")
    return Sampler(member.networks["decoder"].eval(), mean.astype(float), std.astype(float))


def _steps(method: Method, recipe: Recipe) -> tuple[Step, ...]:
    normal = Step("normal", _normal(recipe), ("encoder", "decoder"), "normal", noise=(1, CODE))
    if method == "cvae":
        return (normal,)
    loss, samples = (_dual_prior(recipe), 1) if method == "dp_cvae" else (_cubo(recipe), recipe.samples)
    negative = Step("negative", loss, recipe.moves, "anomaly", every=recipe.interval, noise=(samples, CODE))
    return normal, negative


def _run(networks: Networks, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the code's mean and log-variance, (rows, code), its samples and each one's L_R, (samples, rows)."""
    state, condition = batch.x[:, :STATE], batch.x[:, STATE:]
    mu, log_var = networks["encoder"](batch.x).chunk(2, dim=-1)
    log_var = log_var.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)
    z = reparameterise(mu, log_var, _given(batch.noise))  # (samples, rows, code)
    decoded = networks["decoder"](torch.cat([z, condition.expand(len(z), -1, -1)], dim=-1))
    return mu, log_var, z, 0.5 * reconstruction_error(state, decoded, reduction="sum")


def _normal(recipe: Recipe) -> Callable[[Networks, Batch], Tensor]:
    def loss(networks: Networks, batch: Batch) -> Tensor:
        mu, log_var, _, reconstruction = _run(networks, batch)
        beta = recipe.beta_kl * linear_warmup(batch.epoch, recipe.warmup)
        return elbo(reconstruction[0], mu, log_var, beta_kl=beta).mean()

    return loss


def _dual_prior(recipe: Recipe) -> Callable[[Networks, Batch], Tensor]:
    def loss(networks: Networks, batch: Batch) -> Tensor:
        mu, log_var, _, reconstruction = _run(networks, batch)
        settings = {
            "alpha": recipe.alpha,
            "beta_kl": recipe.beta_kl * linear_warmup(batch.epoch, recipe.warmup),
        }
        return dual_prior_elbo(reconstruction[0], mu, log_var, batch.y, **settings).mean()

    return loss


def _cubo(recipe: Recipe) -> Callable[[Networks, Batch], Tensor]:
    def loss(networks: Networks, batch: Batch) -> Tensor:
        _, log_var, z, reconstruction = _run(networks, batch)
        reconstruction = reconstruction / recipe.beta_kl  # a Gaussian of that variance, as the ELBO has it
        exponent = cubo_exponent(reconstruction, log_var, _given(batch.noise), z, beta_cubo=recipe.beta_cubo)
        return cubo(exponent, form="exp").mean()

    return loss


def _forward(networks: Networks, rows: Tensor) -> Tensor:
    mu, _ = networks["encoder"](rows).chunk(2, dim=-1)
    return torch.as_tensor(networks["decoder"](torch.cat([mu, rows[:, STATE:]], dim=-1)))


def _given(noise: Tensor | None) -> Tensor:
    if noise is None:
        raise RuntimeError("a variational step must ask for noise")
    return noise
