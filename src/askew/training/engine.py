"""Members trained in groups, stage after stage, and failed ones once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from askew.training.resuming import Keeper, Resume
from askew.training.stage_run import StageRun
from askew.training.stages import Networks, Stage

RETRY_SALT = 1
"""Mixed into the seed of a member that failed, for its one retry."""


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
    keeper: Keeper | None = None,
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
    keeper : Keeper, optional
        Where the state is kept from time to time, and where a training that was interrupted goes on from: with
        the same arguments it ends with the weights that it would have had, bit for bit.

    Notes
    -----
    Training together equals training one by one up to floating-point order: every member has its own
    generators, its own batches and its own clipping, and Adam is elementwise.
    """
    ticker = Ticker()
    resume = Resume(keeper, members, ticker)
    how = _How(batch_size, members_at_once, autocast_dtype(data.x.device, precision), ticker, resume)
    with one_thread(not threaded):
        resume.begin(partial(_renew, build), data.x.device)
        again = [member for member in members if member.retried is not None]  # of a training that goes on
        if not again:
            _train_all(build, stages, data, list(members), how)
            again = [member for member in members if member.failure]
            for member in again:
                member.retried, member.failure, member.losses, member.done = member.failure, None, {}, False
                words = np.random.SeedSequence([member.seed, RETRY_SALT, RETRY_SALT]).generate_state(1)
                member.seed = int(words[0])
        _train_all(build, stages, data, again, how)
        resume.end()


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
    ticker: Ticker
    resume: Resume


def _train_group(
    build: Callable[[], MemberNetworks],
    stages: Sequence[Stage],
    data: Data,
    members: list[Member],
    how: _How,
) -> None:
    if all(member.done for member in members):
        return
    for member in members:
        if not member.done:
            _renew(build, member)

    def try_out(executor: Executor) -> None:
        run = StageRun(stages[0], data, members, executor, how.batch_size)
        run.losses(stages[0].steps[0], run.pools[stages[0].steps[0].name].rows[:, :2])

    if len(members) == 1 or together([m.networks for m in members], try_out, how.dtype) is None:
        how.ticker.total += (len(members) - 1) * sum(stage.epochs for stage in stages)
        for member in (m for m in members if not m.done):
            with _own_generator(member.stream(1), data.x.device):  # networks with dropout draw from it
                _run_stages(stages, data, [member], how, try_out)
        return
    _run_stages(stages, data, members, how, try_out)


def _renew(build: Callable[[], MemberNetworks], member: Member) -> None:
    """Give a member new networks with the weights of its seed, in training mode."""
    with _own_generator(member.stream(0), torch.device("cpu")):
        member.networks = build()
    for network in member.networks.values():
        network.train()
        use_batch_statistics(network)


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
    resumed = how.resume.stage_of(members)
    for number, stage in enumerate(stages):
        if stage.epochs == 0 and stage.constants is None:
            continue
        if resumed is not None and number < resumed:
            continue
        if stage.constants is not None and number != resumed:
            for member in members:
                member.constants = _constants(stage.constants, data, member)
        networks = [m.networks for m in members]
        executor = together(networks, try_out, how.dtype) or Plain(networks[0], how.dtype)
        run = StageRun(stage, data, members, executor, how.batch_size)
        if number == resumed:
            how.resume.go_on(run)
        run.run(partial(_after_epoch, how, members, number))
        run.average.swap()
        executor.unstack()
        run.best.restore()
        for member in members:
            rows = data.rows("normal", [member.data_set])[0]
            set_population_statistics(
                member.networks, stage.forward, data.x.flatten(0, 1)[rows], data.prepare
            )
            grown = _not_finite(member.networks)
            if member.failure is None and grown is not None:
                member.failure = f"the {grown} became NaN or infinite in stage {stage.name}"
    for member in members:
        member.done = True


def _after_epoch(how: _How, members: list[Member], number: int, run: StageRun, loss: float) -> None:
    how.ticker.done += 1
    how.resume.keep(members, number, run)
    how.ticker.tell(run.stage.name, run.epochs_done, run.stage.epochs, len(members), loss)


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
