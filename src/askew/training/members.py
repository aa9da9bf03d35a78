"""What is trained: data sets, and members that point at them with a seed of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from askew.training.executors import MemberNetworks
from askew.training.population_statistics import as_it_is


@dataclass(frozen=True)
class Data:
    """Data sets of equal shape. Members point at one of them."""

    x: Tensor
    """(sets, rows, *features): float32, or what `prepare` turns into float32"""
    y: Tensor
    """(sets, rows) int8: +1, 0, -1; every set has the same number of anomalies"""
    prepare: Callable[[Tensor], Tensor] = as_it_is
    """Called on the rows of every batch: bytes of images stay bytes until then."""
    held_out: Tensor | None = None
    """(sets, rows) bool: rows that no step sees, only the criterion by which an epoch is chosen"""

    def rows(self, which: str, sets: Sequence[int]) -> Tensor:
        """Return the flat numbers of the rows that `which` names, (members, pool), one line per entry of `sets`."""
        chosen = {"all": self.y == self.y, "normal": self.y >= 0, "anomaly": self.y < 0}[which]
        if self.held_out is not None:
            chosen = chosen & ~self.held_out
        n = self.x.shape[1]
        return torch.stack([chosen[s].nonzero().squeeze(1) + s * n for s in sets])


@dataclass
class Member:
    """A (data, seed) pair and, after training, its networks."""

    data_set: int
    seed: int
    networks: MemberNetworks = field(default_factory=dict)
    constants: dict[str, Tensor] = field(default_factory=dict)
    """What the last stage computed before it began, each (1, width)."""
    losses: dict[str, list[float]] = field(default_factory=dict)
    """Mean loss of each epoch by "stage/step"."""
    failure: str | None = None
    """Why this member failed, in plain words; None if it did not."""
    retried: str | None = None
    """Why its first attempt failed, if it is a second attempt."""
    start: Member | None = None
    """A trained member, whose weights this one begins with; None begins with random ones, by its seed."""
    done: bool = False
    """Whether all stages of its present attempt are over."""

    def stream(self, purpose: int) -> int:
        """Return the seed of one of this member's independent random streams."""
        words = np.random.SeedSequence([self.seed, purpose]).generate_state(1, np.uint64)
        return int(words[0] >> np.uint64(1))
