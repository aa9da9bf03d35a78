"""Inclusive-NRF: its loss by hand, who learns from what, and bars that were never seen."""

import numpy as np
import pytest
import torch
from image_cases import bars, fitted, for_images, same_together
from sklearn.metrics import roc_auc_score
from torch import nn

from askew import InclusiveNRF
from askew.errors import InvalidInputError
from askew.training import Batch

X = bars(40, seed=0)
QUICK = {"network": "lenet_mnist", "training__epochs": 3, "code_size": 8}


def own_networks():
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(256, 5), nn.Softplus())
    return {
        "encoder": encoder.double(),
        "head": nn.Linear(5, 1).double(),
        "generator": nn.Linear(3, 256).double(),
    }


def test_loss_by_hand_on_three_images():
    detector = InclusiveNRF(steps=2, step_size=0.05, momentum=0.5, noise=0.1, confinement=0.2, code_size=3)
    networks = own_networks()
    x, noise = torch.rand(3, 256).double(), torch.randn(3, 3 + 2 * 256).double()
    found = detector._loss(networks, Batch(x, torch.zeros(3), noise.unsqueeze(0), {}, 0))

    def u(x):
        return networks["head"](networks["encoder"](x))[:, 0]

    made = torch.sigmoid(networks["generator"](noise[:, :3]))
    revised, v = made.detach(), 0.0
    for step in range(2):
        revised.requires_grad_()
        (slope,) = torch.autograd.grad(u(revised).sum(), revised)
        v = 0.5 * v + 0.05 * slope
        kick = 0.1 * noise[:, 3 + 256 * step : 3 + 256 * (step + 1)]
        revised = (revised + v + kick).clamp(0, 1).detach()
    expected = u(revised).mean() - u(x).mean() + 0.2 * u(x).square().mean()
    expected = expected + (revised - made).square().sum(1).mean()
    assert found.item() == pytest.approx(expected.item(), rel=1e-10)


def test_a_sample_is_disturbed_before_its_first_step():
    detector = InclusiveNRF(steps=1, step_size=1e-9, initial_noise=0.1, noise=0.01, code_size=3)
    detector._learned(X, None)
    networks, x = own_networks(), torch.rand(2, 256).double()
    code, start, kick = torch.randn(2, 3), torch.randn(2, 256), torch.randn(2, 256)
    assert detector._stages(detector._settings())[0].steps[0].noise == (1, 3 + 256 + 256)
    drawn = torch.cat([code, start, kick], -1).double()
    found = detector._loss(networks, Batch(x, torch.zeros(2), drawn[None], {}, 0))
    made = torch.sigmoid(networks["generator"](code.double()))
    revised = (made + 0.1 * start.double() + 0.01 * kick.double()).clamp(0, 1)

    def u(x):
        return networks["head"](networks["encoder"](x))[:, 0]

    expected = u(revised).mean() - u(x).mean() + 0.1 * u(x).square().mean()
    expected = expected + (revised - made).square().sum(1).mean()
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)


def test_perceptrons_and_rates_of_the_authors_for_mnist():
    detector, spec = for_images(InclusiveNRF, X, network="nrf_mnist", lr_ratio=0.25)
    networks = detector._build(spec)
    widths = {
        name: [m.out_features for m in networks[name].modules() if isinstance(m, nn.Linear)]
        for name in networks
    }
    assert widths == {"encoder": [1000, 500, 250, 250, 250], "head": [1], "generator": [500, 500, 256]}
    assert detector._stages(detector._settings())[0].lr_factors == {"generator": 0.25}


def test_the_generator_learns_from_its_revised_samples_and_the_potential_from_likelihoods():
    detector = InclusiveNRF(steps=2, step_size=0.5, code_size=3)
    networks = own_networks()
    x, noise = torch.rand(4, 256).double(), torch.randn(1, 4, 3).double()
    detector._loss(networks, Batch(x, torch.zeros(4), noise, {}, 0)).backward()
    of_all = networks["generator"].weight.grad.clone()
    made = torch.sigmoid(networks["generator"](noise[0]))
    revised = made.detach()
    for _ in range(2):
        revised.requires_grad_()
        (slope,) = torch.autograd.grad(networks["head"](networks["encoder"](revised)).sum(), revised)
        revised = (revised + 0.5 * slope).clamp(0, 1).detach()
    networks["generator"].zero_grad()
    (revised - made).square().sum(1).mean().backward()
    torch.testing.assert_close(networks["generator"].weight.grad, of_all)
    assert of_all.abs().sum() > 0


def test_gradients_reach_every_parameter():
    detector, spec = for_images(InclusiveNRF, X, code_size=8)
    torch.manual_seed(0)
    networks = detector._build(spec)
    batch = Batch(torch.rand(8, 256), torch.zeros(8), torch.randn(1, 8, 8), {}, 0)
    detector._loss(networks, batch).backward()
    for name, network in networks.items():
        for key, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, (name, key)


def test_the_potentials_layers_have_rows_of_norm_1_and_no_batch_norm():
    detector = fitted(InclusiveNRF, X, **QUICK)
    encoder = detector.members_[0].networks["encoder"]
    layers = [layer for layer in encoder.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert len(layers) == 3 and not any(isinstance(layer, nn.BatchNorm2d) for layer in encoder.modules())
    for layer in layers:
        torch.testing.assert_close(
            layer.weight.flatten(1).norm(dim=1), torch.ones(len(layer.weight)), rtol=1e-4, atol=0
        )


def test_the_score_is_the_potential():
    detector = fitted(InclusiveNRF, X, **QUICK)
    networks = detector.members_[0].networks
    rows = torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    expected = networks["head"](networks["encoder"](rows))[:, 0]
    np.testing.assert_allclose(detector.score_samples(X), expected, rtol=1e-4, atol=1e-6)


def test_noise_is_asked_for_where_there_is_some():
    for noise, width in ((0.0, 8), (0.1, 8 + 4 * 256)):
        detector, _ = for_images(InclusiveNRF, X, code_size=8, steps=4, noise=noise)
        assert detector._stages(detector._settings())[0].steps[0].noise == (1, width)


def test_upright_bars_are_found_among_lying_ones():
    detector = fitted(
        InclusiveNRF, bars(120, seed=0), network="lenet_mnist", training__epochs=12, code_size=16, steps=5
    )
    test = np.r_[bars(30, seed=1), bars(30, seed=2, upright=True)]
    assert roc_auc_score(np.arange(60) >= 30, detector.anomaly_score(test)) > 0.8


def test_members_together_equal_one_by_one():
    detector, spec = for_images(InclusiveNRF, X, network="lenet_mnist", code_size=8)
    step = detector._stages(detector._settings())[0].steps[0]
    alone, together = same_together(detector, spec, step, noise_code=8)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_a_decoder_for_another_code_is_refused():
    pair = (nn.Sequential(nn.Flatten(), nn.Linear(256, 4)), nn.Linear(7, 256))
    with pytest.raises(
        InvalidInputError, match=r"network of InclusiveNRF must be .*\(100,\)|float32 rows of 100"
    ):
        InclusiveNRF(network=pair).fit(X)
