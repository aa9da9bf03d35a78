"""The weights of the epoch that is best on held-out rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from askew.training.population_statistics import set_population_statistics
from askew.training.stages import Stage
from askew.training.state import State, nested, part_of

if TYPE_CHECKING:
    from askew.training.members import Data, Member

_NORMAL_ROWS = 2048
"""Normal training rows that the criterion sees: enough for a mean and a spread."""


class BestEpoch:
    """Each member's weights in its best epoch of one stage, by the stage's criterion on held-out rows.

    Without a criterion or held-out rows no epoch is judged and nothing restored. The values of all judged epochs are
    in the members' ``losses`` as "stage/validation".
    """

    def __init__(self, stage: Stage, data: Data, members: list[Member]) -> None:
        self.stage, self.data, self.members = stage, data, members
        self.values = [-math.inf] * len(members)
        self.weights: list[dict[str, dict[str, Tensor]]] = [{} for _ in members]

    def judges(self, epoch: int) -> bool:
        """Return whether the weights after this epoch, counted from 0, may be kept."""
        judged = self.stage.criterion is not None and self.data.held_out is not None
        return judged and epoch >= self.stage.judged_from

    def judge(self) -> None:
        """Judge every member's weights as they are now, and remember those that are its best."""
        for number, member in enumerate(self.members):
            value = self._value(member)
            member.losses.setdefault(f"{self.stage.name}/validation", []).append(value)
            if value > self.values[number]:  # not where it is NaN
                self.values[number] = value
                self.weights[number] = {
                    name: {key: tensor.clone() for key, tensor in network.state_dict().items()}
                    for name, network in member.networks.items()
                }

    @torch.no_grad()
    def _value(self, member: Member) -> float:
        stage, data = self.stage, self.data
        if stage.criterion is None or data.held_out is None:
            return math.nan
        rows = data.rows("normal", [member.data_set])[0]
        normal = data.x.flatten(0, 1)[rows]
        set_population_statistics(member.networks, stage.forward, normal, data.prepare)
        rows = data.held_out[member.data_set]
        x, y = data.prepare(data.x[member.data_set][rows]), data.y[member.data_set][rows]
        for network in member.networks.values():
            network.eval()
        value = stage.criterion(member.networks, data.prepare(normal[:_NORMAL_ROWS]), x, y)
        for network in member.networks.values():
            network.train()
        return value

    def restore(self) -> None:
        """Give every member the weights of its best epoch, if any was judged."""
        for member, weights in zip(self.members, self.weights, strict=True):
            for name, state in weights.items():
                member.networks[name].load_state_dict(state)

    def state_dict(self) -> State:
        """Return the best values so far and their weights."""
        state = {"values": torch.tensor(self.values, dtype=torch.float64)}
        for number, weights in enumerate(self.weights):
            for name, best in weights.items():
                state |= nested(f"{number}.{name}", best)
        return state

    def load_state_dict(self, state: State) -> None:
        """Go on from where :meth:`state_dict` was."""
        self.values = state["values"].tolist()
        for number, member in enumerate(self.members):
            parts = {name: part_of(f"{number}.{name}", state) for name in member.networks}
            self.weights[number] = {name: part for name, part in parts.items() if part}
