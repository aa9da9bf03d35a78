"""The training that several detectors share: those of a group, whose data have equal shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import torch
from torch import Tensor

from askew.base.checkpoints import checkpoint_file, fit_of
from askew.base.detector import Scores, Y, adopt_fit
from askew.base.members_state import freeze
from askew.base.preparation.table_rows import check_two_rows
from askew.base.recipe import Recipe
from askew.distributed.jobs import call_each, n_jobs
from askew.errors import InvalidInputError, must
from askew.labels.values import Words
from askew.training import Data, Execution, Member, spared_generator, train
from askew.training.executors import MemberNetworks
from askew.training.stages import Stage

WARM_SHARE = 0.1
"""Of every stage's epochs, the last ones, that a fit runs that goes on from trained members."""

_AGAIN = 100
"""Number of the random stream that gives a member's seed when it is trained further."""


def fit_in_groups(detectors: Sequence[Recipe], data: Sequence[tuple[Scores, Y]]) -> None:
    """Train detectors on their data, those together whose members fit into one stack."""
    groups: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
    for i, (detector, (x, y)) in enumerate(zip(detectors, data, strict=True)):
        check_two_rows(y, type(detector).__name__)
        start = detector._start
        detector._preparation = detector._new_preparation() if start is None else start._preparation
        groups[(*x.shape, int((y < 0).sum()), detector._preparation.together())].append(i)
    if detectors[0]._settings().checkpoint is None:
        apart = [([detectors[i] for i in group], [data[i] for i in group]) for group in groups.values()]
        for (own, _), fitted in zip(apart, call_each(_fit_alike, apart), strict=True):
            for detector, copy in zip(own, fitted, strict=True):
                adopt_fit(detector, copy)
        return
    for part, group in enumerate(groups.values()):
        _fit_alike([detectors[i] for i in group], [data[i] for i in group], part)


def _fit_alike(
    detectors: Sequence[Recipe], data: Sequence[tuple[Scores, Y]], number: int = 0
) -> Sequence[Recipe]:
    """Train detectors whose data have equal shapes and return them; `number` numbers the trainings of one fit."""
    first = detectors[0]
    start, settings = first._start, first._settings()
    kept = first._checkpoint = checkpoint_file(settings, number)
    seeds = [detector._member_seeds() for detector in detectors]
    if start is not None:
        settings = replace(settings, pretrain_epochs=0)
        seeds = [[member.stream(_AGAIN) for member in start.members_]]
    if kept is not None and all(detector.random_state is None for detector in detectors):
        seeds = kept.seeds(len(seeds)) or seeds  # any will do, so those that it was begun with
    tensors = _prepared(detectors, data, seeds)
    device = tensors.x.device
    if kept is not None:
        kept.claim(fit_of(detectors, tensors, seeds, None if start is None else _weights(start.members_)))
    members = [[Member(number, seed) for seed in own] for number, own in enumerate(seeds)]
    stages = first._stages(settings)
    if start is not None:
        _refuse_other_shapes(first, start)
        stages = tuple(stage.last(WARM_SHARE) for stage in stages)
        for member, trained in zip(members[0], start.members_, strict=True):
            member.start = trained
    one_by_one = first._preparation.convolutional and device.type == "cpu"
    flat = [member for group in members for member in group]
    execution = Execution(
        batch_size=settings.batch_size,
        members_at_once=1 if one_by_one else settings.members_at_once,
        threaded=one_by_one,
        precision=first.training_precision,
        keeper=kept,
    )
    parts = [[member] for member in flat] if one_by_one and kept is None and n_jobs() > 1 else [flat]
    calls = [(first, stages, tensors, part, execution) for part in parts]
    done = chain.from_iterable(call_each(_trained, calls))
    for detector, group in zip(detectors, members, strict=True):
        _adopt(detector, [next(done) for _ in group])
    return detectors


def _trained(
    detector: Recipe, stages: Sequence[Stage], data: Data, members: Sequence[Member], execution: Execution
) -> Sequence[Member]:
    """Return the members, or copies of them, trained."""
    device = data.x.device

    def build() -> MemberNetworks:
        return {name: network.to(device) for name, network in detector._build(detector._spec()).items()}

    train(build, stages, data, members, execution)
    return members


def _refuse_other_shapes(detector: Recipe, start: Recipe) -> None:
    """Raise InvalidInputError unless the detector's networks have weights of the shapes of `start`."""
    with spared_generator():
        built = detector._build(detector._spec())
    wanted, given = (_shapes(networks) for networks in (built, start.members_[0].networks))
    different = sorted(key for key in wanted.keys() | given.keys() if wanted.get(key) != given.get(key))
    if different:
        got = Words(", ".join(f"{key} {given.get(key, 'missing')}" for key in different[:3]))
        remedy = "Give the network that it has, or leave it out to train from random weights."
        raise InvalidInputError(
            must("init_model", type(detector).__name__, "a model with the same networks", got, remedy)
        )


def _shapes(networks: MemberNetworks) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.{key}": tuple(tensor.shape)
        for name, network in networks.items()
        for key, tensor in network.state_dict().items()
    }


def _weights(members: Sequence[Member]) -> Iterator[Tensor]:
    for member in members:
        for network in member.networks.values():
            yield from network.state_dict().values()


def _prepared(
    detectors: Sequence[Recipe], data: Sequence[tuple[Scores, Y]], seeds: Sequence[Sequence[int]]
) -> Data:
    """Return the data of all detectors as training takes them."""
    held = [each._held_out(y, own[0]) for each, (_, y), own in zip(detectors, data, seeds, strict=True)]
    # what is held out does not scale the columns either: it counts as known anomalies do
    xs = [
        detector._preparation.training_tensor(x)
        if detector._start is not None
        else detector._preparation.learn(x, y if out is None else np.where(out, np.int8(-1), y))
        for detector, (x, y), out in zip(detectors, data, held, strict=True)
    ]
    device = torch.device(detectors[0].device)
    masks = [torch.from_numpy(out) for out in held if out is not None]
    return Data(
        torch.stack(xs).to(device),
        torch.stack([torch.from_numpy(np.array(y)) for _, y in data]).to(device),
        detectors[0]._preparation.batch,
        torch.stack(masks).to(device) if masks else None,  # (sets, rows)
    )


def _adopt(detector: Recipe, members: list[Member]) -> None:
    """Keep the members that did not fail, ready for scoring."""
    detector.failed_members_ = [f"seed {m.seed}: {m.failure}" for m in members if m.failure is not None]
    detector.members_ = [member for member in members if member.failure is None]
    for member in detector.members_:
        freeze(member, detector._preparation.dtype)
    failed = detector.failed_members_
    if not detector.members_:
        detector.fit_error_ = (
            f"every member of {type(detector).__name__} failed: {failed[0]}. Try a lower "
            "training__lr, training__clip_grad_norm=1, or look for extreme values in the columns."
        )
        return
    again = [member.retried for member in detector.members_ if member.retried is not None]
    unwell = (failed, "failed twice and were left out"), (again, "were trained again with a new seed")
    for reasons, what in unwell:
        if reasons:
            detector._warn(f"{len(reasons)} of {len(members)} members {what}: {reasons[0]}")
