"""What the recipes of most methods are made of: autoencoders, networks that end in one number, and stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import Tensor, nn

from askew.errors import InvalidInputError, must
from askew.inputs.spec import RowSpec
from askew.networks.defaults import encoder_decoder
from askew.networks.user_networks import networks_from, trial_run
from askew.objectives import reconstruction_error
from askew.training import Batch, MemberNetworks, Networks, Settings, Stage, Step

RUFF_TRAINING = {"epochs": 150, "lr": 1e-4, "lr_milestones": (50,), "batch_size": 128, "weight_decay": 1e-6}
"""The settings of Ruff et al. (2020), section D; the batch size is that of their code."""

Forward = Callable[[Networks, Tensor], Tensor]


def autoencoder_networks(
    network: Any, owner: str, spec: RowSpec, code_size: int | None = None, **layers: Any
) -> MemberNetworks:
    """Return one member's encoder and decoder; `code_size` and `layers` are options of the default networks."""
    default = partial(encoder_decoder, spec, code_size=code_size, **layers)
    encoder, decoder = networks_from(network, owner, spec, default)
    decoded = trial_run(nn.Sequential(encoder, decoder), spec.n_features, owner, "an encoder and a decoder")
    if decoded != (2, spec.n_features):
        rule = f"an encoder and a decoder that give back ({spec.n_features},)"
        remedy = "Make the decoder's output as wide as the table."
        raise InvalidInputError(must("network", owner, rule, decoded, remedy))
    return {"encoder": encoder, "decoder": decoder}


def reconstruct(networks: Networks, x: Tensor) -> Tensor:
    """Return the decoded code of each row."""
    return networks["decoder"](networks["encoder"](x))


def reconstruction_loss(networks: Networks, batch: Batch) -> Tensor:
    """Return the batch's mean squared error."""
    return reconstruction_error(batch.x, reconstruct(networks, batch.x)).mean(-1)


def encode(networks: Networks, x: Tensor) -> Tensor:
    """Return the code of each row."""
    return networks["encoder"](x)


def decode(networks: Networks, codes: Tensor) -> Tensor:
    """Return what the decoder makes of codes."""
    return networks["decoder"](codes)


def value_of(networks: Networks, x: Tensor, body: str = "encoder", head: str = "head") -> Tensor:
    """Return the one number that `head` makes of each row's code by `body`, (..., rows)."""
    return networks[head](networks[body](x)).squeeze(-1)


def main_stage(
    settings: Settings, name: str, steps: Sequence[Step], forward: Forward, **options: Any
) -> Stage:
    """Return a stage of the settings' epochs and learning rates; `options` add fields of the stage or replace them."""
    fields = {"epochs": settings.epochs, "milestones": settings.lr_milestones} | options
    return Stage(name, tuple(steps), forward=forward, **(_optimiser(settings) | fields))


def pretraining_stage(
    settings: Settings, name: str, steps: Sequence[Step], forward: Forward, **options: Any
) -> Stage:
    """Return a stage of the settings' pre-training epochs with one learning rate."""
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
