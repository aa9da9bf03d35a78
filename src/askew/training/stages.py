"""What a method's training is made of: stages of steps, as data. The engine runs them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from torch import Tensor

Networks = Mapping[str, Callable[..., Tensor]]
"""A member's networks by name; in a stack, those of all members at once."""

Rows = Literal["all", "normal", "anomaly"]
"""Which training rows a step draws: all of them, those without the label -1, or those with it."""


@dataclass(frozen=True)
class Batch:
    """What a loss sees. The leading ``...`` is empty for one member and ``(members,)`` in a stack."""

    x: Tensor
    """(..., rows, *features)"""
    y: Tensor
    """(..., rows): +1, 0 or -1"""
    noise: Tensor | None
    """(..., samples, rows, code) standard normal numbers of this member, if the step asked for them"""
    constants: Mapping[str, Tensor]
    """(..., 1, width): what the stage computed before it began, such as a centre"""
    epoch: int
    """Epochs of this stage already done"""
    beside: int = 0
    """How many of the rows, the last ones, are those that the step asked to have beside its own"""
    scheduled: float | Tensor = 1.0
    """What the step's schedule gives for this epoch"""

    @property
    def samples(self) -> Tensor:
        """The noise that the step asked for, (..., samples, rows, code)."""
        if self.noise is None:
            raise RuntimeError("a step whose loss reads the noise must ask for it")
        return self.noise

    @property
    def row_noise(self) -> Tensor:
        """The noise of a step that asked for one sample per row, (..., rows, code)."""
        return self.samples.squeeze(-3)


Loss = Callable[[Networks, Batch], Tensor]
"""Returns the batch's loss of each member: shape (...).

It depends on its arguments alone. It may be called once for many batches: what it does with their numbers is recorded
and done again (:mod:`askew.training.recording`). A loss that reads :attr:`Batch.epoch` is called for each.
"""


Criterion = Callable[[Networks, Tensor, Tensor, Tensor], float]
"""Called with (networks in evaluation mode, normal training rows, held-out rows, their labels)."""


@dataclass(frozen=True)
class Step:
    """One kind of update: which rows it draws, its loss, and which networks' parameters move."""

    name: str
    loss: Loss
    moves: tuple[str, ...]
    rows: Rows
    every: int = 1
    """Runs after every N-th main step."""
    start: int = 0
    """First epoch of the stage in which it runs."""
    noise: tuple[int, int] | None = None
    """(samples, code) of the standard normal numbers it needs per row."""
    repeats: int = 1
    """Updates in a row on the same rows, each with noise of its own."""
    follows: bool = False
    """Whether it takes the main step's batch instead of drawing its own."""
    beside: tuple[Rows, float] | None = None
    """(which, share): rows of another kind at the end of every batch of the main step, so many per row of a
    full batch, rounded up; fewer if there are fewer."""
    schedule: Callable[[int], float] | None = None
    """A number for each epoch, such as the weight of a term: the batch's ``scheduled``."""

    def scheduled(self, epoch: int) -> float:
        """Return what the schedule gives for an epoch; 1 without one."""
        return 1.0 if self.schedule is None else float(self.schedule(epoch))


@dataclass(frozen=True)
class Stage:
    """Epochs over the first step's rows; the other steps run in between."""

    name: str
    steps: tuple[Step, ...]
    epochs: int
    forward: Callable[[Networks, Tensor], Tensor]
    """Runs the networks on rows as scoring does; sets BatchNorm's population statistics after the stage."""
    lr: float
    begins: int = 0
    """First epoch that is run: a training that goes on from trained networks runs the last ones."""
    weight_decay: float = 0.0
    milestones: tuple[int, ...] = ()
    """Epochs after which the learning rate is multiplied by `gamma`."""
    gamma: float = 0.1
    clip: float | None = None
    """Largest norm of one member's gradient."""
    constants: Callable[[Networks, Tensor, Tensor], Mapping[str, Tensor]] | None = field(default=None)
    """Called once per member before the stage with (networks, x, y) in evaluation mode."""
    fixed: bool = False
    """Whether a training that goes on from a trained member keeps its constants, instead of computing them anew."""
    betas: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Adam's decay rates of the networks that have others than 0.9 and 0.999."""
    lr_factors: Mapping[str, float] = field(default_factory=dict)
    """What the learning rate is multiplied by for the networks that have another."""
    criterion: Criterion | None = None
    """Higher is better: the epoch's weights with the highest value on held-out rows are kept, not the last ones."""
    judged_from: int = 0
    """First epoch that may be kept by the criterion."""
    averaged: float | None = None
    """Decay of the moving average of the moved weights, taken after every batch of the main step: what the stage
    ends with, and what the criterion judges, in place of the weights themselves."""

    def lr_at(self, epoch: int) -> float:
        """Return the learning rate of one epoch: the epochs that are run have all of its course, if they are few."""
        passed = (epoch - self.begins) * self.epochs / max(self.epochs - self.begins, 1)
        return float(self.lr * self.gamma ** sum(passed >= milestone for milestone in self.milestones))

    def last(self, share: float) -> Stage:
        """Return the stage with its last epochs alone, the `share` of them, rounded up.

        >>> Stage("fit", (), 25, lambda networks, x: x, 1e-3).last(0.1).begins
        22
        """
        return replace(self, begins=self.epochs - math.ceil(share * self.epochs))


def linear_warmup(epoch: int, epochs: int) -> float:
    """Return the weight of KL annealing: 0 in the first epoch, then linearly up to 1 after `epochs`.

    >>> [linear_warmup(epoch, 20) for epoch in (0, 10, 30)]
    [0.0, 0.5, 1.0]
    """
    return 1.0 if epochs <= 0 else min(1.0, epoch / epochs)


def mean_where(values: Tensor, chosen: Tensor) -> Tensor:
    """Return the mean over the rows that `chosen` picks, ``(..., rows) -> (...)``; 0 where it picks none."""
    weight = chosen.to(values.dtype)
    return (values * weight).sum(-1) / weight.sum(-1).clamp(min=1)
