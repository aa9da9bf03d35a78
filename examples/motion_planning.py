"""A conditional VAE that proposes a robot's configurations, and what negatives on the walls do to it.

The losses are askew's, the training loop is this file's. The worlds, the planner and the network come from
``askew.applications`` and ``askew.networks``; ``askew bench planning`` measures the same over ten seeds.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from askew.applications import motion_planning
from askew.networks import cvae
from askew.objectives import cubo, cubo_exponent, dual_prior_elbo, elbo, reconstruction_error, reparameterise

STATE, CODE = 4, 256  # position and velocity in the plane; the code's width
BETA, ALPHA = 0.02, 1.0


class ConditionalVAE(nn.Module):
    """Encoder and decoder that read the condition (grid, start and goal) beside the state or the code.

    The encoder also sees which cell of the grid the position is in; without that it hardly learns the walls.
    """

    def __init__(self, scale: tuple, n_condition: int) -> None:
        super().__init__()
        self.mean, self.std = (torch.tensor(part, dtype=torch.float32) for part in scale)
        self.encoder, _ = cvae(STATE + 22, n_condition, code=CODE, dropout=0.0)
        _, self.decoder = cvae(STATE, n_condition, code=CODE, dropout=0.0)

    def forward(self, x: Tensor, condition: Tensor, noise: Tensor) -> tuple[Tensor, ...]:
        """Return mean, log-variance and codes of q(z|x, condition), and each code's L_R; x in the world's units."""
        cells = torch.from_numpy(motion_planning.soft_cells(x[:, :2].numpy()))
        x = (x - self.mean) / self.std
        mu, log_var = self.encoder(torch.cat([x, cells, condition], dim=-1)).chunk(2, dim=-1)
        log_var = log_var.clamp(-10, 10)
        z = reparameterise(mu, log_var, noise)  # (samples, rows, code)
        decoded = self.decoder(torch.cat([z, condition.expand(len(noise), -1, -1)], dim=-1))
        return mu, log_var, z, 0.5 * reconstruction_error(x, decoded, reduction="sum")

    def decode(self, z: Tensor, condition: Tensor) -> Tensor:
        """Return the states of codes, in the world's units."""
        return self.decoder(torch.cat([z, condition.expand(len(z), -1)], dim=-1)) * self.std + self.mean


def normal_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return the usual negative ELBO of configurations on near-optimal paths."""
    mu, log_var, _, reconstruction = vae(x, condition, torch.randn(1, len(x), CODE))
    return elbo(reconstruction[0], mu, log_var, beta_kl=BETA).mean()


def dual_prior_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return DP-VAE's loss of negatives: they get a prior of their own."""
    mu, log_var, _, reconstruction = vae(x, condition, torch.randn(1, len(x), CODE))
    y = torch.full((len(x),), -1)
    return dual_prior_elbo(reconstruction[0], mu, log_var, y, alpha=ALPHA, beta_kl=BETA).mean()


def cubo_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return MML-VAE's loss of negatives: an upper bound on their likelihood, to be pushed down."""
    noise = torch.randn(3, len(x), CODE)
    _, log_var, z, reconstruction = vae(x, condition, noise)
    exponent = cubo_exponent(reconstruction, log_var, noise, z, beta_cubo=BETA)
    return cubo(exponent, form="exp").mean()


def train(vae: ConditionalVAE, normal: tuple, negative: tuple, negative_loss=None, steps: int = 400) -> None:
    """Take a step on normal rows, then one of the encoder on negatives; both are (states, conditions)."""
    optimiser = torch.optim.Adam(vae.parameters(), lr=1e-3)
    for _ in range(steps):
        batches = [(normal_loss, normal, 128)]
        if negative_loss is not None:
            batches.append((negative_loss, negative, 64))
        for loss, (x, condition), size in batches:
            rows = torch.randint(len(x), (size,))
            optimiser.zero_grad()
            loss(vae, x[rows], condition[rows]).backward()
            if loss is not normal_loss:  # negatives leave the decoder alone
                vae.decoder.zero_grad()
            nn.utils.clip_grad_norm_(vae.parameters(), 5.0)
            optimiser.step()


@torch.no_grad()
def own_loss(vae: ConditionalVAE, x: Tensor, condition: Tensor) -> Tensor:
    """Return the normal loss of each row at its code's mean: what the VAE is a novelty detector by."""
    mu, log_var, _, reconstruction = vae(x, condition, torch.zeros(1, len(x), CODE))
    return elbo(reconstruction[0], mu, log_var, beta_kl=BETA)


@torch.no_grad()
def sample(vae: ConditionalVAE, limit: float, conditions: Tensor, i: int, n: int, rng) -> np.ndarray:
    """Return n configurations for problem i, (n, 4): of 4 n, those that the VAE itself finds normal come first."""
    drawn = vae.decode(torch.from_numpy(rng.standard_normal((4 * n, CODE), dtype=np.float32)), conditions[i])
    loss = own_loss(vae, drawn, conditions[i].expand(4 * n, -1))
    first = torch.argsort(torch.where(loss <= limit, 0.0, loss), stable=True)
    return drawn[first[:n]].numpy().astype(float)


def tensors(problems: motion_planning.Problems, which: np.ndarray, states: np.ndarray) -> tuple:
    """Return states, (rows, 4), and what is told of the problems they belong to, (rows, 169)."""
    return torch.tensor(states, dtype=torch.float32), told(problems)[which]


def told(problems: motion_planning.Problems) -> Tensor:
    """Return the grid, start and goal of each problem, and the cells of start and goal."""
    cells = motion_planning.soft_cells(problems.ends)
    return torch.from_numpy(np.concatenate([problems.conditions(), cells], axis=1))


def main(n_train: int = 150, n_test: int = 20, steps: int = 600) -> dict[str, motion_planning.Outcome]:
    """Train the three, and plan in worlds that none of them has seen."""
    problems = motion_planning.make_problems(n_train + n_test, seed=0)
    seen, unseen = problems[:n_train].mirrored(), problems[n_train:]
    scale = seen.states.mean((0, 1)), seen.states.std((0, 1))
    on_paths = np.arange(len(seen)).repeat(seen.states.shape[1])
    normal = tensors(seen, on_paths, seen.states.reshape(-1, STATE))
    negative = tensors(seen, *motion_planning.boundary_negatives(seen, 0.045, np.random.default_rng(0)))
    conditions = told(unseen)
    draws = {"uniform": motion_planning.uniform(seen)}
    for title, loss in (("CVAE", None), ("DP-CVAE", dual_prior_loss), ("MML-CVAE", cubo_loss)):
        torch.manual_seed(0)
        vae = ConditionalVAE(scale, conditions.shape[1])
        train(vae, normal, negative, loss, steps)
        limit = float(own_loss(vae, normal[0][:4000], normal[1][:4000]).quantile(0.9))
        draws[title] = partial(sample, vae, limit, conditions)
    return {title: motion_planning.evaluate(draw, unseen, (32, 128), seed=0) for title, draw in draws.items()}


if __name__ == "__main__":
    for title, outcome in main().items():
        solved = ", ".join(f"{share:.0%} with {n}" for n, share in outcome.success.items())
        print(f"{title:9} {outcome.collision:.0%} of the samples in collision; problems solved: {solved}")
