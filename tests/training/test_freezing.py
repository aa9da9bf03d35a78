"""Freezing is "which networks move": what a step does not name keeps every bit, yet gradients pass through it."""

import pytest
import torch
from training_cases import Wrapped, autoencoder, data, main_step, reconstruct, reconstruction_loss, run, stage

from askew.networks import mlp
from askew.training import Step

KINDS = {"stack": mlp, "vmap": Wrapped}
NOTHING = dict(epochs=1, lr=1e-30)  # trains, but too little to move a float64


def initial(build, data_, members):
    """Return the members as they are before training."""
    return run(
        build, [stage(main_step(lambda n, b: 0.0 * reconstruction_loss(n, b)), **NOTHING)], data_, members
    )


def parameters(member, name):
    return [p.clone() for p in member.networks[name].parameters()]


@pytest.mark.parametrize("members", [[(0, 1)], [(0, 1), (0, 2), (0, 3)]], ids=["one", "three"])
@pytest.mark.parametrize("kind", KINDS)
def test_frozen_networks_keep_every_bit_while_gradients_reach_the_encoder(kind, members):
    build, data_ = autoencoder(KINDS[kind], batch_norm=True), data()
    before = initial(build, data_, members)
    after = run(build, [stage(main_step(moves=("encoder",)), epochs=3)], data_, members)
    for old, new in zip(before, after, strict=True):
        for one, other in zip(parameters(old, "decoder"), parameters(new, "decoder"), strict=True):
            assert torch.equal(one, other)
        for one, other in zip(parameters(old, "encoder"), parameters(new, "encoder"), strict=True):
            assert not torch.equal(one, other)  # every parameter of the encoder moved


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_of_what_moves_moves(kind):
    build, data_, members = autoencoder(KINDS[kind]), data(), [(0, 1), (0, 2)]
    for old, new in zip(initial(build, data_, members), run(build, [stage()], data_, members), strict=True):
        for name in ("encoder", "decoder"):
            for one, other in zip(parameters(old, name), parameters(new, name), strict=True):
                assert not torch.equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_that_moves_the_encoder_leaves_the_decoder_to_the_other_step(kind):
    """The decoder ends where it would if the anomaly step's loss were not there at all."""

    def fixed(networks, batch):  # trains the decoder on fixed codes: it sees the encoder in no way
        target = batch.x[..., :2]
        return (batch.x - networks["decoder"](target)).square().mean((-1, -2))

    def through_the_decoder(networks, batch):
        return -reconstruct(networks, batch.x).square().mean((-1, -2))

    build, data_, members = autoencoder(KINDS[kind]), data(anomalies=5), [(0, 1), (0, 2)]
    main = main_step(fixed, moves=("decoder",))
    anomaly = Step("anomaly", through_the_decoder, ("encoder",), "anomaly")
    without = run(build, [stage(main)], data_, members)
    with_it = run(build, [stage(main, anomaly)], data_, members)
    for one, other in zip(without, with_it, strict=True):
        for a, b in zip(parameters(one, "decoder"), parameters(other, "decoder"), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)
        for a, b in zip(parameters(one, "encoder"), parameters(other, "encoder"), strict=True):
            assert not torch.equal(a, b)  # the gradient came through the frozen decoder


@pytest.mark.parametrize("members", [[(0, 1)], [(0, 1), (0, 2)]], ids=["one", "two"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_that_the_user_froze_stays(kind, members):
    def build():
        networks = autoencoder(KINDS[kind])()
        next(networks["encoder"].parameters()).requires_grad_(False)
        return networks

    data_ = data()
    before, after = initial(build, data_, members), run(build, [stage()], data_, members)
    for old, new in zip(before, after, strict=True):
        first, *rest = zip(parameters(old, "encoder"), parameters(new, "encoder"), strict=True)
        assert torch.equal(*first)
        assert not any(torch.equal(*pair) for pair in rest)
