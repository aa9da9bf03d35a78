"""Adam without the bookkeeping of ``torch.optim.Adam.step``, which costs small networks more than Adam itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from askew.training.state import State, put_back

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8
"""PyTorch's own, which are those of Kingma and Ba (2015), section 2."""


class Adam:
    """The state of torch's fused Adam for some tensors; every step may move some of them and leave the rest alone.

    The same numbers as one ``torch.optim.Adam(..., fused=True)`` per set of tensors that move together: a
    tensor that a step leaves alone keeps its moments and its count of steps. `betas` are the decay rates of the two
    moments of tensors that have others than 0.9 and 0.999, and `lr_factors` what every step's learning rate is
    multiplied by for tensors that have another.

    >>> weight = torch.ones(1, requires_grad=True)
    >>> optimiser = Adam([weight], weight_decay=0.0)
    >>> weight.square().sum().backward()
    >>> optimiser.step([weight], lr=0.1)
    >>> round(weight.item(), 4)
    0.9
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        weight_decay: float,
        betas: Mapping[Tensor, tuple[float, float]] | None = None,
        lr_factors: Mapping[Tensor, float] | None = None,
    ) -> None:
        self.weight_decay = weight_decay
        self.betas = betas or {}
        self.lr_factors = lr_factors or {}
        self.state = {p: (_zeros(p), _zeros(p), torch.zeros((), device=p.device)) for p in parameters}
        self._alike: dict[tuple[Tensor, ...], list[_Alike]] = {}

    def step(self, parameters: Sequence[Tensor], lr: float) -> None:
        """Move those of `parameters` that have a gradient, with the learning rate `lr`."""
        moved = tuple(p for p in parameters if p.grad is not None)
        if moved not in self._alike:
            self._alike[moved] = self._sorted(moved)
        with torch.no_grad():
            for alike in self._alike[moved]:
                gradients = [p.grad for p in alike.moved if p.grad is not None]
                fused_adam(
                    alike.moved,
                    gradients,
                    alike.first,
                    alike.second,
                    alike.steps,
                    lr=alike.factor * lr,
                    betas=alike.betas,
                    weight_decay=self.weight_decay,
                )

    def state_dict(self) -> State:
        """Return moments and counts of steps, in the order in which the tensors were given."""
        return {
            f"{number}.{name}": tensor
            for number, own in enumerate(self.state.values())
            for name, tensor in zip(("first", "second", "steps"), own, strict=True)
        }

    def load_state_dict(self, state: State) -> None:
        """Go on from where :meth:`state_dict` was."""
        put_back(self.state_dict(), state)

    def _sorted(self, moved: Sequence[Tensor]) -> list[_Alike]:
        """Return tensors with their state, those together that move alike."""
        alike: dict[tuple[tuple[float, float], float], list[Tensor]] = defaultdict(list)
        for p in moved:
            alike[self.betas.get(p, _BETAS), self.lr_factors.get(p, 1.0)].append(p)
        return [
            _Alike(betas, factor, own, *map(list, zip(*(self.state[p] for p in own), strict=True)))
            for (betas, factor), own in alike.items()
        ]


class _Alike(NamedTuple):
    """Tensors that move with the same options, their moments and their counts of steps."""

    betas: tuple[float, float]
    factor: float
    moved: list[Tensor]
    first: list[Tensor]
    second: list[Tensor]
    steps: list[Tensor]


@torch.no_grad()
def fused_adam(
    moved: list[Tensor],
    gradients: list[Tensor],
    first: list[Tensor],
    second: list[Tensor],
    steps: list[Tensor],
    *,
    lr: float,
    betas: tuple[float, float] = _BETAS,
    weight_decay: float = 0.0,
) -> None:
    """Move tensors by one step of torch's fused Adam, in place.

    `moved` and `gradients` are laid out in memory alike, which torch does not check. The two moments, `first` and
    `second`, have the shapes of `moved`, the numbers of `steps` shape (); they move too. Options are those of
    ``torch.optim.Adam``.

    >>> at, state = torch.ones(2), [torch.zeros(2), torch.zeros(2), torch.zeros(())]
    >>> fused_adam([at], [torch.tensor([0.5, -3.0])], *([part] for part in state), lr=0.1)
    >>> at
    tensor([0.9000, 1.1000])
    """
    # what torch.optim.Adam ends in, whose checks on the way take longer
    torch._foreach_add_(steps, 1)
    torch._fused_adam_(
        moved,
        gradients,
        first,
        second,
        [],
        steps,
        lr=lr,
        beta1=betas[0],
        beta2=betas[1],
        weight_decay=weight_decay,
        eps=_EPSILON,
        amsgrad=False,
        maximize=False,
    )


def _zeros(p: Tensor) -> Tensor:
    """Return a moment before the first step, laid out in memory as `p` is."""
    return torch.zeros_like(p, memory_format=torch.preserve_format)
