"""The moving average of a stage's weights: its numbers, who sees it, and members together."""

import pytest
import torch
from test_adversarial_steps import Weight, fall, with_held_out
from torch import nn
from training_cases import F64, Wrapped, assert_same, autoencoder, data, main_step, run, stage, weights

from askew.networks import mlp
from askew.training import Step
from askew.training.averaging import Average


def averages(values, decay, first=0.0):
    """Return the average after each of the values."""
    found = []
    for t, value in enumerate(values, 1):
        kept = min(decay, (1 + t) / (10 + t))
        first = kept * first + (1 - kept) * value
        found.append(first)
    return found


def falling(epochs=8, members=((0, 1),), **options):
    """Train a weight that falls by 1/2 in every epoch of one batch."""
    step = Step("main", fall, ("encoder",), "normal")
    forward = {"forward": lambda networks, x: networks["encoder"](x)}
    stages = [stage(step, lr=0.5, epochs=epochs, **forward, **options)]
    return run(lambda: {"encoder": Weight()}, stages, with_held_out(), list(members), batch_size=100)


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.999])
def test_a_stage_ends_with_the_average_of_its_weights_after_every_batch(decay):
    (member,) = falling(averaged=decay)
    expected = averages([-0.5 * t for t in range(1, 9)], decay)[-1]
    assert member.networks["encoder"].w.item() == pytest.approx(expected)


def test_only_a_long_training_forgets_as_slowly_as_it_is_told_to():
    weight = torch.zeros(1, dtype=F64)
    average = Average(0.6, [weight, weight])
    for _ in range(30):
        weight += 1.0
        average.update()
    (found,) = average.averages
    assert found.item() == pytest.approx(averages(range(1, 31), 0.6)[-1])
    assert found.item() < averages(range(1, 31), 0.5)[-1] < 30


def test_swapped_weights_come_back():
    weight = torch.zeros(2, 3)
    average = Average(0.999, [weight])
    weight += 11.0
    average.update()
    average.swap()
    assert (weight == 9.0).all()
    average.swap()
    assert (weight == 11.0).all()


@pytest.mark.parametrize("members", [1, 2])
def test_an_epoch_is_chosen_by_its_average_and_training_goes_on_from_the_weights(members):
    seen = []

    def criterion(networks, normal, x, y):
        seen.append(networks["encoder"].w.item())
        return -abs(seen[-1] + 1.6)

    found = falling(averaged=0.3, criterion=criterion, members=[(0, seed) for seed in range(members)])
    expected = averages([-0.5 * t for t in range(1, 9)], 0.3)
    assert sorted(seen) == pytest.approx(sorted(expected * members))
    best = min(expected, key=lambda value: abs(value + 1.6))
    assert [m.networks["encoder"].w.item() for m in found] == pytest.approx([best] * members)


@pytest.mark.parametrize("kind", [mlp, Wrapped])
def test_members_together_get_the_average_that_they_get_alone(kind):
    def second(networks, batch):
        return networks["decoder"](networks["encoder"](batch.x)).square().mean((-1, -2))

    steps = (main_step(repeats=2), Step("second", second, ("decoder",), "normal", follows=True))
    stages, table = [stage(*steps, averaged=0.9)], data(sets=2)
    build = autoencoder(kind)
    together = run(build, stages, table, [(0, 5), (1, 6)])
    alone = [run(build, stages, table, [member])[0] for member in [(0, 5), (1, 6)]]
    last = run(build, [stage(*steps)], table, [(0, 5)])[0]
    for one, other in zip(together, alone, strict=True):
        assert_same(weights(one), weights(other))
    first = "encoder.0.weight" if kind is mlp else "encoder.inner.0.weight"
    assert (weights(last)[first] - weights(alone[0])[first]).abs().max() > 1e-3


def test_batch_norms_statistics_are_those_of_the_averaged_weights():
    def build():
        return {
            "encoder": nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3, affine=False)).double(),
            "decoder": nn.Linear(3, 4).double(),
        }

    table = data()
    (member,) = run(build, [stage(averaged=0.9, epochs=8)], table, [(0, 1)])
    linear, norm = member.networks["encoder"]
    torch.testing.assert_close(norm.running_mean, linear(table.x[0]).mean(0))
