"""Stages as most methods have them: their epochs and their optimiser are those of the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from askew.training import Networks, Settings, Stage, Step

Forward = Callable[[Networks, Tensor], Tensor]


def main_stage(
    settings: Settings, name: str, steps: Sequence[Step], forward: Forward, **options: Any
) -> Stage:
    """Return the stage that takes the method's epochs; `options` are more fields of the stage, or other values."""
    fields = {"epochs": settings.epochs, "milestones": settings.lr_milestones} | options
    return Stage(name, tuple(steps), forward=forward, **(_optimiser(settings) | fields))


def pretraining_stage(
    settings: Settings, name: str, steps: Sequence[Step], forward: Forward, **options: Any
) -> Stage:
    """Return a stage of the settings' pre-training epochs, in which the learning rate stays."""
    fields = {"epochs": settings.pretrain_epochs} | options
    return Stage(name, tuple(steps), forward=forward, **(_optimiser(settings) | fields))


def closing_stage(settings: Settings, forward: Forward, constants: Any) -> Stage:
    """Return a stage without steps, which computes constants of the trained networks."""
    return Stage("final", (), epochs=0, forward=forward, lr=settings.lr, constants=constants)


def _optimiser(settings: Settings) -> dict[str, Any]:
    return {
        "lr": settings.lr,
        "gamma": settings.lr_gamma,
        "weight_decay": settings.weight_decay,
        "clip": settings.clip_grad_norm,
    }


def same_betas(steps: Sequence[Step], betas: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """Return Adam's decay rates for every network that one of the steps moves."""
    return dict.fromkeys((network for step in steps for network in step.moves), betas)
