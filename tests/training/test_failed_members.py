"""A member that fails is retried once with a new seed, reported, and never touches the others."""

import math

import pytest
import torch
from training_cases import (
    WithDropout,
    Wrapped,
    assert_same,
    autoencoder,
    data,
    main_step,
    reconstruction_loss,
    run,
    stage,
    weights,
)

from askew.networks import mlp
from askew.training import Data, Stage, Step

KINDS = {"stack": mlp, "vmap": Wrapped, "one by one": WithDropout}
MEMBERS = [(0, 1), (0, 2), (0, 3)]


def builder(kind, broken):
    """Return a build function whose calls number `broken` (from 0) give networks with a NaN weight."""
    calls = iter(range(1000))

    def build():
        networks = autoencoder(kind)()
        if next(calls) in broken:
            with torch.no_grad():
                next(networks["encoder"].parameters())[0, 0] = math.nan
        return networks

    return build


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_with_nan_loss_is_retried_once_with_a_new_seed(kind):
    one, other, third = run(builder(KINDS[kind], broken={1}), [stage()], data(), MEMBERS)
    assert [one.failure, other.failure, third.failure] == [None] * 3
    assert other.retried == "the main loss became nan in epoch 1 of stage fit"
    assert one.retried is None and third.retried is None
    assert (one.seed, third.seed) == (1, 3) and other.seed not in (1, 2, 3)
    assert len(other.losses["fit/main"]) == 4  # the second attempt's, without the first one's
    assert all(math.isfinite(loss) for loss in other.losses["fit/main"])
    assert all(torch.isfinite(w).all() for w in weights(other).values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_retry_is_what_a_fresh_member_of_that_seed_would_be(kind):
    retried = run(builder(KINDS[kind], broken={0}), [stage()], data(), [(0, 1)])[0]
    (fresh,) = run(builder(KINDS[kind], broken=set()), [stage()], data(), [(0, retried.seed)])
    assert_same(weights(retried), weights(fresh), tolerance=0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_members_are_as_if_nothing_had_happened(kind):
    calm = run(builder(KINDS[kind], broken=set()), [stage(clip=0.1)], data(), MEMBERS)
    beside = run(builder(KINDS[kind], broken={1}), [stage(clip=0.1)], data(), MEMBERS)
    for m in (0, 2):
        assert_same(weights(calm[m]), weights(beside[m]), tolerance=0)
        assert calm[m].losses == beside[m].losses


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_that_fails_twice_is_given_up_and_reported(kind):
    one, other, third = run(builder(KINDS[kind], broken={1, 3}), [stage()], data(), MEMBERS)
    assert one.failure is None and third.failure is None
    assert other.failure == "the main loss became nan in epoch 1 of stage fit"
    assert other.retried == other.failure


def test_when_all_fail_training_ends_early():
    stages = [stage(epochs=50), stage(name="more", epochs=50)]
    made = run(builder(mlp, broken=set(range(100))), stages, data(), MEMBERS)
    assert all(member.failure for member in made)
    assert all(len(losses) == 1 for member in made for losses in member.losses.values())
    assert all(list(member.losses) == ["fit/main", "more/main"] for member in made)


def test_a_loss_that_becomes_nan_later_is_found_in_its_step_and_stage():
    def late(networks, batch):
        loss = reconstruction_loss(networks, batch)
        return loss * math.nan if batch.epoch == 2 else loss

    steps = main_step(), Step("anomaly", late, ("encoder",), "anomaly")
    (member,) = run(
        autoencoder(), [stage(), stage(*steps, name="more")], data(anomalies=4), [(0, 1)], batch_size=100
    )
    assert member.failure == "the anomaly loss became nan in epoch 3 of stage more"


def test_an_infinite_loss_is_a_failure_too():
    wild = data(sets=2)
    wild.x[1] *= 1e200
    one, other = run(autoencoder(), [stage()], wild, [(0, 1), (1, 2)], batch_size=100)
    assert one.failure is None
    assert "the main loss became inf" in other.failure


def test_weights_that_explode_in_the_very_last_step_are_a_failure():
    def vanish(networks, batch):
        return networks["encoder"](batch.x).mean((-1, -2)) * 1.0

    last = Stage("last", (Step("main", vanish, ("encoder",), "all"),), 1, None, lr=math.inf)
    (member,) = run(autoencoder(), [last], data(rows=10), [(0, 1)])
    assert math.isfinite(member.losses["last/main"][0])
    assert member.failure == "the weights became NaN or infinite in stage last"


def test_a_failed_member_in_one_data_set_leaves_other_data_sets_alone():
    calm = data(sets=3)
    poisoned = Data(calm.x.clone(), calm.y)
    poisoned.x[1, 7, 2] = math.nan
    build, stages, members = autoencoder(batch_norm=True), [stage()], [(0, 1), (1, 1), (2, 1)]
    expected = run(build, stages, calm, members)
    got = run(build, stages, poisoned, members)
    assert got[1].failure is not None
    for m in (0, 2):
        assert got[m].failure is None
        assert_same(weights(expected[m]), weights(got[m]), tolerance=0)
