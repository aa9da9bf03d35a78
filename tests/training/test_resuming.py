"""A training that is stopped after any epoch and goes on elsewhere ends as if it had not been stopped."""

import json

import numpy as np
import pytest
import torch
from training_cases import (
    Branching,
    WithDropout,
    Wrapped,
    autoencoder,
    data,
    main_step,
    reconstruct,
    reconstruction_loss,
    stage,
    weights,
)

from askew.errors import InvalidInputError
from askew.networks import mlp
from askew.training import Execution, Member, Step, train
from askew.training.epoch_events import reporting
from askew.training.resuming import Keeper
from askew.training.state import put_back

KINDS = {"branching": Branching, "one by one": WithDropout, "stack": mlp, "vmap": Wrapped}


class Memory(Keeper):
    """Keeps the state as a file would: values as text, tensors as copies."""

    def __init__(self):
        self.kept = None
        self.writings = 0

    def load(self):
        return None if self.kept is None else (json.loads(self.kept[0]), self.kept[1])

    def due(self):
        return True

    def save(self, values, tensors):
        self.kept = (
            json.dumps(values, sort_keys=True),
            {name: tensor.detach().clone() for name, tensor in tensors.items()},
        )
        self.writings += 1


def run(build, stages, table, seeds, *, keeper=None, stop_after=None, at_once=1000):
    """Train members of one data set; `stop_after` events, stop as Ctrl-C does and return None."""
    members = [Member(0, seed) for seed in seeds]
    events = []

    def watch(event):
        events.append(event)
        if len(events) == stop_after:
            raise KeyboardInterrupt

    with reporting(watch):
        try:
            train(build, stages, table, members, Execution(16, at_once, keeper=keeper))
        except KeyboardInterrupt:
            return None, events
    return members, events


def all_of(member):
    """Return all tensors of a member, BatchNorm's statistics and constants too."""
    return weights(member) | member.constants


def assert_equal_members(expected, got):
    for one, other in zip(expected, got, strict=True):
        left, right = all_of(one), all_of(other)
        assert left.keys() == right.keys()
        for name in left:
            np.testing.assert_array_equal(left[name], right[name], err_msg=name)
        facts = [(m.seed, list(m.losses.items()), m.failure, m.retried, m.done) for m in (one, other)]
        assert repr(facts[0]) == repr(facts[1])  # NaN equals NaN there


def center(networks, x, y):
    return {"center": networks["encoder"](x).mean(0, keepdim=True)}


def noisy(networks, batch):
    """A loss that depends on all that a batch may hold."""
    moved = batch.x + 0.1 * batch.noise[..., 0, :, :]
    loss = (batch.x - reconstruct(networks, moved)).square().mean((-1, -2)) * (1.0 + 0.1 * batch.epoch)
    return loss + (networks["encoder"](batch.x) - batch.constants["center"]).square().mean((-1, -2))


def rich_stages():
    """Two stages: pre-training; then rows beside, noise, rare steps with a pool of their own, and repeats."""
    steps = (
        main_step(noisy, beside=("anomaly", 0.2), noise=(1, 4), repeats=2),
        Step("rare", reconstruction_loss, ("decoder",), "anomaly", every=3),
        Step("follower", noisy, ("encoder",), "normal", noise=(1, 4), follows=True),
    )
    late = {"milestones": (1,), "weight_decay": 1e-3, "clip": 0.5, "betas": {"encoder": (0.5, 0.9)}}
    late["averaged"] = 0.9
    return [stage(name="early", epochs=1), stage(*steps, epochs=3, constants=center, **late)]


@pytest.mark.parametrize("kind", KINDS)
def test_wherever_it_is_stopped_it_ends_the_same(kind):
    """In the first stage, at its end, in the second and at its end, of the first group and of the second."""
    build, at_once = autoencoder(KINDS[kind], batch_norm=True), 2
    table, seeds = data(rows=61, anomalies=33), (1, 2, 3)
    expected, events = run(build, rich_stages(), table, seeds, at_once=at_once)
    assert len(events) == (8 if kind in ("stack", "vmap") else 12)
    for stop_after in (1, 2, 3, 5):
        keeper = Memory()
        assert (
            run(build, rich_stages(), table, seeds, keeper=keeper, stop_after=stop_after, at_once=at_once)[0]
            is None
        )
        got, rest = run(build, rich_stages(), table, seeds, keeper=keeper, at_once=at_once)
        assert_equal_members(expected, got)
        assert [event.done for event in rest] == [event.done for event in events[stop_after:]]
        assert [event.total for event in rest] == [event.total for event in events[stop_after:]]


def test_it_can_be_stopped_again_and_again():
    build, keeper = autoencoder(WithDropout), Memory()
    expected, events = run(build, rich_stages(), data(rows=30, anomalies=9), (1, 2))
    for _ in range(len(events)):
        assert (
            run(build, rich_stages(), data(rows=30, anomalies=9), (1, 2), keeper=keeper, stop_after=1)[0]
            is None
        )
    got, rest = run(build, rich_stages(), data(rows=30, anomalies=9), (1, 2), keeper=keeper)
    assert_equal_members(expected, got)
    assert rest == []


def test_a_state_of_trained_members_is_kept_at_the_end():
    build, keeper = autoencoder(), Memory()
    expected, events = run(build, [stage(constants=center)], data(), (1, 2), keeper=keeper)
    assert keeper.writings == len(events) + 1
    got, rest = run(build, [stage(constants=center)], data(), (1, 2), keeper=keeper)
    assert_equal_members(expected, got)
    assert rest == []


def test_a_training_that_is_over_before_it_is_due_keeps_nothing():
    class Patient(Memory):
        def due(self):
            return False

    keeper = Patient()
    assert run(autoencoder(), [stage()], data(), (1, 2), keeper=keeper)[0] is not None
    assert keeper.writings == 0


@pytest.mark.parametrize("kind", ["stack", "one by one"])
def test_failures_and_second_attempts_survive(kind):
    def build():
        networks = autoencoder(KINDS[kind])()
        if torch.rand(()).item() < 0.5:  # as the member's seed wants it
            with torch.no_grad():
                next(networks["encoder"].parameters())[0, 0] = torch.nan
        return networks

    seeds = 5, 6, 9, 0  # no failure, one, two, none
    expected, events = run(build, [stage(epochs=2)], data(rows=20), seeds, at_once=2)
    assert {(m.retried is None, m.failure is None) for m in expected} == {
        (True, True),
        (False, True),
        (False, False),
    }
    for stop_after in range(1, len(events) + 1):
        keeper = Memory()
        run(build, [stage(epochs=2)], data(rows=20), seeds, keeper=keeper, stop_after=stop_after, at_once=2)
        got, _ = run(build, [stage(epochs=2)], data(rows=20), seeds, keeper=keeper, at_once=2)
        assert_equal_members(expected, got)


def test_the_best_epoch_so_far_is_remembered():
    """Before and after the stop."""
    table = data()
    held = torch.zeros(1, 50, dtype=torch.bool)
    held[:, 40:] = True
    table = type(table)(table.x, table.y, held_out=held)

    def criterion(networks, normal, x, y):
        return -abs(float((reconstruct(networks, x) - x).square().mean()) - 1.13)

    stages = [stage(epochs=5, criterion=criterion)]
    expected, _ = run(autoencoder(), stages, table, (1, 2))
    values = expected[0].losses["fit/validation"]
    assert 0 < values.index(max(values)) < 4, values
    for stop_after in range(1, 6):
        keeper = Memory()
        run(autoencoder(), stages, table, (1, 2), keeper=keeper, stop_after=stop_after)
        assert_equal_members(expected, run(autoencoder(), stages, table, (1, 2), keeper=keeper)[0])


def test_the_global_generator_is_left_alone():
    keeper, before = Memory(), torch.get_rng_state()
    run(autoencoder(WithDropout), [stage()], data(), (1,), keeper=keeper, stop_after=2)
    run(autoencoder(WithDropout), [stage()], data(), (1,), keeper=keeper)
    assert torch.equal(before, torch.get_rng_state())


def test_other_networks_are_refused():
    keeper = Memory()
    run(autoencoder(), [stage()], data(), (1, 2), keeper=keeper, stop_after=2)
    message = r"must be of the same networks, whose .* has shape \(2, 1, 7\); got \(2, 1, 6\)"
    with pytest.raises(InvalidInputError, match=message):
        run(autoencoder(widths=(4, 7, 2)), [stage()], data(), (1, 2), keeper=keeper)


def test_a_tensor_that_is_missing_is_named():
    with pytest.raises(InvalidInputError, match=r"whose b has shape \(2,\); got None"):
        put_back({"a": torch.zeros(1), "b": torch.zeros(2)}, {"a": torch.ones(1)})
