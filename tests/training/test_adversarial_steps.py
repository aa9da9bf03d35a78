"""What adversarial training asks of stages: steps that repeat and follow, rows beside others, the best epoch."""

import pytest
import torch
from torch import nn
from training_cases import (
    F64,
    Wrapped,
    assert_same,
    autoencoder,
    data,
    main_step,
    reconstruct,
    reconstruction_loss,
    run,
    stage,
    weights,
)

from askew.training import Data, Step


def seen_by(log, name, loss=reconstruction_loss):
    def record(networks, batch):
        noise = None if batch.noise is None else batch.noise.detach().clone()
        log.append((name, batch.x.detach().clone(), batch.y.clone(), noise, batch.beside))
        return loss(networks, batch)

    return record


def test_a_step_repeats_on_the_same_rows_with_noise_of_its_own_and_another_follows():
    log = []
    steps = (
        main_step(seen_by(log, "critic"), moves=("decoder",), repeats=3, noise=(1, 2)),
        Step("generator", seen_by(log, "generator"), ("encoder",), "normal", noise=(1, 2), follows=True),
    )
    run(autoencoder(Wrapped), [stage(*steps, epochs=2)], data(rows=40), [(0, 1)], batch_size=20)
    assert [name for name, *_ in log] == (["critic"] * 3 + ["generator"]) * 4
    for start in range(0, 16, 4):
        turn = log[start : start + 4]
        assert all(torch.equal(turn[0][1], other[1]) for other in turn[1:])
        draws = {tuple(noise.flatten().tolist()) for _, _, _, noise, _ in turn}
        assert len(draws) == 4
    assert not torch.equal(log[0][1], log[4][1])


def test_a_step_that_does_not_follow_draws_its_own_rows():
    log = []
    steps = (main_step(seen_by(log, "a")), Step("b", seen_by(log, "b"), ("encoder",), "normal"))
    run(autoencoder(Wrapped), [stage(*steps, epochs=1)], data(rows=40), [(0, 1)], batch_size=20)
    assert not torch.equal(log[0][1], log[1][1])


@pytest.mark.parametrize("anomalies, share, expected", [(9, 0.1, 2), (9, 0.11, 3), (2, 0.5, 2), (0, 0.5, 0)])
def test_rows_of_another_kind_stand_at_the_end_of_every_batch(anomalies, share, expected):
    log = []
    steps = (
        main_step(seen_by(log, "critic"), beside=("anomaly", share), noise=(1, 1)),
        Step("generator", seen_by(log, "generator"), ("encoder",), "normal", noise=(1, 1), follows=True),
    )
    table = data(rows=50 + anomalies, anomalies=anomalies)
    run(autoencoder(Wrapped), [stage(*steps, epochs=9)], table, [(0, 1)], batch_size=20)
    for _, x, y, noise, beside in log:
        assert beside == expected and noise.shape[-2] == len(x)
        assert (y[len(y) - beside :] == -1).all() and (y[: len(y) - beside] == 0).all()
    assert {len(x) for _, x, *_ in log} == {20 + expected, 10 + expected}  # 50 rows in batches of 20
    shown = {tuple(row.tolist()) for _, x, *_ in log for row in x[len(x) - expected :] if expected}
    assert len(shown) == anomalies  # all get their turn


def test_members_together_get_the_companions_that_they_get_alone():
    steps = (
        main_step(beside=("anomaly", 0.2), repeats=2, noise=(1, 1)),
        Step("generator", reconstruction_loss, ("encoder",), "normal", follows=True),
    )
    betas = {"encoder": (0.5, 0.9)}
    stages = [stage(*steps, betas=betas)]
    table = data(sets=2, anomalies=7)
    together = run(autoencoder(), stages, table, [(0, 5), (1, 6)])
    alone = [run(autoencoder(), stages, table, [member])[0] for member in [(0, 5), (1, 6)]]
    for one, other in zip(together, alone, strict=True):
        assert_same(weights(one), weights(other))


def test_decay_rates_are_those_of_each_network():
    table, epochs = data(rows=30), 6
    betas = {"encoder": (0.5, 0.9)}
    (member,) = run(autoencoder(), [stage(epochs=epochs, betas=betas)], table, [(0, 5)], batch_size=1000)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(member.stream(0))
        networks = autoencoder()()
    optimiser = torch.optim.Adam(
        [
            {"params": networks["encoder"].parameters(), "betas": (0.5, 0.9)},
            {"params": networks["decoder"].parameters(), "betas": (0.9, 0.999)},
        ],
        lr=1e-2,
    )
    for _ in range(epochs):
        optimiser.zero_grad()
        (table.x[0] - reconstruct(networks, table.x[0])).square().mean().backward()
        optimiser.step()
    for name, network in member.networks.items():
        for ours, theirs in zip(network.parameters(), networks[name].parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-10)


def test_the_learning_rate_of_a_network_is_multiplied_by_its_factor():
    stages = [
        stage(
            Step("main", both_fall, ("encoder", "decoder"), "normal"),
            forward=lambda networks, x: networks["encoder"](x),
            lr=0.5,
            epochs=4,
            milestones=(2,),
            lr_factors={"decoder": 3.0},
        )
    ]
    build = lambda: {"encoder": Weight(), "decoder": Weight()}  # noqa: E731
    for member in run(build, stages, data(rows=10), [(0, 1), (0, 2)], batch_size=100):
        # two steps of 0.5 and two of 0.05
        assert member.networks["encoder"].w.item() == pytest.approx(-1.1)
        assert member.networks["decoder"].w.item() == pytest.approx(-3.3)


def both_fall(networks, batch):
    return networks["encoder"](batch.x).mean((-1, -2)) + networks["decoder"](batch.x).mean((-1, -2))


class Weight(nn.Module):
    """One number, which Adam moves down by exactly the learning rate in every step."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1, dtype=F64))

    def forward(self, x):
        return x * 0.0 + self.w


def fall(networks, batch):
    assert (batch.x < 1e3).all()  # held-out rows are larger
    return networks["encoder"](batch.x).mean((-1, -2))


def with_held_out(rows=20, held=4):
    table = data(rows=rows)
    table.x[:, -held:] = 1e6
    mask = torch.zeros(1, rows, dtype=torch.bool)
    mask[:, -held:] = True
    return Data(table.x, table.y, held_out=mask)


def judged(criterion, judged_from=0, epochs=8, members=((0, 1),)):
    stages = [
        stage(
            Step("main", fall, ("encoder",), "normal"),
            forward=lambda networks, x: networks["encoder"](x),
            lr=0.5,
            epochs=epochs,
            criterion=criterion,
            judged_from=judged_from,
        )
    ]
    return run(lambda: {"encoder": Weight()}, stages, with_held_out(), list(members), batch_size=100)


def near(target):
    def criterion(networks, normal, x, y):
        assert not networks["encoder"].training
        assert x.shape == (4, 4) and (x == 1e6).all() and y.shape == (4,)
        assert normal.shape == (16, 4) and (normal < 1e3).all()
        return -abs(networks["encoder"].w.item() - target)

    return criterion


@pytest.mark.parametrize("members", [1, 2])
def test_the_weights_of_the_best_epoch_are_kept(members):
    found = judged(near(-1.6), members=[(0, seed) for seed in range(members)])
    for member in found:
        assert member.networks["encoder"].w.item() == pytest.approx(-1.5)  # after the third of eight steps
        assert len(member.losses["fit/validation"]) == 8
        assert max(member.losses["fit/validation"]) == pytest.approx(-0.1)


def test_epochs_before_the_first_that_may_be_kept_are_not_judged():
    (member,) = judged(near(-1.6), judged_from=5)
    assert member.networks["encoder"].w.item() == pytest.approx(-3.0)
    assert len(member.losses["fit/validation"]) == 3


def test_without_a_criterion_or_with_one_that_knows_nothing_the_last_epoch_is_kept():
    for criterion in (None, lambda *_: float("nan")):
        (member,) = judged(criterion)
        assert member.networks["encoder"].w.item() == pytest.approx(-4.0)


def test_constants_are_computed_without_held_out_rows():
    def constants(networks, x, y):
        assert len(x) == len(y) == 16
        return {"mean": x.mean(0, keepdim=True)}

    stages = [stage(epochs=1, constants=constants)]
    (member,) = run(autoencoder(), stages, with_held_out(), [(0, 1)])
    assert member.constants["mean"].abs().max() < 1e3
