"""A conditional VAE that proposes a robot's configurations, and what negatives on the walls do to it.

The losses are askew's, the training loop is this file's. The worlds, the planner and the network come from
``askew.applications`` and ``askew.networks``; ``askew bench planning`` measures the same over ten seeds.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from askew.applications import planning
from askew.networks import cvae
from askew.objectives import cubo, cubo_exponent, dual_prior_elbo, elbo, reconstruction_error, reparameterise

STATE, CODE = 4, 256  # position and velocity in the plane; the code's width
BETA, ALPHA = 0.02, 5.0


class ConditionalVAE(nn.Module):
    """Encoder and decoder that read the condition (grid, start and goal) beside the state or the code."""

    def __init__(self, n_condition: int) -> None:
        super().__init__()
        self.encoder, self.decoder = cvae(STATE, n_condition, code=CODE)

    def forward(self, x: Tensor, condition: Tensor, samples: int = 1) -> tuple[Tensor, ...]:
        """Return mean, log-variance, noise and codes of q(z|x, condition), and each code's L_R."""
        mu, log_var = self.encoder(torch.cat([x, condition], dim=-1)).chunk(2, dim=-1)
        log_var = log_var.clamp(-10, 10)
        noise = torch.randn(samples, *mu.shape)
        z = reparameterise(mu, log_var, noise)  # (samples, rows, code)
        decoded = self.decoder(torch.cat([z, condition.expand(samples, -1, -1)], dim=-1))
        return mu, log_var, noise, z, 0.5 * reconstruction_error(x, decoded, reduction="sum")


def normal_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return the usual negative ELBO of configurations on near-optimal paths."""
    mu, log_var, _, _, reconstruction = vae(x, condition)
    return elbo(reconstruction[0], mu, log_var, beta_kl=BETA).mean()


def dual_prior_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return DP-VAE's loss of negatives: they get a prior of their own."""
    mu, log_var, _, _, reconstruction = vae(x, condition)
    y = torch.full((len(x),), -1)
    return dual_prior_elbo(reconstruction[0], mu, log_var, y, alpha=ALPHA, beta_kl=BETA).mean()


def cubo_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return MML-VAE's loss of negatives: an upper bound on their likelihood, to be pushed down."""
    _, log_var, noise, z, reconstruction = vae(x, condition)
    exponent = cubo_exponent(reconstruction / BETA, log_var, noise, z, beta_cubo=BETA)
    return cubo(exponent, form="exp").mean()


def train(vae: ConditionalVAE, normal: tuple, negative: tuple, negative_loss=None, steps: int = 400) -> None:
    """Take a step on normal rows, then one on negatives; both are (states, conditions)."""
    optimiser = torch.optim.Adam(vae.parameters(), lr=1e-3)
    for _ in range(steps):
        batches = [(normal_loss, normal, 256)]
        if negative_loss is not None:
            batches.append((negative_loss, negative, 128))
        for loss, (x, condition), size in batches:
            rows = torch.randint(len(x), (size,))
            optimiser.zero_grad()
            loss(vae, x[rows], condition[rows]).backward()
            nn.utils.clip_grad_norm_(vae.parameters(), 5.0)
            optimiser.step()


@torch.no_grad()
def sample(vae: ConditionalVAE, conditions: Tensor, scale: tuple, i: int, n: int, rng) -> np.ndarray:
    """Return n configurations for problem i, (n, 4)."""
    mean, std = scale
    z = torch.from_numpy(rng.standard_normal((n, CODE), dtype=np.float32))
    return vae.decoder(torch.cat([z, conditions[i].expand(n, -1)], dim=1)).numpy() * std + mean


def tensors(problems: planning.Problems, scale: tuple, which: np.ndarray, states: np.ndarray) -> tuple:
    """Return standardised states, (rows, 4), and the conditions of the problems they belong to."""
    x = torch.tensor((states - scale[0]) / scale[1], dtype=torch.float32)
    return x, torch.tensor(problems.conditions()[which])


def main(n_train: int = 150, n_test: int = 20, steps: int = 400) -> dict[str, planning.Outcome]:
    """Train the three, and plan in worlds that none of them has seen."""
    problems = planning.make_problems(n_train + n_test, seed=0)
    seen, unseen = problems[:n_train].mirrored(), problems[n_train:]
    scale = seen.states.mean((0, 1)), seen.states.std((0, 1))
    on_paths = np.arange(len(seen)).repeat(seen.states.shape[1])
    normal = tensors(seen, scale, on_paths, seen.states.reshape(-1, STATE))
    which, states = planning.boundary_negatives(seen, 0.045, np.random.default_rng(0))
    negative = tensors(seen, scale, which, states)
    conditions = torch.tensor(unseen.conditions())
    draws = {"uniform": planning.uniform(seen)}
    for title, loss in (("CVAE", None), ("DP-CVAE", dual_prior_loss), ("MML-CVAE", cubo_loss)):
        torch.manual_seed(0)
        vae = ConditionalVAE(conditions.shape[1])
        train(vae, normal, negative, loss, steps)
        draws[title] = partial(sample, vae.eval(), conditions, scale)
    return {title: planning.evaluate(draw, unseen, (32, 128), seed=0) for title, draw in draws.items()}


if __name__ == "__main__":
    for title, outcome in main().items():
        solved = ", ".join(f"{share:.0%} with {n}" for n, share in outcome.success.items())
        print(f"{title:9} {outcome.collision:.0%} of the samples in collision; problems solved: {solved}")
