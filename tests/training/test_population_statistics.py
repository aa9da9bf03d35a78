"""BatchNorm's statistics are computed after training from the rows that are not known anomalies."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn
from training_cases import (
    F64,
    WithDropout,
    Wrapped,
    autoencoder,
    data,
    main_step,
    reconstruct,
    reconstruction_loss,
    run,
    stage,
)

from askew.networks import mlp
from askew.training import Data, Step
from askew.training.population_statistics import set_population_statistics, use_batch_statistics

KINDS = {"stack": mlp, "vmap": Wrapped, "one by one": WithDropout}


def layers_of(network):
    return list(network.inner) if hasattr(network, "inner") else list(network)


def population(member, x):
    """Return mean and variance of what the encoder's first BatchNorm sees over the rows x."""
    linear = layers_of(member.networks["encoder"])[0]
    hidden = linear(x).detach()
    return hidden.mean(0), hidden.var(0)


def push(networks, batch):
    return -networks["encoder"](batch.x).square().mean((-1, -2)).clamp(max=10.0)


@pytest.mark.parametrize("members", [[(0, 1)], [(0, 1), (1, 2), (1, 3)]], ids=["one", "three"])
@pytest.mark.parametrize("kind", KINDS)
def test_they_are_the_population_of_the_normal_rows_and_anomalies_do_not_shift_them(kind, members):
    data_ = data(sets=2, rows=90, anomalies=9)  # the anomalies lie 50 standard deviations away
    steps = main_step(), Step("anomaly", push, ("encoder",), "anomaly")
    trained = run(autoencoder(KINDS[kind], batch_norm=True), [stage(*steps)], data_, members)
    for member in trained:
        normal = data_.x[member.data_set][data_.y[member.data_set] >= 0]
        mean, variance = population(member, normal)
        norm = layers_of(member.networks["encoder"])[1]
        torch.testing.assert_close(norm.running_mean, mean, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(norm.running_var, variance, rtol=1e-9, atol=1e-9)


def test_over_many_rows_batches_are_averaged():
    data_ = data(rows=5000)
    (member,) = run(autoencoder(batch_norm=True), [stage(epochs=1)], data_, [(0, 1)], batch_size=500)
    mean, variance = population(member, data_.x[0])
    norm = member.networks["encoder"][1]
    torch.testing.assert_close(norm.running_mean, mean, rtol=1e-2, atol=1e-3)
    torch.testing.assert_close(norm.running_var, variance, rtol=1e-2, atol=0)


def test_the_last_batches_do_not_decide_them():
    """Rows sorted by size would pull running averages to the last ones; population statistics ignore order."""
    x = torch.linspace(-1.0, 1.0, 200, dtype=F64).reshape(1, 200, 1) * torch.ones(4, dtype=F64)
    y = torch.zeros(1, 200, dtype=torch.int8)
    build, stages = autoencoder(batch_norm=True), [stage()]
    (member,) = run(build, stages, Data(x, y), [(0, 1)])
    mean, variance = population(member, x[0])
    torch.testing.assert_close(member.networks["encoder"][1].running_mean, mean, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(member.networks["encoder"][1].running_var, variance, rtol=1e-9, atol=1e-9)


def test_in_evaluation_a_row_is_computed_alone():
    (member,) = run(autoencoder(batch_norm=True), [stage()], data(), [(0, 1)])
    for network in member.networks.values():
        network.eval()
    x = data(seed=9).x[0]
    together = reconstruct(member.networks, x)
    alone = torch.cat([reconstruct(member.networks, row) for row in x.split(1)])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-12)


def test_calibration_leaves_networks_training_with_batch_statistics():
    networks = autoencoder(batch_norm=True)()
    for network in networks.values():
        network.train()
        use_batch_statistics(network)
    x = data().x[0]
    before = copy.deepcopy(networks["encoder"][1])
    set_population_statistics(networks, reconstruct, x)
    norm = networks["encoder"][1]
    assert networks["encoder"].training and norm.training
    statistics = norm.running_mean.clone()
    assert not torch.equal(before.running_mean, statistics)
    reconstruct(networks, x + 100.0)  # a batch in training does not move them
    assert torch.equal(norm.running_mean, statistics)


def test_calibration_switches_dropout_off():
    networks = {"encoder": nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(4)).double()}
    x = data().x[0]
    set_population_statistics(networks, lambda n, rows: n["encoder"](rows), x)
    torch.testing.assert_close(networks["encoder"][1].running_mean, x.mean(0), rtol=1e-9, atol=1e-9)
    assert networks["encoder"][0].training


def test_without_batch_norm_nothing_is_run():
    def forward(networks, x):
        raise AssertionError("no pass is needed")

    set_population_statistics(autoencoder()(), forward, data().x[0])


def test_a_step_on_anomalies_keeps_them_company_with_normal_rows_for_batch_norm():
    """Alone, a batch of anomalies is centred by BatchNorm and looks like normal rows."""
    seen = []

    def loss(networks, batch):
        seen.append((int((batch.y < 0).sum()), len(batch.y)))
        return reconstruction_loss(networks, batch)

    for batch_norm, expected in ((True, (5, 21)), (False, (5, 5))):
        seen.clear()
        steps = main_step(), Step("anomaly", loss, ("encoder",), "anomaly")
        run(
            autoencoder(Wrapped, batch_norm=batch_norm),
            [stage(*steps, epochs=1)],
            data(rows=37, anomalies=5),
            [(0, 1)],
        )
        assert seen == [expected, expected]


def test_an_epoch_is_judged_by_the_population_of_its_own_weights():
    data_ = replace(data(rows=60), held_out=torch.arange(60)[None] < 5)
    seen = []

    def criterion(networks, normal, x, y):
        linear, norm = networks["encoder"][0], networks["encoder"][1]
        assert not networks["encoder"].training
        torch.testing.assert_close(norm.running_mean, linear(normal).mean(0), rtol=1e-9, atol=1e-9)
        seen.append(norm.running_mean.clone())
        return 0.0

    run(autoencoder(batch_norm=True), [stage(epochs=3, criterion=criterion)], data_, [(0, 1)], batch_size=20)
    assert len(seen) == 3 and (seen[0] - seen[2]).abs().max() > 1e-6
