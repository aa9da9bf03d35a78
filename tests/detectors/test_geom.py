"""GEOM: its loss and score by hand, the Dirichlet distributions it keeps, and turned images."""

import numpy as np
import pytest
import torch
from image_cases import SIDE, bars, fitted, for_images, same_together
from sklearn.metrics import roc_auc_score
from torch import nn

from askew import GEOM
from askew.errors import InvalidInputError
from askew.networks.wide_resnet import WideBlock
from askew.objectives import dirichlet_mle
from askew.training import Batch

X = bars(40, seed=0)
F64 = torch.float64
QUICK = {"network": "lenet_mnist", "training__epochs": 3}


def networks_in_float64(detector, spec):
    torch.manual_seed(0)
    return {name: network.double().eval() for name, network in detector._build(spec).items()}


def log_y_by_hand(networks, x, turns):
    """Return the log-softmax of flat rows x after so many quarter turns."""
    image = torch.rot90(x.reshape(-1, 1, SIDE, SIDE), turns, (2, 3))
    out = networks["head"](networks["encoder"](image.flatten(1)))
    return out - out.logsumexp(1, keepdim=True)


def test_loss_by_hand_on_three_images():
    detector, spec = for_images(GEOM, X, transformations="rotations", network="lenet_mnist")
    networks = networks_in_float64(detector, spec)
    x = torch.rand(3, 256, dtype=F64)
    noise = torch.tensor([-2.0, 0.3, 9.0], dtype=F64)  # Φ = 0.02, 0.62, 1: transformations 0, 2 and the last
    expected = -sum(
        log_y_by_hand(networks, x[i : i + 1], turns)[0, turns] for i, turns in enumerate((0, 2, 3))
    )
    batch = Batch(x, torch.zeros(3), noise.reshape(1, 3, 1), {}, 0)
    assert detector._loss(networks, batch).item() == pytest.approx(expected.item() / 3, rel=1e-12)


def test_transformations_are_drawn_evenly():
    detector, _ = for_images(GEOM, X)
    drawn = []
    networks = {
        "transform": lambda x, number: drawn.append(number) or x,
        "encoder": lambda x: x,
        "head": lambda x: torch.zeros(len(x), 72),
    }
    noise = torch.randn(1, 72_000, 1, generator=torch.Generator().manual_seed(0))
    detector._loss(networks, Batch(torch.zeros(72_000, 1), torch.zeros(72_000), noise, {}, 0))
    counts = torch.bincount(drawn[0], minlength=72)
    assert len(counts) == 72 and ((counts - 1000).abs() < 5 * 1000**0.5).all()


def test_scores_by_hand():
    detector = fitted(GEOM, X, transformations="rotations", **QUICK)
    simple = fitted(GEOM, X, transformations="rotations", score_by="softmax", **QUICK)
    new = bars(5, seed=1)
    rows = torch.from_numpy(new.reshape(5, -1) / 255.0)
    by_density, by_softmax = torch.zeros(5, dtype=F64), torch.zeros(5, dtype=F64)
    networks = {name: network.double() for name, network in detector.members_[0].networks.items()}
    train = torch.from_numpy(X.reshape(40, -1) / 255.0)
    for turns in range(4):
        of_train = log_y_by_hand(networks, train, turns)
        alpha = dirichlet_mle(of_train.exp().mean(0), of_train.mean(0))
        log_y = log_y_by_hand(networks, rows, turns)
        by_density += ((alpha - 1) * log_y).sum(1) / 4
        by_softmax += log_y[:, turns].exp() / 4
    for network in detector.members_[0].networks.values():
        network.float()
    np.testing.assert_allclose(detector.score_samples(new), by_density, rtol=1e-3)
    np.testing.assert_allclose(simple.score_samples(new), by_softmax, rtol=1e-5)
    assert simple.members_[0].constants == {}


def test_known_anomalies_are_in_no_dirichlet_distribution():
    y = np.r_[-np.ones(5, np.int8), np.zeros(40, np.int8)]
    given = {"transformations": "rotations"} | QUICK
    with_them = fitted(GEOM, np.r_[bars(5, seed=9, upright=True), X], y, **given)
    alpha = fitted(GEOM, X, **given).members_[0].constants["alpha"]
    torch.testing.assert_close(with_them.members_[0].constants["alpha"], alpha, rtol=1e-4, atol=0)


def test_gradients_reach_every_parameter():
    detector, spec = for_images(GEOM, X)
    networks = detector._build(spec)
    batch = Batch(torch.rand(6, 256), torch.zeros(6), torch.randn(1, 6, 1), {}, 0)
    detector._loss(networks, batch).backward()
    for name, network in networks.items():
        for key, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, (name, key)


def test_the_papers_networks_by_name_and_by_size():
    def depth(network, side):
        detector, spec = for_images(GEOM, np.zeros((2, 3, side, side), np.uint8), network=network)
        convolutions = [m for m in detector._build(spec)["encoder"].modules() if isinstance(m, nn.Conv2d)]
        return len(convolutions), convolutions[-1].out_channels

    assert depth("auto", 32) == (10, 256) == depth("wrn_10_4", 64)
    assert depth("auto", 64) == (16, 512) == depth("wrn_16_8", 32)
    detector, spec = for_images(GEOM, X, network="lenet_fashion")
    assert not any(isinstance(m, WideBlock) for m in detector._build(spec)["encoder"].modules())


def test_an_encoder_of_ones_own_gets_a_layer_to_the_transformations():
    own = nn.Sequential(nn.Flatten(), nn.Linear(256, 7))
    detector = fitted(GEOM, X, network=own, training__epochs=2, transformations="flips_and_rotations")
    assert detector.encode(X).shape == (40, 7)
    assert detector.members_[0].networks["head"].out_features == 8


def test_upright_bars_are_found_among_lying_ones():
    detector = fitted(
        GEOM, bars(120, seed=0), transformations="rotations", network="lenet_mnist", training__epochs=20
    )
    test = np.r_[bars(30, seed=1), bars(30, seed=2, upright=True)]
    assert roc_auc_score(np.arange(60) >= 30, detector.anomaly_score(test)) > 0.9


def test_members_together_equal_one_by_one():
    detector, spec = for_images(GEOM, X, network="lenet_mnist")
    step = detector._stages(detector._settings())[0].steps[0]
    alone, together = same_together(detector, spec, step, noise_code=1)
    torch.testing.assert_close(together, alone)


def test_images_that_are_not_square_are_refused():
    with pytest.raises(InvalidInputError, match="X of GEOM must be square images; got '16x20'"):
        GEOM().fit(np.zeros((4, 1, 16, 20), np.uint8))
    with pytest.raises(InvalidInputError, match=r'network of GEOM must be .*"wrn_10_4".*got .resnet'):
        GEOM(network="resnet").fit(X)
