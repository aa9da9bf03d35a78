"""Members trained in groups, stage after stage, and failed ones once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from askew.training.epoch_events import Ticker
from askew.training.executors import Executor, MemberNetworks, Plain, together
from askew.training.members import Data, Member
from askew.training.population_statistics import set_population_statistics, use_batch_statistics
from askew.training.precision import autocast_dtype
from askew.training.process_state import draws, one_thread, own_generator
from askew.training.resuming import Keeper, Resume
from askew.training.stage_run import StageRun, refuse_shared_streams
from askew.training.stages import Stage

RETRY_SALT = 1
"""Mixed into the seed of a member that failed, for its one retry."""


@dataclass(frozen=True)
class Execution:
    """How a training is carried out."""

    batch_size: int
    """Largest batch of every step."""
    members_at_once: int
    """Largest group of members that train together."""
    threaded: bool = False
    """Whether to use all of torch's threads, which pays for convolutions, instead of one."""
    precision: str = "float32"
    """What the networks compute in: "auto", "float32" or "bfloat16", see :mod:`askew.training.precision`."""
    keeper: Keeper | None = None
    """Where the state is kept from time to time, and where a training that was interrupted goes on from: with the
    same arguments it ends with the weights that it would have had, bit for bit."""


def train(
    build: Callable[[], MemberNetworks],
    stages: Sequence[Stage],
    data: Data,
    members: Sequence[Member],
    execution: Execution,
) -> None:
    """Train `members` in place, together where their networks allow it, and retry failed ones once.

    Training together equals training one by one up to floating-point order: every member has its own generators,
    its own batches and its own clipping, and Adam is elementwise.

    Parameters
    ----------
    build : callable
        Makes one member's networks; random initial weights come from torch's global generator, which is put
        back afterwards.
    stages : sequence of Stage
        Run in order.
    data : Data
        What members point at.
    members : sequence of Member
        Results land in their fields.
    execution : Execution
    """
    engine = _Engine(build, stages, data, members, execution)
    with one_thread(not execution.threaded):
        engine.resume.begin(engine.renew, data.x.device)
        again = [member for member in members if member.retried is not None]  # of a training that goes on
        if not again:
            engine.train(members)
            again = [member for member in members if member.failure]
            for member in again:
                member.retried, member.failure, member.losses, member.done = member.failure, None, {}, False
                words = np.random.SeedSequence([member.seed, RETRY_SALT, RETRY_SALT]).generate_state(1)
                member.seed = int(words[0])
        engine.train(again)
        engine.resume.end()


class _Engine:
    """One training: its stages, data and progress."""

    def __init__(
        self,
        build: Callable[[], MemberNetworks],
        stages: Sequence[Stage],
        data: Data,
        members: Sequence[Member],
        execution: Execution,
    ) -> None:
        refuse_shared_streams(stages)
        self.build, self.stages, self.data = build, stages, data
        self.batch_size, self.at_once = execution.batch_size, execution.members_at_once
        self.dtype = autocast_dtype(data.x.device, execution.precision)
        self.epochs = sum(stage.epochs - stage.begins for stage in stages)
        self.ticker = Ticker()
        self.resume = Resume(execution.keeper, members, self.ticker)

    def train(self, members: Sequence[Member]) -> None:
        groups = [list(members[i : i + self.at_once]) for i in range(0, len(members), self.at_once)]
        self.ticker.total += len(groups) * self.epochs
        for group in groups:
            self._train_group(group)

    def renew(self, member: Member) -> None:
        """Give a member new networks with the weights of its start or else of its seed, in training mode."""
        with own_generator(member.stream(0)):
            member.networks = self.build()
        for name, network in member.networks.items():
            if member.start is not None:
                network.load_state_dict(member.start.networks[name].state_dict())
            network.train()
            use_batch_statistics(network)

    def _train_group(self, members: list[Member]) -> None:
        waiting = [member for member in members if not member.done]
        if not waiting:
            return
        for member in waiting:
            self.renew(member)
        if len(members) > 1 and self._together(members) is not None:
            self._run_stages(members)
            return
        self.ticker.total += (len(members) - 1) * self.epochs
        for member in waiting:
            at_random = draws(member.networks.values())
            # one with dropout draws from the global generator, and waits for others that do
            with own_generator(member.stream(1), self.data.x.device) if at_random else nullcontext():
                self._run_stages([member])

    def _together(self, members: list[Member]) -> Executor | None:
        first = self.stages[0]

        def try_out(executor: Executor) -> Tensor:
            run = StageRun(first, self.data, members, executor, self.batch_size)
            return run.losses(first.steps[0], run.pools[first.steps[0].name].rows[:, :2])

        return together([member.networks for member in members], try_out, self.dtype)

    def _run_stages(self, members: list[Member]) -> None:
        resumed = self.resume.stage_of(members)
        for number, stage in enumerate(self.stages):
            if (stage.epochs == 0 and stage.constants is None) or number < (resumed or 0):
                continue
            if stage.constants is not None and number != resumed:
                for member in members:
                    member.constants = _constants_of(stage, self.data, member)
            executor = self._together(members) or Plain(members[0].networks, self.dtype)
            run = StageRun(stage, self.data, members, executor, self.batch_size)
            if number == resumed:
                self.resume.go_on(run)
            run.run(partial(self._after_epoch, members, number))
            run.average.swap()
            executor.unstack()
            run.best.restore()
            for member in members:
                self._finish_stage(stage, member)
        for member in members:
            member.done = True

    def _after_epoch(self, members: list[Member], number: int, run: StageRun, loss: float) -> None:
        self.ticker.done += 1
        self.resume.keep(members, number, run)
        self.ticker.tell(run.stage.name, run.epochs_done, run.stage.epochs, len(members), loss)

    def _finish_stage(self, stage: Stage, member: Member) -> None:
        """Set a member's population statistics, and note whether it failed."""
        normal = self.data.x.flatten(0, 1)[self.data.rows("normal", [member.data_set])[0]]
        set_population_statistics(member.networks, stage.forward, normal, self.data.prepare)
        what = _not_finite(member.networks)
        if member.failure is None and what is not None:
            member.failure = f"the {what} became NaN or infinite in stage {stage.name}"


def _not_finite(networks: MemberNetworks) -> str | None:
    """Return what in the networks is NaN or infinite, or None. Infinite statistics make all rows alike."""
    for what, tensors in (("weights", nn.Module.parameters), ("BatchNorm statistics", nn.Module.buffers)):
        if not all(bool(t.isfinite().all()) for network in networks.values() for t in tensors(network)):
            return what
    return None


@torch.no_grad()
def _constants_of(stage: Stage, data: Data, member: Member) -> dict[str, Tensor]:
    """Return what a stage with constants computes of a member before it begins, or what was fixed long ago."""
    if stage.constants is None:
        return {}
    if stage.fixed and member.start is not None:
        return {name: value.float() for name, value in member.start.constants.items()}
    for network in member.networks.values():
        network.eval()
    x, y = data.x[member.data_set], data.y[member.data_set]
    if data.held_out is not None:
        x, y = x[~data.held_out[member.data_set]], y[~data.held_out[member.data_set]]
    constants = dict(stage.constants(member.networks, data.prepare(x), y))
    for network in member.networks.values():
        network.train()
    return constants
