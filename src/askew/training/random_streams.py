"""Which rows and which noise each member sees, drawn from that member's own generators.

A member's stream depends on its seed alone, never on how many members train beside it: that is what makes
training together equal training one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from askew.training.state import State, generator_states, set_generators

_NOISE_BLOCK = 1 << 16
"""Numbers drawn at a time per member. Independent of the number of members, so streams do not depend on it."""


class Pool:
    """The rows that one kind of step draws from, shuffled for each member by its own generator.

    `rows`, (members, pool), are numbers into the flattened data sets; there is one seed per member.
    """

    def __init__(self, rows: Tensor, batch_size: int, seeds: Sequence[int]) -> None:
        self.rows = rows
        self.size = min(batch_size, rows.shape[1])
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._order = rows
        self._next = rows.shape[1]

    def _shuffle(self) -> Tensor:
        n = self.rows.shape[1]
        order = torch.stack([torch.randperm(n, generator=g) for g in self.generators])
        return self.rows.gather(1, order.to(self.rows.device))

    def epoch(self) -> Iterator[Tensor]:
        """Yield every row once, (members, batch) at a time; a last batch of one row joins the one before."""
        order = self._shuffle()
        n = order.shape[1]
        start = 0
        while start < n:
            stop = n if n - start <= self.size + 1 else start + self.size
            yield order[:, start:stop]
            start = stop

    def draw(self) -> Tensor:
        """Return the next (members, batch) of an endless cycle, shuffled anew when it is used up."""
        if self._next + self.size > self.rows.shape[1]:
            self._order, self._next = self._shuffle(), 0
        self._next += self.size
        return self._order[:, self._next - self.size : self._next]

    def state_dict(self) -> State:
        """Return where every member's shuffles are."""
        in_use = self._next + self.size <= self.rows.shape[1]
        order = {"order": self._order} if in_use else {}
        return {"generators": generator_states(self.generators), "next": torch.tensor(self._next)} | order

    def load_state_dict(self, state: State) -> None:
        """Go on from where :meth:`state_dict` was."""
        set_generators(self.generators, state["generators"])
        self._order, self._next = state.get("order", self.rows).to(self.rows.device), int(state["next"])


class Noise:
    """Standard normal numbers for each member from its own generator, drawn in blocks of several steps.

    They are drawn on the CPU whatever the `device` is, so that it does not change them.
    """

    def __init__(
        self, samples: int, rows: int, code: int, seeds: Sequence[int], device: torch.device | str = "cpu"
    ) -> None:
        self.shape = (samples, rows, code)
        self.steps = max(1, _NOISE_BLOCK // (samples * rows * code))
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.device = torch.device(device)
        self._drawn: Tensor | None = None
        self._block: Tensor | None = None
        self._used = self.steps

    def draw(self, rows: int) -> Tensor:
        """Return (members, samples, rows, code) numbers; `rows` is at most what the constructor was given."""
        if self._block is None or self._used == self.steps:
            if self._drawn is None:
                self._drawn = torch.empty((len(self.generators), self.steps, *self.shape))
            for member, generator in enumerate(self.generators):
                self._drawn[member].normal_(generator=generator)
            self._block = self._drawn.to(self.device)
            self._used = 0
        self._used += 1
        return self._block[:, self._used - 1, :, :rows]

    def state_dict(self) -> State:
        """Return where every member's stream is, and what is left of the numbers drawn ahead."""
        left: State = {}
        if self._block is not None and self._used < self.steps:
            left["block"] = self._block[:, self._used :]
        return {"generators": generator_states(self.generators), "used": torch.tensor(self._used)} | left

    def load_state_dict(self, state: State) -> None:
        """Go on from where :meth:`state_dict` was."""
        set_generators(self.generators, state["generators"])
        self._used = int(state["used"])
        if "block" in state:
            self._block = torch.zeros((len(self.generators), self.steps, *self.shape), device=self.device)
            self._block[:, self._used :] = state["block"]
