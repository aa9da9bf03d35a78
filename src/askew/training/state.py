"""The changing state of what trains, as tensors by name: enough to go on in another process, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from askew.errors import InvalidInputError, must

State = dict[str, Tensor]
"""Tensors by name; what a ``state_dict()`` returns may be live, so it is to be written before training goes on."""


def nested(prefix: str, state: Mapping[str, Tensor]) -> State:
    """Return the state of a part as a piece of its whole's."""
    return {f"{prefix}.{key}": tensor for key, tensor in state.items()}


def part_of(prefix: str, state: Mapping[str, Tensor]) -> State:
    """Return the state of the part that :func:`nested` put into its whole's."""
    lead = f"{prefix}."
    return {key.removeprefix(lead): tensor for key, tensor in state.items() if key.startswith(lead)}


@torch.no_grad()
def put_back(live: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Write the numbers of `state` into the `live` tensors, which stay where they are in memory.

    If names or shapes differ, the networks are others than those that the state is of: that raises InvalidInputError.
    """
    for name in sorted({*live, *state}):
        here, there = live.get(name), state.get(name)
        if here is None or there is None or here.shape != there.shape:
            ours, theirs = (None if one is None else tuple(one.shape) for one in (here, there))
            remedy = "Give the network that the fit was begun with, or delete the file to begin anew."
            rule = f"of the same networks, whose {name} has shape {ours}"
            raise InvalidInputError(must("checkpoint", "Training", rule, theirs, remedy))
        here.copy_(there)


def generator_states(generators: list[torch.Generator]) -> Tensor:
    """Return the states of random generators, (generators, bytes) uint8."""
    return torch.stack([generator.get_state() for generator in generators])


def set_generators(generators: list[torch.Generator], states: Tensor) -> None:
    """Take back what :func:`generator_states` returned."""
    for generator, state in zip(generators, states, strict=True):
        generator.set_state(state.clone())  # of a view into a larger tensor it takes the wrong bytes


def global_state(device: torch.device) -> State:
    """Return the state of torch's global generator of the CPU, and of `device` if it is a GPU."""
    state = {"cpu": torch.get_rng_state()}
    return state | {"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else state


def set_global_state(state: Mapping[str, Tensor]) -> None:
    """Take back what :func:`global_state` returned, inside of what puts the generator back afterwards."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"])
