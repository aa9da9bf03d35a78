"""Fence-GAN: its losses by hand, who moves, the settings of each kind of data, and a fence around a cloud."""

import math

import numpy as np
import pytest
import torch
from image_cases import bars, for_images, same_together
from image_cases import fitted as fitted_on_images
from recipe import F64, Member, auroc, batch, f64, stages_of, step_of
from torch import nn

from askew import FenceGAN
from askew.errors import InvalidInputError
from detector_cases import calmly

X = np.random.default_rng(0).normal(size=(100, 2))

# D's log-odds are the sum of a row's columns; the generator gives the code three times as large
PLAIN = {"encoder": lambda x: x, "head": lambda f: f.sum(-1, keepdim=True), "generator": lambda z: 3.0 * z}
CODES = torch.tensor([[[0.1, 0.2], [-0.3, 0.0]]], dtype=F64)


def log_sigmoid(a):
    return -math.log1p(math.exp(-a))


def test_discriminator_loss_by_hand():
    step = step_of(FenceGAN(gamma=0.25, code_size=2), "discriminator")
    rows = torch.tensor([[1.0, 0.5], [-2.0, 1.0]], dtype=F64)
    expected = -(log_sigmoid(1.5) + log_sigmoid(-1.0)) / 2
    expected -= 0.25 * (log_sigmoid(-0.9) + log_sigmoid(0.9)) / 2  # log(1 - D) of samples with log-odds ±0.9
    assert step.loss(PLAIN, batch(rows, noise=CODES)).item() == pytest.approx(expected)


def test_generator_loss_by_hand():
    step = step_of(FenceGAN(alpha=0.2, beta=7.0, code_size=2), "generator")
    logits = (0.9, -0.9)
    around = -sum(0.2 * log_sigmoid(a) + 0.8 * log_sigmoid(-a) for a in logits) / 2
    distance = 3 * math.hypot(0.4, 0.2) / 2  # the two samples' half distance
    rows = torch.full((2, 2), 99.0, dtype=F64)  # it sees no rows
    assert step.loss(PLAIN, batch(rows, noise=CODES)).item() == pytest.approx(around + 7.0 / distance)


def test_the_score_is_the_log_odds_of_being_real():
    rows = torch.stack([f64(1.0, 0.5), f64(-2.0, 1.0)])
    assert FenceGAN()._row_scores(Member(PLAIN), rows).tolist() == [1.5, -1.0]


def test_each_step_moves_its_own_networks_and_reaches_every_parameter():
    detector = FenceGAN()
    detector._learned(np.zeros((2, 2)), None)
    torch.manual_seed(0)
    networks = detector._build(detector._spec())
    for name, moves in (("discriminator", {"encoder", "head"}), ("generator", {"generator"})):
        step = step_of(detector, name)
        assert set(step.moves) == moves
        moved = {f"{part}.{key}": p for part in step.moves for key, p in networks[part].named_parameters()}
        rows = batch(torch.randn(6, 2), noise=torch.randn(1, 6, 32))
        step.loss(networks, rows).backward(inputs=list(moved.values()))
        for key, p in moved.items():  # BatchNorm takes a bias before it away
            assert p.grad is not None and (p.dim() == 1 or p.grad.abs().sum() > 0), key
            p.grad = None
    # samples are constants to the discriminator
    rows = batch(torch.randn(6, 2), noise=torch.randn(1, 6, 32))
    step_of(detector, "discriminator").loss(networks, rows).backward()
    assert all(p.grad is None for p in networks["generator"].parameters())


def test_the_discriminator_goes_first_and_alone():
    alone, both = stages_of(FenceGAN().set_params(training__pretrain_epochs=3, training__epochs=7))
    assert (alone.epochs, both.epochs) == (3, 7)
    assert [step.name for step in alone.steps] == ["discriminator"]
    assert [step.name for step in both.steps] == ["discriminator", "generator"]
    assert both.steps[1].follows


@pytest.mark.parametrize(
    "channels, lr, ratio, batch_size, epochs, code, alpha, beta, gamma",
    [
        (1, 1e-5, 2.0, 200, 100, 200, 0.1, 30.0, 0.1),
        (3, 1e-4, 10.0, 128, 150, 256, 0.5, 10.0, 0.5),
        (None, 1e-3, 1.0, 100, 150, 32, 0.5, 15.0, 0.1),
    ],
)
def test_settings_are_the_authors_for_each_kind_of_data(
    channels, lr, ratio, batch_size, epochs, code, alpha, beta, gamma
):
    detector = FenceGAN()
    if channels is not None:
        detector._learned(np.zeros((2, channels, 16, 16)), None)
    settings = detector._settings()
    assert (settings.lr, settings.batch_size, settings.epochs) == (lr, batch_size, epochs)
    assert settings.pretrain_epochs == 15
    stage = stages_of(detector)[1]
    assert stage.lr == lr and stage.lr_factors == {"generator": ratio}
    assert stage.steps[0].noise == (1, code)
    assert detector._settings_in_use()[:3] == (alpha, beta, gamma)
    assert FenceGAN(beta=0.0)._settings_in_use().beta == 0.0
    detector.set_params(training__lr=0.1, lr_ratio=4.0)
    assert detector._settings().lr == 0.1 and stages_of(detector)[1].lr_factors == {"generator": 4.0}


def test_samples_lie_around_the_normal_rows_and_the_score_falls_outside():
    X = np.random.default_rng(0).normal(size=(300, 2))
    detector = calmly(FenceGAN(random_state=0).set_params(training__epochs=100).fit, X)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.c_[np.cos(angles), np.sin(angles)]
    assert auroc(detector, X[:60], 7.0 * circle) > 0.95
    codes = torch.randn(300, 32, generator=torch.Generator().manual_seed(0), dtype=F64)
    made = detector.members_[0].networks["generator"].train()(codes)
    assert made.norm(dim=-1).mean() > 1.2 * np.linalg.norm(X, axis=1).mean()


def test_images_are_seen_from_minus_one_to_one():
    images = bars(20, seed=0)
    detector, _ = for_images(FenceGAN, images)
    assert detector._centred(torch.tensor([0.0, 0.5, 1.0])).tolist() == [-1.0, 0.0, 1.0]
    detector = fitted_on_images(
        FenceGAN, images, code_size=4, training__epochs=2, training__pretrain_epochs=1
    )
    member = detector.members_[0]
    seen = torch.from_numpy(images.reshape(20, -1) / 127.5 - 1.0).float()
    by_hand = member.networks["head"](member.networks["encoder"](seen)).squeeze(-1)
    np.testing.assert_allclose(detector.score_samples(images), by_hand, rtol=1e-4, atol=1e-5)
    assert detector.encode(images).shape == (20, 1024)


def test_small_grey_images_have_the_authors_discriminator_and_initial_weights():
    detector, spec = for_images(FenceGAN, bars(6, seed=0))
    torch.manual_seed(0)
    networks = detector._build(spec)
    body = list(networks["encoder"])
    assert [m.out_channels for m in body if isinstance(m, nn.Conv2d)] == [64, 64]
    assert [m.out_features for m in body if isinstance(m, nn.Linear)] == [1024]
    assert {m.negative_slope for m in body if isinstance(m, nn.LeakyReLU)} == {0.1}
    for name, network in networks.items():
        for key, weight in network.named_parameters():
            if weight.dim() > 1:
                assert weight.std().item() == pytest.approx(0.02, rel=0.1), (name, key)
    colour, spec = for_images(FenceGAN, np.zeros((2, 3, 16, 16), np.uint8))
    slopes = {m.negative_slope for m in colour._build(spec)["encoder"] if isinstance(m, nn.LeakyReLU)}
    assert slopes == {0.2}


def test_upright_bars_are_found_among_lying_ones():
    given = {"training__epochs": 10, "training__pretrain_epochs": 2, "training__lr": 2e-4, "code_size": 16}
    detector = fitted_on_images(FenceGAN, bars(60, seed=0), training__batch_size=20, **given)
    assert auroc(detector, bars(30, seed=1), bars(30, seed=2, upright=True)) > 0.8


@pytest.mark.parametrize("name", ["discriminator", "generator"])
def test_members_together_equal_one_by_one(name):
    detector, spec = for_images(FenceGAN, bars(6, seed=0), code_size=5)
    alone, together = same_together(detector, spec, step_of(detector, name, 256), noise_code=5)
    torch.testing.assert_close(together, alone)


def test_networks_of_ones_own():
    pair = (nn.Linear(2, 5), nn.Linear(7, 2))
    detector = calmly(FenceGAN(network=pair, code_size=7).set_params(training__epochs=2).fit, X)
    assert detector.encode(X).shape == (100, 5)
    with pytest.raises(
        InvalidInputError, match=r"network of FenceGAN must be .*from \(9,\) to \(2,\)|rows of 9"
    ):
        FenceGAN(network=pair, code_size=9).fit(X)
    with pytest.raises(InvalidInputError, match=r'network of FenceGAN must be "auto"; got .infogan'):
        FenceGAN(network="infogan").fit(bars(6, seed=0))
