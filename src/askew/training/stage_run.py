"""The training loop of one stage: the only place in askew that calls ``backward()`` and ``step()``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from askew.training.averaging import Average
from askew.training.batches import Batches
from askew.training.best_epoch import BestEpoch
from askew.training.executors import Executor
from askew.training.members import Data, Member
from askew.training.optimiser import Adam
from askew.training.population_statistics import has_batch_norm
from askew.training.process_state import draws
from askew.training.random_streams import Noise, Pool
from askew.training.recorded_step import RecordedStep, recorded_step
from askew.training.stages import Batch, Rows, Stage, Step
from askew.training.state import State, global_state, nested, part_of, set_global_state

_BESIDE = 200
"""Number of the random stream of rows that stand beside others; those of steps are smaller."""


class StageRun:
    """One stage of one group of members: its pools, noise, optimisers and epochs."""

    def __init__(
        self, stage: Stage, data: Data, members: list[Member], executor: Executor, batch_size: int
    ) -> None:
        self.stage = stage
        self.members = members
        self.executor = executor
        self.epoch = 0
        self.epochs_done = stage.begins
        self.waited = {step.name: 0 for step in stage.steps}  # main steps since each step's last turn
        constants = {name: torch.stack([m.constants[name] for m in members]) for name in members[0].constants}
        sets = [m.data_set for m in members]
        self.pools: dict[str, Pool] = {}
        self.noise: dict[str, Noise] = {}
        self.beside: Pool | None = None
        for number, step in enumerate(stage.steps):
            rows = data.rows(stage.steps[0].rows if step.follows else step.rows, sets)
            if rows.shape[1] == 0:
                continue  # no labelled anomalies: their steps do not run
            # stages and steps have streams of their own, so adding a step leaves the others' batches as they are
            purposes = [2 + 2 * number + k + (hash_of(stage.name) << 8) for k in (0, 1)]
            self.pools[step.name] = Pool(rows, batch_size, [m.stream(purposes[0]) for m in members])
            if step.beside is not None and number == 0:
                self.beside = self._company(step.beside, data, sets, self.pools[step.name].size)
            if step.noise is not None:
                largest = max(self.pools[step.name].size + 1, 2)
                largest += 0 if self.beside is None else self.beside.size
                if self._needs_context(step):
                    largest += min(batch_size, data.rows("normal", sets[:1]).shape[1]) + 1
                samples, code = step.noise
                seeds = [m.stream(purposes[1]) for m in members]
                self.noise[step.name] = Noise(samples, largest, code, seeds, data.x.device)
        self.batches = Batches(data, constants, self.noise)
        self.recorded: dict[tuple[str, int, int], RecordedStep | None] = {}
        """By step and the batch's numbers of rows, what was recorded; None where it cannot be."""
        self.fillers: dict[tuple[str, int, int], Callable[[Tensor], None]] = {}
        names = {step.name: tuple(dict.fromkeys(step.moves)) for step in stage.steps}
        self.parameters = {
            step: [p for name in own for p in executor.parameters(name)] for step, own in names.items()
        }
        pieces = {name: executor.moved(name) for own in names.values() for name in own}
        self.moved = {step: [p for name in own for p in pieces[name]] for step, own in names.items()}
        # a step that leaves a network alone leaves its moments alone too
        betas = {p: stage.betas[name] for name in pieces if name in stage.betas for p in pieces[name]}
        factors = {p: factor for name, factor in stage.lr_factors.items() for p in pieces.get(name, ())}
        every = [p for tensors in pieces.values() for p in tensors]
        self.optimiser = Adam(every, stage.weight_decay, betas, factors)
        self.lr = stage.lr
        self.best = BestEpoch(stage, data, members)
        self.average = Average(stage.averaged, every)

    def _company(self, wanted: tuple[Rows, float], data: Data, sets: Sequence[int], size: int) -> Pool | None:
        """Return the pool of the rows that stand beside those of the main step, or None if there are none."""
        which, share = wanted
        rows = data.rows(which, sets)
        if rows.shape[1] == 0:
            return None
        purpose = _BESIDE + (hash_of(self.stage.name) << 8)
        return Pool(rows, math.ceil(share * size), [m.stream(purpose) for m in self.members])

    def _needs_context(self, step: Step) -> bool:
        """Whether normal rows must keep anomalies company: BatchNorm would centre a batch of anomalies alone."""
        return step.rows == "anomaly" and any(map(has_batch_norm, self.members[0].networks.values()))

    def losses(self, step: Step, rows: Tensor, beside: int = 0) -> Tensor:
        """Return each member's loss of `step` on the rows (members, batch), the last `beside` of another kind."""
        return self.executor.losses(step.loss, self.batches.make(step, rows, self.epoch, beside))

    def take(self, step: Step, rows: Tensor, beside: int = 0) -> Tensor:
        """Do the step's updates on the rows and return each member's loss in the last one."""
        for _ in range(step.repeats - 1):
            self._update(step, rows, beside)
        return self._update(step, rows, beside)

    def _update(self, step: Step, rows: Tensor, beside: int) -> Tensor:
        losses = self._gradients(step, rows, beside)
        self.optimiser.step(self.moved[step.name], self.lr)
        return losses

    def _gradients(self, step: Step, rows: Tensor, beside: int) -> Tensor:
        """Set the gradients of what the step moves and return each member's loss."""
        key = (step.name, rows.shape[1], beside)
        known = self.recorded.get(key)
        if known is not None:
            self.fillers[key](rows)
            if known.epoch != self.epoch:
                known.epoch = self.epoch
                known.weight.fill_(step.scheduled(self.epoch))
            return known.take()
        batch = self.batches.make(step, rows, self.epoch, beside)
        parameters, largest = self.parameters[step.name], self.stage.clip
        if key not in self.recorded:
            known = self.recorded[key] = recorded_step(self.executor, step, batch, parameters, largest)
            if known is not None:
                self.fillers[key] = self.batches.filler(known.batch, step, labels=known.reads_labels)
        return self._by_autograd(step, batch) if known is None else known.take()

    def _by_autograd(self, step: Step, batch: Batch) -> Tensor:
        parameters = self.parameters[step.name]
        self.executor.forget(parameters)
        losses = self.executor.losses(step.loss, batch)
        losses.sum().backward(inputs=parameters)  # type: ignore[no-untyped-call]
        if self.stage.clip:
            self.executor.clip([p.grad for p in parameters if p.grad is not None], self.stage.clip)
        return losses.detach()

    def run(self, after_epoch: Callable[[StageRun, float], None]) -> None:
        """Run all epochs that are not done, or stop early once every member has failed.

        `after_epoch` is called with this and the epoch's first loss, the mean over members.
        """
        for epoch in range(self.epochs_done, self.stage.epochs):
            if epoch > self.stage.begins and all(member.failure for member in self.members):
                return
            self.epoch, self.lr = epoch, self.stage.lr_at(epoch)
            first = self._record(self._one_epoch())
            if self.best.judges(epoch):
                self.average.swap()
                self.executor.unstack()
                self.best.judge()
                self.average.swap()
            self.epochs_done = epoch + 1
            after_epoch(self, first)

    def _parts(self) -> dict[str, Any]:
        """Return what changes from epoch to epoch and has a ``state_dict`` and a ``load_state_dict``."""
        parts = {name: getattr(self, name) for name in ("executor", "optimiser", "average", "best")}
        parts |= {f"pool.{name}": pool for name, pool in self.pools.items()}
        parts |= {f"noise.{name}": noise for name, noise in self.noise.items()}
        return parts if self.beside is None else parts | {"beside": self.beside}

    def _draws(self) -> bool:
        """Whether a network has dropout: it trains alone, and draws from the global generator."""
        return len(self.members) == 1 and draws(self.members[0].networks.values())

    def state_dict(self) -> State:
        """Return all that the next epoch depends on, live, as it is between two epochs."""
        state = {"waited": torch.tensor(list(self.waited.values()), dtype=torch.int64)}
        for name, part in self._parts().items():
            state |= nested(name, part.state_dict())
        if self._draws():
            state |= nested("global", global_state(self.batches.x.device))
        return state

    def load_state_dict(self, state: State, epochs_done: int) -> None:
        """Go on from where :meth:`state_dict` was, after so many epochs."""
        self.epochs_done = epochs_done
        self.waited = dict(zip(self.waited, state["waited"].tolist(), strict=True))
        for name, part in self._parts().items():
            part.load_state_dict(part_of(name, state))
        if self._draws():
            set_global_state(part_of("global", state))

    def _one_epoch(self) -> dict[str, list[Tensor]]:
        main, *others = self.stage.steps
        others = [s for s in others if s.name in self.pools and self.epoch >= s.start]
        losses: dict[str, list[Tensor]] = {step.name: [] for step in (main, *others)}
        beside = 0 if self.beside is None else self.beside.size
        for rows in self.pools[main.name].epoch():
            if self.beside is not None:
                rows = torch.cat([rows, self.beside.draw()], dim=1)
            losses[main.name].append(self.take(main, rows, beside))
            for step in others:
                self.waited[step.name] += 1
                if self.waited[step.name] == step.every:  # an epoch may have fewer batches than that
                    self.waited[step.name] = 0
                    if step.follows:
                        losses[step.name].append(self.take(step, rows, beside))
                        continue
                    own = self.pools[step.name].draw()
                    own = torch.cat([rows, own], dim=1) if self._needs_context(step) else own
                    losses[step.name].append(self.take(step, own))
            self.average.update()
        return losses

    def _record(self, losses: Mapping[str, list[Tensor]]) -> float:
        for name, values in losses.items():
            if not values:
                continue
            means = torch.stack(values).mean(0).tolist()
            for member, mean in zip(self.members, means, strict=True):
                member.losses.setdefault(f"{self.stage.name}/{name}", []).append(mean)
                if not math.isfinite(mean) and member.failure is None:
                    place = f"in epoch {self.epoch + 1} of stage {self.stage.name}"
                    member.failure = f"the {name} loss became {mean} {place}"
        main = f"{self.stage.name}/{self.stage.steps[0].name}"
        first = [m.losses[main][-1] for m in self.members if m.failure is None]
        return float(np.mean(first)) if first else math.nan


def hash_of(name: str) -> int:
    """Return the first six bytes of `name` as a number (Python's own hash changes between processes)."""
    return int.from_bytes(name.encode()[:6], "big")


def refuse_shared_streams(stages: Sequence[Stage]) -> None:
    """Raise ValueError if two stages of a training would draw the same random numbers.

    >>> fit, again = (Stage(name, (), 1, lambda networks, x: x, 1e-3) for name in ("critic", "critic_again"))
    >>> refuse_shared_streams([fit, again])
    Traceback (most recent call last):
    ValueError: names of stages must differ in their first six bytes; got ['critic', 'critic_again']
    """
    names = [stage.name for stage in stages]
    if len({hash_of(name) for name in names}) < len(names):
        raise ValueError(f"names of stages must differ in their first six bytes; got {names}")
