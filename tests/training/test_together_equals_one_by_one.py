"""The law of members: training together equals training one by one."""

import pytest
import torch
from torch import nn
from training_cases import (
    F64,
    Branching,
    WithDropout,
    Wrapped,
    assert_same,
    autoencoder,
    data,
    executors_of,
    main_step,
    reconstruct,
    reconstruction_loss,
    run,
    stage,
    weights,
)

from askew.networks import mlp
from askew.objectives import elbo, reparameterise
from askew.training import Execution, Member, Stage, Step, train
from askew.training.population_statistics import has_batch_norm

MEMBERS = [(0, 11), (1, 12), (1, 13), (2, 11)]

KINDS = {
    "native stack": (mlp, {}, "Stacked"),
    "native stack, batch norm": (mlp, {"batch_norm": True}, "Stacked"),
    "native stack, no bias, batch norm without affine": (
        mlp,
        {"bias": False, "batch_norm": True, "affine": False},
        "Stacked",
    ),
    "vmap": (Wrapped, {}, "Vmapped"),
    "vmap, batch norm": (Wrapped, {"batch_norm": True}, "Vmapped"),
    "data-dependent control flow": (Branching, {}, None),
    "data-dependent control flow, batch norm": (Branching, {"batch_norm": True}, None),
    "dropout": (WithDropout, {}, None),
    "dropout, batch norm": (WithDropout, {"batch_norm": True}, None),
}

OPTIONS = {
    "plain": {},
    "clipping": {"clip": 0.05},
    "weight decay": {"weight_decay": 0.3},
    "milestones": {"milestones": (1, 3), "gamma": 0.5},
}


def both(monkeypatch, build, stages, data_, members=MEMBERS, batch_size=16):
    chosen = executors_of(monkeypatch)
    together = run(build, stages, data_, members, batch_size=batch_size)
    first = chosen[0]
    alone = run(build, stages, data_, members, batch_size=batch_size, members_at_once=1)
    return together, alone, first


def assert_equal_members(together, alone):
    for one, other in zip(together, alone, strict=True):
        assert one.failure is None and other.failure is None
        assert_same(weights(one), weights(other), loose=has_batch_norm(one.networks["encoder"]))
        assert one.losses.keys() == other.losses.keys()
        for name in one.losses:
            torch.testing.assert_close(torch.tensor(one.losses[name]), torch.tensor(other.losses[name]))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_together_equals_one_by_one_with_different_data_per_member(monkeypatch, kind, options):
    network, layers, expected = KINDS[kind]
    together, alone, executor = both(
        monkeypatch, autoencoder(network, **layers), [stage(**OPTIONS[options])], data(sets=3)
    )
    assert executor == expected
    assert_equal_members(together, alone)
    final = [tuple(w.sum().item() for w in weights(m).values()) for m in together]
    assert len(set(final)) == len(MEMBERS)  # they are different members


def vae_loss(networks, batch):
    mu, log_var = networks["encoder"](batch.x).chunk(2, -1)
    z = reparameterise(mu, log_var, batch.noise.squeeze(-3))
    return elbo((batch.x - networks["decoder"](z)).square().mean(-1), mu, log_var, beta_kl=0.1).mean(-1)


def anomaly_loss(networks, batch):
    chosen = (batch.y < 0).to(F64)
    code = networks["encoder"](batch.x)
    return -((code.square().sum(-1) * chosen).sum(-1) / chosen.sum(-1)).clamp(max=1e3)


@pytest.mark.parametrize("kind", ["native stack", "native stack, batch norm", "vmap", "vmap, batch norm"])
def test_with_noise_and_steps_on_anomalies_of_every_other_batch(monkeypatch, kind):
    network, layers, expected = KINDS[kind]

    def build():
        return {
            "encoder": network((4, 6, 4), **layers).double(),
            "decoder": mlp((2, 6, 4), **layers).double(),
        }

    steps = (
        main_step(vae_loss, noise=(1, 2)),
        Step("anomaly", anomaly_loss, ("encoder",), "anomaly", every=2, start=1, noise=(3, 2)),
    )

    def forward(networks, x):
        return networks["decoder"](networks["encoder"](x).chunk(2, -1)[0])

    together, alone, executor = both(
        monkeypatch, build, [stage(*steps, forward=forward)], data(sets=3, anomalies=5)
    )
    assert executor == expected
    assert_equal_members(together, alone)


def sphere_loss(networks, batch):
    distance = (networks["encoder"](batch.x) - batch.constants["center"]).square().sum(-1)
    return distance.sort(dim=-1).values[..., -1] + distance.mean(-1)


@pytest.mark.parametrize("kind", ["native stack, batch norm", "vmap, batch norm", "dropout, batch norm"])
def test_two_stages_with_a_constant_in_between(monkeypatch, kind):
    network, layers, _ = KINDS[kind]
    sphere = Stage(
        "sphere",
        (Step("distance", sphere_loss, ("encoder",), "all"),),
        epochs=3,
        forward=lambda networks, x: networks["encoder"](x),
        lr=1e-2,
        constants=lambda networks, x, y: {"center": networks["encoder"](x).mean(0, keepdim=True)},
    )
    together, alone, _ = both(monkeypatch, autoencoder(network, **layers), [stage(), sphere], data(sets=3))
    assert_equal_members(together, alone)
    centers = {tuple(member.constants["center"].flatten().tolist()) for member in together}
    assert len(centers) == len(MEMBERS)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_groups_of_any_size_give_the_same(at_once):
    build, stages, data_ = autoencoder(), [stage()], data(sets=3)
    everybody = run(build, stages, data_, MEMBERS)
    grouped = run(build, stages, data_, MEMBERS, members_at_once=at_once)
    assert_equal_members(everybody, grouped)


def test_a_member_does_not_depend_on_who_trains_beside_it():
    build, stages, data_ = autoencoder(), [stage()], data(sets=3)
    (alone,) = run(build, stages, data_, [(1, 12)])
    beside = run(build, stages, data_, MEMBERS)[1]
    assert_same(weights(alone), weights(beside))


def test_same_seed_same_member_and_other_seed_other_member():
    build, stages, data_ = autoencoder(), [stage()], data()
    one, same, other = run(build, stages, data_, [(0, 7), (0, 7), (0, 8)])
    assert_same(weights(one), weights(same), tolerance=0)
    assert any(not torch.allclose(weights(one)[k], weights(other)[k]) for k in weights(one))


def by_hand(seed, data_, options, epochs):
    """Train one member on whole batches with a plain loop and torch's own Adam."""
    from askew.training import Member

    torch.manual_seed(Member(0, seed).stream(0))
    networks = autoencoder()()
    optimisers = [
        torch.optim.Adam(n.parameters(), lr=1e-2, weight_decay=options.get("weight_decay", 0.0))
        for n in networks.values()
    ]
    everything = [p for n in networks.values() for p in n.parameters()]
    for epoch in range(epochs):
        for optimiser in optimisers:
            optimiser.param_groups[0]["lr"] = 1e-2 * 0.5 ** sum(
                epoch >= m for m in options.get("milestones", ())
            )
            optimiser.zero_grad()
        (data_.x[0] - reconstruct(networks, data_.x[0])).square().mean().backward()
        if "clip" in options:
            nn.utils.clip_grad_norm_(everything, options["clip"])
        for optimiser in optimisers:
            optimiser.step()
    return networks


@pytest.mark.parametrize("options", OPTIONS)
def test_on_whole_batches_it_equals_a_loop_written_by_hand(options):
    # would catch weight decay applied twice, clipping over the wrong parameters, a step too many
    data_ = data()
    with torch.random.fork_rng(devices=[]):
        expected = by_hand(5, data_, OPTIONS[options], epochs=5)
    members = run(
        autoencoder(), [stage(epochs=5, **OPTIONS[options])], data_, [(0, 5), (0, 6)], batch_size=1000
    )
    for name, network in members[0].networks.items():
        for ours, theirs in zip(network.parameters(), expected[name].parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-10)


def test_dropout_is_as_random_as_its_seed():
    build, stages, data_ = autoencoder(WithDropout), [stage()], data()
    torch.manual_seed(0)
    (one,) = run(build, stages, data_, [(0, 3)])
    torch.manual_seed(1)
    (same,) = run(build, stages, data_, [(0, 3)])
    assert_same(weights(one), weights(same), tolerance=0)


def test_the_loss_goes_down():
    # "backward() missing for three releases while tests passed"
    for member in run(autoencoder(), [stage(epochs=30)], data(), [(0, 1), (0, 2)]):
        assert member.losses["fit/main"][-1] < 0.8 * member.losses["fit/main"][0]


def test_reconstruction_of_unseen_rows_improves():
    data_, unseen = data(), data(seed=1).x[0]
    before = run(autoencoder(), [stage(lr=1e-12, epochs=1)], data_, [(0, 1)])[0].networks
    after = run(autoencoder(), [stage(epochs=30)], data_, [(0, 1)])[0].networks
    error = {k: (unseen - reconstruct(n, unseen)).square().mean() for k, n in (("b", before), ("a", after))}
    assert error["a"] < 0.9 * error["b"]


def test_networks_of_different_shapes_train_one_by_one(monkeypatch):
    chosen = executors_of(monkeypatch)
    hidden = iter([3, 5, 3, 5])
    members = run(lambda: autoencoder(widths=(4, next(hidden), 2))(), [stage()], data(), [(0, 1), (0, 2)])
    assert chosen[0] is None
    assert [m.networks["encoder"][0].out_features for m in members] == [3, 5]
    assert all(m.failure is None for m in members)


@pytest.mark.parametrize("share", ["of all", "of a row"])
def test_one_member_whose_loss_knows_no_member_axis_trains_plainly(monkeypatch, share):
    def loss(networks, batch):
        squares = (batch.x - reconstruct(networks, batch.x)).square()
        return squares.mean() if share == "of all" else squares.sum((-1, -2)) / batch.x.shape[0]

    chosen = executors_of(monkeypatch)
    (member,) = run(autoencoder(), [stage(main_step(loss))], data(), [(0, 1)])
    assert chosen == ["Plain"] and member.failure is None
    (right,) = run(autoencoder(), [stage()], data(), [(0, 1)])
    assert member.losses["fit/main"][0] == pytest.approx(
        right.losses["fit/main"][0] * (1 if share == "of all" else 4), rel=1e-2
    )


def test_a_loss_that_is_wrong_is_raised_and_not_hidden():
    def wrong(networks, batch):
        return reconstruction_loss(networks, batch) + batch.x @ torch.zeros(3, 3, dtype=F64)

    for kind in (mlp, Wrapped):
        with pytest.raises(RuntimeError, match=r"mat1 and mat2|size"):
            run(autoencoder(kind), [stage(main_step(wrong))], data(), [(0, 1), (0, 2)])


def test_a_member_with_a_start_begins_with_its_weights_and_no_other_does():
    table, still = data(), [stage(lr=0.0, epochs=1)]
    (trained,) = run(autoencoder(), [stage()], table, [(0, 1)])
    going_on, anew = Member(0, 5, start=trained), Member(0, 5)
    train(autoencoder(), still, table, [going_on, anew], Execution(16, 1000))
    assert_same(weights(going_on), weights(trained))
    assert_same(weights(anew), weights(run(autoencoder(), still, table, [(0, 5)])[0]))
