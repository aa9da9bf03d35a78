"""A training's state, written from time to time, and how another process goes on from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch

from askew.training.epoch_events import Ticker
from askew.training.members import Member
from askew.training.stage_run import StageRun
from askew.training.state import State, nested, part_of, put_back

_FIELDS = ("seed", "failure", "retried", "done")
"""What is written of each member, beside its tensors and losses."""


class Keeper(ABC):
    """A place where a training keeps its state, such as a file."""

    @abstractmethod
    def load(self) -> tuple[dict[str, Any], State] | None:
        """Return the JSON-able values and the tensors of :meth:`save`; None if the training is to begin anew."""

    @abstractmethod
    def due(self) -> bool:
        """Return whether it is time to keep the state again."""

    @abstractmethod
    def save(self, values: dict[str, Any], tensors: State) -> None:
        """Keep this instead of what was kept before."""


class Resume:
    """The state of a training at its keeper, if it has one, and where it goes on.

    The state is, after an epoch: each member's seed, losses, failures and constants; the networks of members that
    are done; and the whole state of the stage that runs. Members whose turn has not come begin from their seeds.
    """

    def __init__(self, keeper: Keeper | None, members: Sequence[Member], ticker: Ticker) -> None:
        self.keeper = keeper
        self.members = members
        self.ticker = ticker
        self._place: dict[str, Any] | None = None
        self._state: State = {}
        self._began = False
        """Whether the keeper has a state."""

    def begin(self, renew: Callable[[Member], None], device: torch.device) -> None:
        """Give the members their state at the keeper; `renew` makes the networks that one's weights go into."""
        loaded = None if self.keeper is None else self.keeper.load()
        if loaded is None:
            return
        self._began = True
        values, tensors = loaded
        self._place, self._state = values["place"], part_of("now", tensors)
        for number, (member, about) in enumerate(zip(self.members, values["members"], strict=True)):
            own = part_of(f"member.{number}", tensors)
            member.losses = dict(about["losses"])
            for name in _FIELDS:
                setattr(member, name, about[name])
            member.constants = {key: value.to(device) for key, value in part_of("constant", own).items()}
            if not member.done:
                continue
            renew(member)
            for name, network in member.networks.items():
                put_back(network.state_dict(), part_of(f"network.{name}", own))

    def stage_of(self, members: Sequence[Member]) -> int | None:
        """Return the number of the stage in which these members, who train together, go on; None: from the first."""
        place = self._place
        return place["stage"] if place and place["members"] == self._numbers(members) else None

    def go_on(self, run: StageRun) -> None:
        """Give a stage that has just been set up the state that it had."""
        if self._place is None:
            return
        run.load_state_dict(self._state, self._place["epochs_done"])
        self.ticker.done, self.ticker.total = self._place["ticks"]
        self._place, self._state = None, {}

    def keep(self, members: Sequence[Member], stage: int, run: StageRun) -> None:
        """Keep everything as it is after an epoch of this stage of these members, if it is time to."""
        if self.keeper is None or not self.keeper.due():
            return
        place = {
            "members": self._numbers(members),
            "stage": stage,
            "epochs_done": run.epochs_done,
            "ticks": [self.ticker.done, self.ticker.total],
        }
        self._save(self.keeper, place, run.state_dict())

    def end(self) -> None:
        """Keep the trained members, if the training was long: what is done with them may be interrupted as well."""
        if self.keeper is not None and (self._began or self.keeper.due()):
            self._save(self.keeper, None, {})

    def _numbers(self, members: Sequence[Member]) -> list[int]:
        chosen = {id(member) for member in members}
        return [number for number, member in enumerate(self.members) if id(member) in chosen]

    def _save(self, keeper: Keeper, place: dict[str, Any] | None, now: State) -> None:
        self._began = True
        tensors = nested("now", now)
        for number, member in enumerate(self.members):
            tensors |= nested(f"member.{number}.constant", member.constants)
            for name, network in member.networks.items() if member.done else ():
                tensors |= nested(f"member.{number}.network.{name}", network.state_dict())
        about = [
            {name: getattr(m, name) for name in _FIELDS} | {"losses": list(m.losses.items())}  # in order
            for m in self.members
        ]
        keeper.save({"place": place, "members": about}, tensors)
