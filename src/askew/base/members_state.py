"""Trained members as values and arrays, for the file of a model."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch.overrides import TorchFunctionMode

from askew.training import Member, spared_generator
from askew.training.executors import MemberNetworks

_SPARE, _EACH = 1 << 24, 1 << 12
"""Numbers that networks may have beside those of the file, and what a tensor counts for whatever its size."""

State = tuple[dict[str, Any], dict[str, NDArray[Any]]]


def members_state(members: list[Member]) -> State:
    """Return the members as JSON-able values and arrays."""
    arrays = {}
    for i, member in enumerate(members):
        for name, network in member.networks.items():
            for key, tensor in network.state_dict().items():
                arrays[f"member.{i}.network.{name}.{key}"] = tensor.cpu().numpy()
        for key, tensor in member.constants.items():
            arrays[f"member.{i}.constant.{key}"] = tensor.cpu().numpy()
    return {"members": [{"seed": m.seed, "retried": m.retried, "losses": m.losses} for m in members]}, arrays


def restored_members(
    state: State, build: Callable[[], MemberNetworks], dtype: torch.dtype, device: str
) -> list[Member]:
    """Return the members that :func:`members_state` wrote, ready for scoring; `build` makes the networks of one."""
    values, arrays = state
    members = []
    if not values["members"]:
        raise ValueError("it has no member")
    for i, saved in enumerate(values["members"]):
        with spared_generator(), _NoLargerThan(arrays):
            networks = build()
        member = Member(0, saved["seed"], {name: network.to(device) for name, network in networks.items()})
        member.retried, member.losses = saved["retried"], saved["losses"]
        constants = _below(f"member.{i}.constant.", arrays)
        member.constants = {key: tensor.to(device) for key, tensor in constants.items()}
        freeze(member, dtype)
        for name, network in member.networks.items():
            network.load_state_dict(_below(f"member.{i}.network.{name}.", arrays))
        members.append(member)
    return members


class _NoLargerThan(TorchFunctionMode):
    """Refuses to make networks far larger than what the file holds, before any memory is taken for them.

    How large networks are is said by parameters in the file's header, whose writer need not have had them.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        super().__init__()
        self._left = _SPARE + 8 * sum(array.size + _EACH for array in arrays.values())

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        size = args[0] if args and isinstance(args[0], list | tuple) else args
        if func is not torch.tensor and size and all(isinstance(side, int) for side in size):
            self._left -= math.prod(size) + _EACH
            if self._left < 0:
                raise ValueError("its networks would be larger than the file")
        return func(*args, **(kwargs or {}))


def _below(prefix: str, arrays: dict[str, NDArray[Any]]) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): torch.from_numpy(v) for k, v in arrays.items() if k.startswith(prefix)}


def freeze(member: Member, dtype: torch.dtype) -> None:
    """Make a member ready for scoring in `dtype`: evaluation mode, no gradients."""
    for network in member.networks.values():
        network.to(dtype).eval().requires_grad_(False)
    member.constants = {key: tensor.to(dtype) for key, tensor in member.constants.items()}
