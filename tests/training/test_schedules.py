"""Schedules, checked by what they do: learning rates by distances moved, turns of steps by counting."""

import pytest
import torch
from torch import nn
from training_cases import F64, Wrapped, autoencoder, data, main_step, reconstruction_loss, run, stage

from askew.training import Data, Member, Step, linear_warmup, mean_where


class Weight(nn.Module):
    """One number. With the loss w its gradient is 1, and Adam moves it by exactly the learning rate."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1, dtype=F64))

    def forward(self, x):
        return x * 0.0 + self.w


def moved(members=1, **options):
    def loss(networks, batch):
        return networks["encoder"](batch.x).mean((-1, -2))

    stages = [stage(Step("main", loss, ("encoder",), "all"), forward=None, **options)]
    trained = run(
        lambda: {"encoder": Weight()}, stages, data(rows=30), [(0, s) for s in range(members)], batch_size=10
    )
    return [-m.networks["encoder"].w.item() for m in trained]


@pytest.mark.parametrize("members", [1, 3])
def test_learning_rate_falls_after_each_milestone(members):
    # 3 steps an epoch: 2 epochs at 0.1, then 1 at 0.01, then 3 at 0.001
    expected = 3 * (2 * 0.1 + 0.01 + 3 * 0.001)
    distance = moved(members, epochs=6, lr=0.1, milestones=(2, 3), gamma=0.1)
    assert distance == pytest.approx([expected] * members, rel=1e-6)


def test_without_milestones_it_stays():
    assert moved(epochs=4, lr=0.01) == pytest.approx([3 * 4 * 0.01], rel=1e-6)


def test_lr_at_changes_in_the_epoch_of_the_milestone():
    fifty = stage(milestones=(50, 100), lr=1e-3, gamma=0.1)
    rates = [fifty.lr_at(epoch) for epoch in (0, 49, 50, 99, 100)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5], rel=1e-12)


def test_the_last_epochs_have_the_whole_course_of_the_learning_rate():
    whole = stage(epochs=100, milestones=(50,), lr=0.1, gamma=0.1)
    last = whole.last(0.1)
    assert last.begins == 90
    assert [last.lr_at(epoch) for epoch in (90, 94, 95, 99)] == pytest.approx(
        [0.1, 0.1, 0.01, 0.01], rel=1e-12
    )
    distance = moved(epochs=100, milestones=(50,), lr=0.1, gamma=0.1, begins=90)  # 3 steps an epoch
    assert distance == pytest.approx([3 * (5 * 0.1 + 5 * 0.01)], rel=1e-6)


def turns(rows, *, every, start, epochs, batch_size=10):
    """Return the (epoch, main steps before it) of each turn of the anomaly step, and the number of main steps."""
    log, main = [], []

    def main_loss(networks, batch):
        main.append(batch.epoch)
        return reconstruction_loss(networks, batch)

    def anomaly_loss(networks, batch):
        assert (batch.y == -1).all()
        log.append((batch.epoch, len(main)))
        return reconstruction_loss(networks, batch)

    steps = main_step(main_loss), Step("anomaly", anomaly_loss, ("encoder",), "anomaly", every, start)
    run(
        autoencoder(Wrapped),
        [stage(*steps, epochs=epochs)],
        data(rows=rows + 4, anomalies=4),
        [(0, 1)],
        batch_size=batch_size,
    )
    return log, len(main)


def test_a_step_takes_its_turn_after_every_nth_main_step():
    log, n_main = turns(40, every=2, start=0, epochs=3)
    assert n_main == 12
    assert log == [(0, 2), (0, 4), (1, 6), (1, 8), (2, 10), (2, 12)]


def test_a_step_starts_in_its_epoch_and_not_before():
    log, _ = turns(20, every=1, start=2, epochs=4)
    assert log == [(2, 5), (2, 6), (3, 7), (3, 8)]


def test_turns_are_counted_across_epochs():
    # one batch an epoch: counted within epochs, every=3 would never come and labels would be ignored
    log, n_main = turns(8, every=3, start=1, epochs=8)
    assert n_main == 8
    assert log == [(3, 4), (6, 7)]


def test_without_anomalies_their_step_does_not_run():
    def never(networks, batch):
        raise AssertionError("there is no anomaly")

    steps = main_step(), Step("anomaly", never, ("encoder",), "anomaly")
    (member,) = run(autoencoder(Wrapped), [stage(*steps)], data(), [(0, 1)])
    assert list(member.losses) == ["fit/main"]


def test_kl_warm_up_sees_the_epoch_in_the_loss():
    weights = []

    def loss(networks, batch):
        weights.append(linear_warmup(batch.epoch, 4))
        return reconstruction_loss(networks, batch)

    run(autoencoder(Wrapped), [stage(main_step(loss), epochs=6)], data(rows=10), [(0, 1)], batch_size=10)
    assert weights == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
    assert [linear_warmup(epoch, 0) for epoch in (0, 1)] == [1.0, 1.0]
    assert [linear_warmup(epoch, 1) for epoch in (0, 1, 2)] == [0.0, 1.0, 1.0]


def test_the_mean_of_chosen_rows_is_over_the_last_axis():
    values = torch.tensor([[1.0, 2.0, 6.0], [5.0, 7.0, 9.0], [3.0, 4.0, 8.0]])
    chosen = torch.tensor([[True, False, True], [False, False, False], [False, True, False]])
    assert mean_where(values, chosen).tolist() == [3.5, 0.0, 4.0]


def test_each_stage_counts_its_own_epochs():
    seen = []

    def loss(networks, batch):
        seen.append(batch.epoch)
        return reconstruction_loss(networks, batch)

    first, second = stage(main_step(loss), epochs=2), stage(main_step(loss), name="more", epochs=3)
    run(autoencoder(Wrapped), [first, second], data(rows=10), [(0, 1)], batch_size=10)
    assert seen == [0, 1, 0, 1, 2]


def test_every_use_of_chance_has_a_stream_of_its_own_the_same_as_ever(monkeypatch):
    asked, stream = set(), Member.stream
    monkeypatch.setattr(Member, "stream", lambda self, purpose: asked.add(purpose) or stream(self, purpose))

    def loss(networks, batch):
        return reconstruction_loss(networks, batch) + 0.0 * batch.noise.sum()

    steps = (
        main_step(loss, beside=("anomaly", 0.2), noise=(1, 2)),
        Step("other", loss, ("encoder",), "anomaly", noise=(1, 2)),
    )
    run(autoencoder(Wrapped), [stage(*steps)], data(anomalies=5), [(0, 1)])
    first = int.from_bytes(b"fit", "big") << 8
    assert asked == {0, 1} | {first + number for number in (2, 3, 4, 5, 200)}


def test_stages_that_would_draw_the_same_numbers_are_refused():
    with pytest.raises(ValueError, match="must differ in their first six bytes"):
        run(autoencoder(), [stage(name="critic"), stage(name="critic_again")], data(), [(0, 1)])


def test_constants_are_computed_in_evaluation_mode_before_their_stage():
    modes = []

    def constants(networks, x, y):
        modes.append((networks["encoder"].training, len(x)))
        return {"center": networks["encoder"](x[y >= 0]).mean(0, keepdim=True)}

    def loss(networks, batch):
        assert batch.constants["center"].shape == (1, 2)
        return reconstruction_loss(networks, batch)

    (member,) = run(autoencoder(Wrapped), [stage(main_step(loss), constants=constants)], data(), [(0, 1)])
    assert modes == [(False, 50)]
    assert member.constants["center"].shape == (1, 2)
    assert not member.constants["center"].requires_grad


def test_rows_of_a_step_are_those_it_names():
    x = torch.arange(12, dtype=F64).reshape(1, 12, 1) * torch.ones(4, dtype=F64)
    y = torch.zeros(1, 12, dtype=torch.int8)
    y[0, :3], y[0, 3:5] = -1, 1
    for rows, expected in (("all", range(12)), ("normal", range(3, 12)), ("anomaly", range(3))):
        seen = []

        def loss(networks, batch, seen=seen):
            seen.extend(batch.x[:, 0].tolist())
            return reconstruction_loss(networks, batch)

        steps = (Step("main", loss, ("encoder",), rows),)
        run(autoencoder(Wrapped), [stage(*steps, epochs=1)], Data(x, y), [(0, 1)], batch_size=5)
        assert sorted(seen) == list(expected)
