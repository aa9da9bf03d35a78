"""AMA's training as losses of one batch: what the critic sees, and what it and the two others learn from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from askew import objectives
from askew.families.adversarial import Critic, critic_value
from askew.objectives import pairs
from askew.objectives.latent_points import Side
from askew.training import Batch, Networks

NEGATIVE_SHARE = 0.1  # negatives per normal row of a batch, rounded up: the public code's


@dataclass(frozen=True)
class Recipe:
    """All that AMA's losses depend on beside networks and batch."""

    lambda_inter: float
    lambda_neg: float
    lambda_reg: float
    delta: float
    negatives: str | None  # "atypical_inward", "atypical_outward" or "uniform"; None: known anomalies alone
    negatives_from: int  # first epoch with synthetic negatives
    interpolation: str | None
    points: int  # rows that a simplex interpolation lies between
    penalty: float
    channels: int
    as_reference: bool  # whether to do as the public code does, not as the paper says
    margin: float | None  # up to which difference all tell negatives apart; None: the paper's game
    code: int  # width of the code
    company: bool  # whether codes need normal ones beside them: BatchNorm would make atypical ones typical
    centred: Callable[[Tensor], Tensor]  # turns prepared rows into what the networks see

    @property
    def noise(self) -> tuple[int, int]:
        """How many random numbers a row needs, as a step asks for them."""
        return 1, self.code + 3 + 2 * (self.points - 1)

    def critic_step(self, networks: Networks, batch: Batch) -> Tensor:
        """Return the critic's loss; its body and head are to move."""
        with torch.no_grad():
            mirror = self._mirror(networks, batch, interpolate=True)
        n, rows, x, x_hat = mirror.n, mirror.rows, mirror.x, mirror.x_hat
        between = [pairs(other, mirror.between) for other in mirror.ends]
        values, penalty = self._judged(
            networks, mirror, torch.cat([pairs(x, x), pairs(x, x_hat), *between], dim=-2)
        )
        same, mirrored = values[..., : mirror.all], values[..., mirror.all : 2 * mirror.all]
        inter = self._interpolated(mirror, mirrored, values[..., 2 * mirror.all :])
        negative, weight, share = rows > n, *self._weights(n, rows - n)
        papers = negative and self.margin is None
        loss = share * objectives.critic_loss(
            same[..., :n],
            mirrored[..., :n],
            interpolated=inter,
            interpolated_same=same[..., rows:] if self.interpolation == "mixup" else None,
            negative_same=same[..., n:rows] if papers else None,
            negative_mirrored=mirrored[..., n:rows] if papers else None,
            lambda_inter=self.lambda_inter / share,  # the public code's one mean is not over interpolations
            lambda_neg=weight,
        )
        if negative and self.margin is not None:
            loss = loss - weight * objectives.contrast(same[..., n:rows], mirrored[..., n:rows], self.margin)
        return loss if penalty is None else loss + self.penalty * penalty.mean(-1)

    def _judged(self, networks: Networks, mirror: _Mirror, seen: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the critic's values of pairs, and its gradient penalty between rows and reconstructions if any."""
        if not self.penalty:
            return critic_value(networks, seen), None
        x, x_hat = mirror.x[..., : mirror.rows, :], mirror.x_hat[..., : mirror.rows, :]
        points = pairs(x, torch.lerp(x, x_hat, mirror.on_the_way.unsqueeze(-1)))
        values, gradient = objectives.values_and_gradients(Critic(networks), seen, points)
        return values, objectives.slope_penalty(
            gradient, channels=self.channels if self.as_reference else None
        )

    def generator_step(self, networks: Networks, batch: Batch) -> Tensor:
        """Return the loss of encoder and generator, which are to move."""
        # the public code keeps the gradient of interpolations from encoder and generator
        mirror = self._mirror(networks, batch, interpolate=not self.as_reference)
        n, rows = mirror.n, mirror.rows
        between = [pairs(other, mirror.between) for other in mirror.ends]
        values = critic_value(networks, torch.cat([pairs(mirror.x, mirror.x_hat), *between], dim=-2))
        mirrored, weight, share = values[..., : mirror.all], *self._weights(n, rows - n)
        loss = share * objectives.generator_loss(
            mirrored[..., :n],
            interpolated=self._interpolated(mirror, mirrored, values[..., mirror.all :]),
            negative_mirrored=mirrored[..., n:rows] if rows > n and self.margin is None else None,
            lambda_inter=self.lambda_inter,
            lambda_neg=weight,
        )
        if rows > n and self.margin is not None:
            own = mirror.x[..., n:rows, :]
            with torch.no_grad():
                same = critic_value(networks, pairs(own, own))
            loss = loss - weight * objectives.contrast(same, mirrored[..., n:rows], self.margin)
        radius = 0.0 if self.as_reference else math.sqrt(self.code)
        return loss + self.lambda_reg * objectives.code_norm(mirror.codes[..., :n, :], radius).mean(-1)

    def _weights(self, normal: int, negative: int) -> tuple[float, float]:
        """Return the weights of negatives and of all: the paper has two expectations, the public code one mean."""
        if not self.as_reference:
            return self.lambda_neg, 1.0
        return self.lambda_neg * negative / normal, normal / (normal + negative)

    def _interpolated(self, mirror: _Mirror, mirrored: Tensor, between: Tensor) -> Tensor | None:
        """Return the critic's values of interpolations: MixUp's are rows of their own, others come last."""
        if mirror.all > mirror.rows:
            return mirrored[..., mirror.rows :]
        return between.reshape(*between.shape[:-1], len(mirror.ends), -1) if mirror.ends else None

    def _mirror(self, networks: Networks, batch: Batch, *, interpolate: bool) -> _Mirror:
        """Return the batch, with negatives and mixtures behind it, and what the networks make of it."""
        centred, draws = self.centred(batch.x), _Draws(batch.row_noise, self.code, self.points)
        n = centred.shape[-2] - batch.beside
        normal = centred[..., :n, :]
        parts = [centred] if self.lambda_neg else [normal]
        if (k := self._synthetic(n, batch)) > 0:
            parts.append(self._negatives(networks, normal, draws, k))
        rows = sum(part.shape[-2] for part in parts)
        inside = interpolate and self.lambda_inter > 0
        if inside and self.interpolation == "mixup":
            other = objectives.shuffled(normal, draws.keys(n, 0))
            parts.append(objectives.mix_up(normal, other, draws.weights(n)[..., 0]))
        x = torch.cat(parts, dim=-2)
        codes, ends = networks["encoder"](x), []
        to_decode = codes
        if inside and self.interpolation == "simplex":
            orders = [draws.keys(n, j) for j in range(self.points - 1)]
            corners = [codes[..., :n, :], *(objectives.shuffled(codes[..., :n, :], keys) for keys in orders)]
            weights = objectives.simplex_weights(draws.weights(n))
            inner = objectives.simplex(torch.stack(corners, dim=-3), weights)
            to_decode = torch.cat([codes, inner], dim=-2)
            # the paper pairs an interpolation with x, the public code with each of the rows it lies between
            ends = [normal, *(objectives.shuffled(normal, keys) for keys in orders if self.as_reference)]
        decoded = networks["decoder"](to_decode)
        x_hat, between = decoded[..., : x.shape[-2], :], decoded[..., x.shape[-2] :, :]
        return _Mirror(x, x_hat, codes, n, rows, between, ends, draws.on_the_way(n, rows - n))

    def _synthetic(self, n: int, batch: Batch) -> int:
        """Return how many synthetic negatives join: as many as known anomalies leave room for."""
        if self.negatives is None or not self.lambda_neg or batch.epoch < self.negatives_from:
            return 0
        return max(0, math.ceil(NEGATIVE_SHARE * n) - batch.beside)

    @torch.no_grad()
    def _negatives(self, networks: Networks, normal: Tensor, draws: _Draws, k: int) -> Tensor:
        """Return k rows decoded from codes that no normal row should have; constants to all networks."""
        own: Tensor | None = None
        if self.company or self.as_reference:
            own = networks["encoder"](normal)
        if self.negatives == "uniform":
            uniform = draws.uniform(draws.directions(k))
            if self.as_reference and own is not None:
                codes = uniform * own.abs().amin((-2, -1), keepdim=True)
            else:
                codes = objectives.uniform_codes(uniform)
        else:
            side: Side = "inward" if self.negatives == "atypical_inward" else "outward"
            if self.as_reference and own is not None:
                codes = objectives.scaled_codes(own[..., :k, :], draws.radius(k), side=side)
            else:
                drawn = draws.directions(k), draws.radius(k)
                codes = objectives.atypical_codes(*drawn, delta=self.delta, side=side)
        if self.company and own is not None:
            return networks["decoder"](torch.cat([own, codes], dim=-2))[..., -k:, :]
        return networks["decoder"](codes)


@dataclass(frozen=True)
class _Mirror:
    """Rows, their reconstructions and what lies between them."""

    x: Tensor  # (..., all, features): normal rows, negatives, mixtures
    x_hat: Tensor
    codes: Tensor
    n: int  # normal rows, the first ones
    rows: int  # normal rows and negatives
    between: Tensor  # (..., normal, features): decoded simplex interpolations, or none
    ends: list[Tensor]  # rows that the critic sees beside each of those, (..., normal, features)
    on_the_way: Tensor  # (..., rows): where between (x, x), 0, and (x, x̂), 1, the penalty is on the slope

    @property
    def all(self) -> int:
        return self.x.shape[-2]


@dataclass(frozen=True)
class _Draws:
    """A batch's random numbers, a column or some for each use."""

    noise: Tensor  # (..., rows, columns) standard normal
    code: int
    points: int

    @staticmethod
    def uniform(normal: Tensor) -> Tensor:
        """Return standard normal numbers as uniform ones from 0 to 1."""
        uniform: Tensor = torch.special.ndtr(normal)
        return uniform

    def directions(self, k: int) -> Tensor:
        return self.noise[..., :k, : self.code]

    def radius(self, k: int) -> Tensor:
        return self.uniform(self.noise[..., :k, self.code])

    def on_the_way(self, n: int, k: int) -> Tensor:
        normal, negative = self.noise[..., :n, self.code + 1], self.noise[..., :k, self.code + 2]
        return self.uniform(torch.cat([normal, negative], dim=-1))

    def weights(self, n: int) -> Tensor:
        first = self.code + 3
        return self.uniform(self.noise[..., :n, first : first + self.points - 1])

    def keys(self, n: int, which: int) -> Tensor:
        return self.noise[..., :n, self.code + 2 + self.points + which]
