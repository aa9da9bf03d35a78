"""The training loop: the only place in askew that calls ``backward()`` and ``step()``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from askew.training.best import Best
from askew.training.calibration import as_it_is, calibrate_batch_norm, has_batch_norm, use_batch_statistics
from askew.training.executors import Executor, MemberNetworks, Plain, together
from askew.training.optimiser import Adam
from askew.training.phases import Batch, Networks, Rows, Stage, Step
from askew.training.precision import autocast_dtype
from askew.training.progress import Event, emit
from askew.training.sampling import Noise, Pool

_BESIDE = 200
"""Number of the random stream of rows that stand beside others; those of steps are smaller."""

RETRY_SALT = 1
"""Mixed into the seed of a member that failed, for its one retry."""


@dataclass(frozen=True)
class Data:
    """Data sets of equal shape. Members point at one of them."""

    x: Tensor
    """(sets, rows, *features): float32, or what `prepare` turns into float32"""
    y: Tensor
    """(sets, rows) int8: +1, 0, -1; every set has the same number of anomalies"""
    prepare: Callable[[Tensor], Tensor] = as_it_is
    """Called on the rows of every batch: bytes of images stay bytes until then."""
    held: Tensor | None = None
    """(sets, rows) bool: rows that no step sees, only the criterion by which an epoch is chosen"""

    def rows(self, which: str, sets: Sequence[int]) -> Tensor:
        """Return the flat numbers of the rows that `which` names, (members, pool), one line per entry of `sets`."""
        chosen = {"all": self.y == self.y, "normal": self.y >= 0, "anomaly": self.y < 0}[which]
        if self.held is not None:
            chosen = chosen & ~self.held
        n = self.x.shape[1]
        return torch.stack([chosen[s].nonzero().squeeze(1) + s * n for s in sets])


@dataclass
class Member:
    """A (data, seed) pair and, after training, its networks."""

    data_set: int
    seed: int
    networks: MemberNetworks = field(default_factory=dict)
    constants: dict[str, Tensor] = field(default_factory=dict)
    """What the last stage computed before it began, each (1, width)."""
    losses: dict[str, list[float]] = field(default_factory=dict)
    """Mean loss of each epoch by "stage/step"."""
    failure: str | None = None
    """Why this member failed, in plain words; None if it did not."""
    retried: str | None = None
    """Why its first attempt failed, if it is a second attempt."""

    def stream(self, purpose: int) -> int:
        """Return the seed of one of this member's independent random streams."""
        return int(
            np.random.SeedSequence([self.seed, purpose]).generate_state(1, np.uint64)[0] >> np.uint64(1)
        )


@contextmanager
def one_thread(alone: bool = True) -> Iterator[None]:
    """Run with one torch thread, if `alone`: small networks are many times faster and steadier so."""
    before = torch.get_num_threads()
    if alone:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(
    build: Callable[[], MemberNetworks],
    stages: Sequence[Stage],
    data: Data,
    members: Sequence[Member],
    *,
    batch_size: int,
    members_at_once: int,
    threaded: bool = False,
    precision: str = "float32",
) -> None:
    """Train `members` in place, together where their networks allow it, and retry failed ones once.

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
        Trained in groups of `members_at_once`; results land in their fields.
    batch_size : int
        Largest batch of every step.
    members_at_once : int
        Largest group.
    threaded : bool
        Whether to use all of torch's threads, which pays for convolutions, instead of one.
    precision : {"auto", "float32", "bfloat16"}
        What the networks compute in; see :func:`askew.training.precision.autocast_dtype`.

    Notes
    -----
    Training together equals training one by one up to floating-point order: every member has its own
    generators, its own batches and its own clipping, and Adam is elementwise.
    """
    ticker = _Ticker()
    how = _How(batch_size, members_at_once, autocast_dtype(data.x.device, precision), ticker)
    with one_thread(not threaded):
        _train_all(build, stages, data, list(members), how)
        failed = [member for member in members if member.failure]
        for member in failed:
            member.retried, member.failure, member.losses = member.failure, None, {}
            words = np.random.SeedSequence([member.seed, RETRY_SALT, RETRY_SALT]).generate_state(1)
            member.seed = int(words[0])
        _train_all(build, stages, data, failed, how)


def _train_all(
    build: Callable[[], MemberNetworks],
    stages: Sequence[Stage],
    data: Data,
    members: list[Member],
    how: _How,
) -> None:
    groups = [members[i : i + how.at_once] for i in range(0, len(members), how.at_once)]
    how.ticker.total += len(groups) * sum(stage.epochs for stage in stages)
    for group in groups:
        _train_group(build, stages, data, group, how)


@dataclass(frozen=True)
class _How:
    """What is the same for all groups of one training."""

    batch_size: int
    at_once: int
    dtype: torch.dtype | None
    """What the networks compute in, if not in float32."""
    ticker: _Ticker


class _Ticker:
    """Counts epochs over all stages and groups for the progress events."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0

    def tick(self, stage: Stage, epoch: int, members: int, loss: float) -> None:
        self.done += 1
        emit(Event(stage.name, epoch, stage.epochs, members, loss, self.done, self.total))


def _train_group(
    build: Callable[[], MemberNetworks],
    stages: Sequence[Stage],
    data: Data,
    members: list[Member],
    how: _How,
) -> None:
    for member in members:
        with _own_generator(member.stream(0), torch.device("cpu")):
            member.networks = build()
        for network in member.networks.values():
            network.train()
            use_batch_statistics(network)

    def try_out(executor: Executor) -> None:
        run = _StageRun(stages[0], data, members, executor, how.batch_size)
        run.losses(stages[0].steps[0], run.pools[stages[0].steps[0].name].rows[:, :2])

    if len(members) == 1 or together([m.networks for m in members], try_out, how.dtype) is None:
        how.ticker.total += (len(members) - 1) * sum(stage.epochs for stage in stages)
        for member in members:
            with _own_generator(member.stream(1), data.x.device):  # networks with dropout draw from it
                _run_stages(stages, data, [member], how, try_out)
        return
    _run_stages(stages, data, members, how, try_out)


@contextmanager
def _own_generator(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch's global generator of `device`, and put it back afterwards."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed every GPU as well
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield


def _run_stages(
    stages: Sequence[Stage],
    data: Data,
    members: list[Member],
    how: _How,
    try_out: Callable[[Executor], object],
) -> None:
    for stage in stages:
        if stage.epochs == 0 and stage.constants is None:
            continue
        if stage.constants is not None:
            for member in members:
                member.constants = _constants(stage.constants, data, member)
        networks = [m.networks for m in members]
        executor = together(networks, try_out, how.dtype) or Plain(networks[0], how.dtype)
        run = _StageRun(stage, data, members, executor, how.batch_size)
        run.run(how.ticker)
        executor.unstack()
        run.best.restore()
        for member in members:
            rows = data.rows("normal", [member.data_set])[0]
            calibrate_batch_norm(member.networks, stage.forward, data.x.flatten(0, 1)[rows], data.prepare)
            grown = _not_finite(member.networks)
            if member.failure is None and grown is not None:
                member.failure = f"the {grown} became NaN or infinite in stage {stage.name}"


def _not_finite(networks: MemberNetworks) -> str | None:
    """Return what in the networks is NaN or infinite, or None. Infinite statistics make all rows alike."""
    for what, tensors in (("weights", nn.Module.parameters), ("BatchNorm statistics", nn.Module.buffers)):
        if not all(bool(t.isfinite().all()) for network in networks.values() for t in tensors(network)):
            return what
    return None


@torch.no_grad()
def _constants(
    compute: Callable[[Networks, Tensor, Tensor], Mapping[str, Tensor]], data: Data, member: Member
) -> dict[str, Tensor]:
    for network in member.networks.values():
        network.eval()
    x, y = data.x[member.data_set], data.y[member.data_set]
    if data.held is not None:
        x, y = x[~data.held[member.data_set]], y[~data.held[member.data_set]]
    x = data.prepare(x)
    constants = dict(compute(member.networks, x, y))
    for network in member.networks.values():
        network.train()
    return constants


class _StageRun:
    """One stage of one group of members: its pools, noise, optimisers and epochs."""

    def __init__(
        self, stage: Stage, data: Data, members: list[Member], executor: Executor, batch_size: int
    ) -> None:
        self.stage = stage
        self.members = members
        self.executor = executor
        self.x = data.x.flatten(0, 1)
        self.prepare = data.prepare
        self.y = data.y.flatten(0, 1).float()
        self.epoch = 0
        self.waited = {step.name: 0 for step in stage.steps}  # main steps since each step's last turn
        self.constants = {
            name: torch.stack([m.constants[name] for m in members]) for name in members[0].constants
        }
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
        parameters = {name: executor.parameters(name) for step in stage.steps for name in step.moves}
        self.moved = {
            step.name: list(dict.fromkeys(p for name in step.moves for p in parameters[name]))
            for step in stage.steps
        }
        # a step that leaves a network alone leaves its moments alone too
        betas = {p: stage.betas[name] for name in parameters if name in stage.betas for p in parameters[name]}
        every = (p for tensors in parameters.values() for p in tensors)
        self.optimiser = Adam(every, stage.weight_decay, betas)
        self.lr = stage.lr
        self.ones = torch.ones(len(members), device=data.x.device)
        self.best = Best(stage, data, members)

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
        networks = self.members[0].networks
        return step.rows == "anomaly" and any(has_batch_norm(network) for network in networks.values())

    def losses(self, step: Step, rows: Tensor, beside: int = 0) -> Tensor:
        """Return each member's loss of `step` on the rows (members, batch), the last `beside` of another kind."""
        shape = rows.shape
        flat = rows.reshape(-1)
        x = self.prepare(self.x.index_select(0, flat)).reshape(*shape, *self.x.shape[1:])
        y = self.y.index_select(0, flat).reshape(shape)
        noise = self.noise[step.name].draw(shape[1]) if step.name in self.noise else None
        return self.executor.losses(step.loss, Batch(x, y, noise, self.constants, self.epoch, beside))

    def take(self, step: Step, rows: Tensor, beside: int = 0) -> Tensor:
        """Do the step's updates on the rows and return each member's loss in the last one."""
        for _ in range(step.repeats - 1):
            self._update(step, rows, beside)
        return self._update(step, rows, beside)

    def _update(self, step: Step, rows: Tensor, beside: int) -> Tensor:
        losses = self.losses(step, rows, beside)
        parameters = self.moved[step.name]
        losses.backward(self.ones, inputs=parameters)  # type: ignore[no-untyped-call]
        if self.stage.clip:
            self.executor.clip(parameters, self.stage.clip)
        self.optimiser.step(parameters, self.lr)
        for p in parameters:
            p.grad = None
        return losses.detach()

    def run(self, ticker: _Ticker) -> None:
        """Run all epochs, or stop early once every member has failed."""
        for epoch in range(self.stage.epochs):
            self.epoch, self.lr = epoch, self.stage.lr_at(epoch)
            first = self._record(self._one_epoch())
            ticker.tick(self.stage, epoch + 1, len(self.members), first)
            if self.best.judges(epoch):
                self.executor.unstack()
                self.best.judge()
            if all(member.failure for member in self.members):
                return

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
                    drawn = self.pools[step.name].draw()
                    if self._needs_context(step):
                        drawn = torch.cat([rows, drawn], dim=1)
                    losses[step.name].append(self.take(step, drawn))
        return losses

    def _record(self, losses: Mapping[str, list[Tensor]]) -> float:
        for name, values in losses.items():
            if not values:
                continue
            means = torch.stack(values).mean(0).tolist()
            for member, mean in zip(self.members, means, strict=True):
                member.losses.setdefault(f"{self.stage.name}/{name}", []).append(mean)
                if not math.isfinite(mean) and member.failure is None:
                    member.failure = (
                        f"the {name} loss became {mean} in epoch {self.epoch + 1} of stage {self.stage.name}"
                    )
        main = f"{self.stage.name}/{self.stage.steps[0].name}"
        first = [m.losses[main][-1] for m in self.members if m.failure is None]
        return float(np.mean(first)) if first else math.nan


def hash_of(name: str) -> int:
    """Return a small number that depends on `name` alone (Python's own hash changes between processes)."""
    return int.from_bytes(name.encode()[:6], "big")
