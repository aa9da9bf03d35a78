"""How members' losses are computed: one plainly, several natively stacked, or several through vmap."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from askew.networks.stacked import StackedNetwork, stack
from askew.training.precision import LoweredNetwork
from askew.training.stages import Batch, Loss
from askew.training.state import State, nested, put_back

MemberNetworks = dict[str, nn.Module]
"""One member's own networks by name."""


def lowered(network: Callable[..., Tensor], dtype: torch.dtype | None) -> Callable[..., Tensor]:
    """Return `network` computing in `dtype` with float32 outputs, or itself if that is None."""
    return network if dtype is None else LoweredNetwork(network, dtype)


class Executor(ABC):
    """Members that train together. Batches and losses have a leading member axis."""

    n_members: int

    @abstractmethod
    def losses(self, loss: Loss, batch: Batch) -> Tensor:
        """Return each member's loss, (members,)."""

    @abstractmethod
    def parameters(self, network: str) -> list[Tensor]:
        """Return the network's trainable tensors, with a leading member axis unless there is one plain member."""

    def moved(self, network: str) -> list[Tensor]:
        """Return what an optimiser moves of the network, with gradients: :meth:`parameters`, or all in one piece."""
        return self.parameters(network)

    def forget(self, parameters: Sequence[Tensor]) -> None:
        """Remove the gradients of the step before, over `parameters` at least."""
        for p in parameters:
            p.grad = None

    @abstractmethod
    def unstack(self) -> list[MemberNetworks]:
        """Return every member's own networks with its weights as they are now."""

    @abstractmethod
    def state_dict(self) -> State:
        """Return all weights and buffers as they are trained, live."""

    def load_state_dict(self, state: State) -> None:
        """Take back what :meth:`state_dict` was."""
        put_back(self.state_dict(), state)

    def gradient_norms(self, gradients: Sequence[Tensor]) -> Tensor:
        """Return the norm of each member's `gradients`, (members,)."""
        norms = [torch.linalg.vector_norm(g.reshape(self.n_members, -1), dim=1) for g in gradients]
        whole: Tensor = torch.linalg.vector_norm(torch.stack(norms), dim=0)
        return whole

    def clip(self, gradients: Sequence[Tensor], largest: float) -> None:
        """Scale each member's `gradients` so that their norm is at most `largest`."""
        factor = (largest / (self.gradient_norms(gradients) + 1e-6)).clamp(max=1.0)
        for g in gradients:  # no reshape of the gradient: it may be a copy, which nobody would read
            g.mul_(factor.reshape(-1, *[1] * (g.dim() - 1)) if g.dim() else factor[0])


class Plain(Executor):
    """One member, its modules called as they are: the path without any overhead."""

    n_members = 1

    def __init__(self, networks: MemberNetworks, dtype: torch.dtype | None = None) -> None:
        self.networks = networks
        self.called: dict[str, Callable[..., Tensor]] = {
            name: lowered(network, dtype) for name, network in networks.items()
        }

    def losses(self, loss: Loss, batch: Batch) -> Tensor:
        """Return the one member's loss, (1,)."""
        one = Batch(
            batch.x[0],
            batch.y[0],
            None if batch.noise is None else batch.noise[0],
            {name: value[0] for name, value in batch.constants.items()},
            batch.epoch,
            batch.beside,
            batch.scheduled,
        )
        return loss(self.called, one).reshape(1)

    def parameters(self, network: str) -> list[Tensor]:
        """Return the network's parameters."""
        return [p for p in self.networks[network].parameters() if p.requires_grad]

    def unstack(self) -> list[MemberNetworks]:
        """Return the one member's networks."""
        return [self.networks]

    def state_dict(self) -> State:
        """Return all weights and buffers, live."""
        return _tensors(self.networks)


class Stacked(Executor):
    """Members whose networks have a native stacked form; each network's weights and gradients lie in one piece."""

    def __init__(self, members: list[MemberNetworks], stacks: dict[str, StackedNetwork]) -> None:
        self.n_members = len(members)
        self.members = members
        self.stacks = stacks
        self.pieces = {name: _in_one_piece(self.parameters(name)) for name in stacks}

    def losses(self, loss: Loss, batch: Batch) -> Tensor:
        """Return each member's loss, (members,)."""
        return loss(self.stacks, batch)

    def parameters(self, network: str) -> list[Tensor]:
        """Return the stacked network's parameters, each (members, ...)."""
        return [p for p in self.stacks[network].parameters() if p.requires_grad]

    def moved(self, network: str) -> list[Tensor]:
        """Return the network's trainable numbers in one piece, (numbers,)."""
        return [self.pieces[network]]

    def gradients(
        self, loss: Loss, batch: Batch, parameters: Sequence[Tensor], largest: float | None
    ) -> list[Tensor]:
        """Return each member's loss, (members,), and the gradients over `parameters`, clipped at `largest` if given."""
        losses = self.losses(loss, batch)
        gradients = list(torch.autograd.grad(losses.sum(), parameters))
        if largest:
            self.clip(gradients, largest)
        return [losses, *gradients]

    def forget(self, parameters: Sequence[Tensor]) -> None:
        """Set the gradients of the step before to zero."""
        for piece in self.pieces.values():
            if piece.grad is not None:
                piece.grad.zero_()

    def unstack(self) -> list[MemberNetworks]:
        """Write the stack's weights back into the members' own networks and return them."""
        for i, networks in enumerate(self.members):
            for name, network in networks.items():
                self.stacks[name].unstack(i, network)
        return self.members

    def state_dict(self) -> State:
        """Return the stacks' weights, live."""
        return _tensors(self.stacks)


@torch.no_grad()
def _in_one_piece(parameters: Sequence[Tensor]) -> Tensor:
    """Move the parameters and gradients of zeros into one vector and its gradient, and return it."""
    whole = torch.cat([p.reshape(-1) for p in parameters]) if parameters else torch.empty(0)
    whole.grad = torch.zeros_like(whole)
    sizes = [p.numel() for p in parameters]
    for p, part, slope in zip(
        parameters, torch.split(whole, sizes), torch.split(whole.grad, sizes), strict=True
    ):
        p.data, p.grad = part.view_as(p), slope.view_as(p)
    return whole


def _tensors(networks: Mapping[str, nn.Module]) -> State:
    """Return all weights and buffers of the networks, also those that are in no state_dict."""
    return {
        key: tensor
        for name, network in networks.items()
        for key, tensor in nested(name, dict([*network.named_parameters(), *network.named_buffers()])).items()
    }


def _call(module: nn.Module, state: tuple[dict[str, Tensor], dict[str, Tensor]], *inputs: Tensor) -> Tensor:
    result: Tensor = functional_call(module, state, inputs)
    return result


class Vmapped(Executor):
    """Members of any network that ``torch.func.vmap`` can take."""

    def __init__(self, members: list[MemberNetworks], dtype: torch.dtype | None = None) -> None:
        self.n_members = len(members)
        self.members = members
        self.dtype = dtype
        self.base = {name: copy.deepcopy(network).to("meta") for name, network in members[0].items()}
        self.params: dict[str, dict[str, Tensor]] = {}
        self.buffers: dict[str, dict[str, Tensor]] = {}
        for name in self.base:
            params, self.buffers[name] = stack_module_state([m[name] for m in members])
            self.params[name] = {k: p.detach().requires_grad_(p.requires_grad) for k, p in params.items()}

    def losses(self, loss: Loss, batch: Batch) -> Tensor:
        """Return each member's loss, (members,)."""

        def one(
            params: Mapping[str, dict[str, Tensor]],
            buffers: Mapping[str, dict[str, Tensor]],
            x: Tensor,
            y: Tensor,
            noise: Tensor | None,
            constants: Mapping[str, Tensor],
        ) -> Tensor:
            networks: dict[str, Callable[..., Tensor]] = {
                name: lowered(partial(_call, module, (params[name], buffers[name])), self.dtype)
                for name, module in self.base.items()
            }
            return loss(networks, Batch(x, y, noise, constants, batch.epoch, batch.beside, batch.scheduled))

        in_dims = (0, 0, 0, 0, None if batch.noise is None else 0, 0)
        run = vmap(one, in_dims=in_dims, randomness="error")
        result: Tensor = run(self.params, self.buffers, batch.x, batch.y, batch.noise, dict(batch.constants))
        return result

    def parameters(self, network: str) -> list[Tensor]:
        """Return the stacked parameters, each (members, ...)."""
        return [p for p in self.params[network].values() if p.requires_grad]

    @torch.no_grad()
    def unstack(self) -> list[MemberNetworks]:
        """Write the stacked parameters back into the members' own networks and return them."""
        for i, networks in enumerate(self.members):
            for name, network in networks.items():
                for key, parameter in network.named_parameters():
                    parameter.copy_(self.params[name][key][i])
        return self.members

    def state_dict(self) -> State:
        """Return the stacked weights and buffers, live."""
        return {
            key: tensor
            for name in self.base
            for key, tensor in nested(name, self.params[name] | self.buffers[name]).items()
        }


def together(
    members: list[MemberNetworks], try_out: Callable[[Executor], Tensor], dtype: torch.dtype | None = None
) -> Executor | None:
    """Return an executor that trains `members` in one go, or None if they must train one by one.

    `try_out` runs one small step on the executor and returns the losses; whatever it raises means that vmap cannot
    take the networks (data-dependent control flow, own randomness such as dropout, in-place tricks), or that the loss
    of one member takes no leading axis. Networks compute in `dtype`.
    """
    stacks = {name: stack([m[name] for m in members]) for name in members[0]}
    if dtype is None and all(s is not None for s in stacks.values()):
        stacked = Stacked(members, {name: s for name, s in stacks.items() if s is not None})
        if len(members) > 1 or _as_plain(stacked, try_out):
            return stacked
    if len(members) == 1:
        return Plain(members[0], dtype)
    try:
        executor = Vmapped(members, dtype)
        try_out(executor)
    except Exception:
        return None  # one by one tells the user what is wrong, if anything is, without vmap in the traceback
    return executor


def _as_plain(stacked: Stacked, try_out: Callable[[Executor], Tensor]) -> bool:
    """Whether a stack of one member has the losses of the member."""
    try:
        with torch.no_grad():
            losses = try_out(stacked), try_out(Plain(stacked.members[0]))
    except Exception:
        return False
    return losses[0].shape == losses[1].shape and torch.allclose(*losses, rtol=1e-3, equal_nan=True)
