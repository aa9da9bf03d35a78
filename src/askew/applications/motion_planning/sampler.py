"""A conditional VAE that proposes configurations for a planner, trained without or with negatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from askew.applications.motion_planning.problems import Problems, boundary_negatives
from askew.applications.motion_planning.worlds import CELLS, Numbers
from askew.errors import TrainingError
from askew.networks.cvae import CODE, cvae
from askew.objectives import cubo, cubo_exponent, dual_prior_elbo, elbo, reconstruction_error, reparameterise
from askew.objectives.elbo import LOG_VARIANCE_LIMIT
from askew.training import Batch, Data, Execution, Member, Networks, Stage, Step, linear_warmup, train

STATE = 4
"""Position and velocity in the plane."""

N_STATE_INPUTS = STATE + 2 * CELLS
"""What the encoder sees of a state: the state, and the cells of its position."""

N_CONTEXT = CELLS * CELLS + 4 + 4 * CELLS
"""The context that both networks see: the grid, start and goal, and the cells of start and goal."""

CLIP = 5.0
"""Largest norm of a gradient: minimising a bound on a likelihood has no floor of its own."""

_STEEP = 2.5  # 1 / the width of a soft cell's border, in cells
_DECAY = 0.2
_ROUNDS = 16  # of twice as many draws as samples
_JUDGED = 500  # problems

Method = Literal["cvae", "dp_cvae", "mml_cvae"]


@dataclass(frozen=True)
class Recipe:
    """How a sampler is trained, and which of its samples it keeps."""

    beta_kl: float = 0.02
    """Weight of the KL term, for normal rows and negatives; also the variance of the states for a code."""
    alpha: float = 1.0
    """Mean of the negatives' prior (DP-CVAE)."""
    beta_cubo: float = 0.02
    """Weight of the code's part of the bound (MML-CVAE); equal to `beta_kl` it has the ELBO's proportion."""
    samples: int = 3
    """Codes per negative (MML-CVAE)."""
    interval: int = 2
    """Steps on normal rows per step on negatives."""
    moves: tuple[str, ...] = ("encoder",)
    """The networks that a step on negatives moves."""
    depth: float = 0.045
    """How far negatives may lie inside the walls, in the unit of the square; 0 is the boundary itself."""
    dropout: float = 0.0
    """Probability that a hidden unit is left out in training."""
    epochs: int = 3
    batch_size: int = 128
    """Normal rows in a step."""
    warmup: int = 0
    """Epochs over which the KL weight rises linearly."""
    lr: float = 1e-3
    """Adam's learning rate; it falls to a fifth of itself before the last epoch."""
    kept: float = 0.9
    """Share, in (0, 1], of the training configurations whose own loss counts as normal. A sample of a higher loss
    than theirs is drawn again; with 1 every sample is kept."""


@dataclass(frozen=True)
class Sampler:
    """A trained conditional VAE, the scale of its states, and the largest loss of a state that it keeps."""

    encoder: nn.Module
    decoder: nn.Module
    mean: Numbers
    std: Numbers
    beta_kl: float
    limit: float = math.inf

    def sample(
        self, condition: NDArray[np.float32], n: int, rng: np.random.Generator, *, screened: bool = True
    ) -> Numbers:
        """Return n configurations, (n, 4), for one problem's condition, (125,), from codes of the prior.

        With `screened`, what the model itself finds too unlikely, see :meth:`loss`, is drawn anew. It does not look
        at the walls. Where 32 times as many draws do not give n, the best of the rest fill up.
        """
        if not screened:
            return self._drawn(condition, n, rng)
        likely, rest, losses = [], [], []
        for _ in range(_ROUNDS):
            states = self._drawn(condition, 2 * n, rng)
            loss = self.loss(states, condition)
            likely.append(states[loss <= self.limit])
            rest.append(states[loss > self.limit])
            losses.append(loss[loss > self.limit])
            if sum(map(len, likely)) >= n:
                break
        order = np.argsort(np.concatenate(losses), kind="stable")
        return np.concatenate([*likely, np.concatenate(rest)[order]])[:n]

    @torch.no_grad()
    def _drawn(self, condition: NDArray[np.float32], n: int, rng: np.random.Generator) -> Numbers:
        code = torch.from_numpy(rng.standard_normal((n, CODE), dtype=np.float32))
        context = torch.from_numpy(_context(np.asarray(condition, dtype=np.float32))).expand(n, -1)
        decoded: Tensor = self.decoder(torch.cat([code, context], dim=1))
        return decoded.numpy().astype(float) * self.std + self.mean

    @torch.no_grad()
    def loss(self, states: Numbers, conditions: NDArray[np.float32]) -> Numbers:
        """Return the negative ELBO under the normal prior, at the code's mean, of states, (n, 4) -> (n,).

        There is one condition for all, (125,), or one of each, (n, 125).
        """
        context = np.broadcast_to(
            _context(np.asarray(conditions, dtype=np.float32)), (len(states), N_CONTEXT)
        )
        rows = torch.from_numpy(_rows(states, self.mean, self.std, context))
        mu, log_var = self.encoder(rows).chunk(2, dim=-1)
        log_var = log_var.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)
        decoded = self.decoder(torch.cat([mu, rows[:, N_STATE_INPUTS:]], dim=-1))
        error = 0.5 * reconstruction_error(rows[:, :STATE], decoded, reduction="sum")
        return elbo(error, mu, log_var, beta_kl=self.beta_kl).numpy().astype(float)


def soft_cells(coordinates: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return which of the grid's cells each coordinate is in, (..., k) -> (..., 11 k), in [0, 1].

    1 in the cell's middle and 0 in the next cell's; over the cells' border it falls from one to the other,
    linearly over four tenths of a cell. A perceptron of two layers cannot make this of the number itself
    *and* look up the cell.

    >>> soft_cells(np.array([0.5 / 11, 1.0 / 11])).reshape(2, 11)[:, :3].round(2).tolist()
    [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]
    """
    middles = (np.arange(CELLS) + 0.5) / CELLS
    away = np.abs(coordinates[..., None] - middles) * CELLS
    soft = np.clip(0.5 + _STEEP * (0.5 - away), 0.0, 1.0)
    return soft.reshape(*coordinates.shape[:-1], -1).astype(np.float32)


def _context(conditions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the context that both networks see, (..., 169): the condition, and the cells of start and goal."""
    return np.concatenate([conditions, soft_cells((conditions[..., CELLS * CELLS :] + 1) / 2)], axis=-1)


def _rows(states: Numbers, mean: Numbers, std: Numbers, context: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the encoder's rows, (n, 26 + 169): the standardised state, its cells, and the context."""
    return np.concatenate(
        [(states - mean) / std, soft_cells(states[:, :2]), context], axis=1, dtype=np.float32
    )


def train_sampler(problems: Problems, method: Method, recipe: Recipe, seed: int) -> Sampler:
    """Return a sampler trained on the configurations of `problems`; `method` says what is done with negatives.

    Losses that become NaN or infinite, twice, raise TrainingError.
    """
    problems = problems.mirrored()
    mean, std = (f(problems.states, axis=(0, 1)).astype(float) for f in (np.mean, np.std))
    which, negatives = boundary_negatives(problems, recipe.depth, np.random.default_rng([seed, 1]))
    context = _context(problems.conditions())
    world = np.concatenate([np.arange(len(problems)).repeat(problems.states.shape[1]), which])
    states = np.concatenate([problems.states.reshape(-1, STATE), negatives])
    labels = np.zeros(len(states), dtype=np.int8)
    labels[len(states) - len(which) :] = -1
    rows = torch.from_numpy(_rows(states, mean, std, context[world]))
    member, data = Member(0, seed), Data(rows[None], torch.from_numpy(labels)[None])
    options: dict[str, Any] = {"milestones": (max(1, recipe.epochs - 1),), "gamma": _DECAY, "clip": CLIP}
    stage = Stage("fit", _steps(method, recipe), recipe.epochs, _forward, recipe.lr, **options)
    execution = Execution(recipe.batch_size, members_at_once=1)
    train(partial(_networks, recipe.dropout), (stage,), data, (member,), execution)
    if member.failure:
        raise TrainingError(f"training of {method} failed: {member.failure}. Lower the learning rate.")
    encoder, decoder = (member.networks[name].eval() for name in ("encoder", "decoder"))
    sampler = Sampler(encoder, decoder, mean, std, recipe.beta_kl)
    return _limited(sampler, problems, recipe.kept)


def _networks(dropout: float) -> dict[str, nn.Module]:
    encoder = cvae(N_STATE_INPUTS, N_CONTEXT, dropout=dropout)[0]
    return {"encoder": encoder, "decoder": cvae(STATE, N_CONTEXT, dropout=dropout)[1]}


def _limited(sampler: Sampler, problems: Problems, share: float) -> Sampler:
    """Return the sampler with the loss that a share of some training configurations do not exceed."""
    if share >= 1:
        return sampler
    conditions = problems.conditions()[:_JUDGED]
    per_path = problems.states.shape[1]
    states = problems.states[:_JUDGED].reshape(-1, STATE).astype(float)
    losses = sampler.loss(states, conditions.repeat(per_path, axis=0))
    return replace(sampler, limit=float(np.quantile(losses, share)))


def _steps(method: Method, recipe: Recipe) -> tuple[Step, ...]:
    normal = Step("normal", _normal(recipe), ("encoder", "decoder"), "normal", noise=(1, CODE))
    if method == "cvae":
        return (normal,)
    loss, samples = (_dual_prior(recipe), 1) if method == "dp_cvae" else (_cubo(recipe), recipe.samples)
    negative = Step("negative", loss, recipe.moves, "anomaly", every=recipe.interval, noise=(samples, CODE))
    return normal, negative


def _run(networks: Networks, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the code's mean and log-variance, (rows, code), its samples and each one's L_R, (samples, rows)."""
    state, context = batch.x[:, :STATE], batch.x[:, N_STATE_INPUTS:]
    mu, log_var = networks["encoder"](batch.x).chunk(2, dim=-1)
    log_var = log_var.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)
    z = reparameterise(mu, log_var, _required(batch.noise))  # (samples, rows, code)
    decoded = networks["decoder"](torch.cat([z, context.expand(len(z), -1, -1)], dim=-1))
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
        beta = recipe.beta_kl * linear_warmup(batch.epoch, recipe.warmup)
        losses = dual_prior_elbo(reconstruction[0], mu, log_var, batch.y, alpha=recipe.alpha, beta_kl=beta)
        return losses.mean()

    return loss


def _cubo(recipe: Recipe) -> Callable[[Networks, Batch], Tensor]:
    def loss(networks: Networks, batch: Batch) -> Tensor:
        _, log_var, z, reconstruction = _run(networks, batch)
        exponent = cubo_exponent(
            reconstruction, log_var, _required(batch.noise), z, beta_cubo=recipe.beta_cubo
        )
        return cubo(exponent, form="exp").mean()

    return loss


def _forward(networks: Networks, rows: Tensor) -> Tensor:
    mu, _ = networks["encoder"](rows).chunk(2, dim=-1)
    return torch.as_tensor(networks["decoder"](torch.cat([mu, rows[:, N_STATE_INPUTS:]], dim=-1)))


def _required(noise: Tensor | None) -> Tensor:
    if noise is None:
        raise RuntimeError("a variational step must ask for noise")
    return noise
