"""DSEBM: its denoising loss by hand, what moves, both scores, and members trained together."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

import askew
from askew.base.preparation.image_rows import ImageInput
from askew.errors import HealthWarning, InvalidInputError
from askew.inputs.spec import ImageSpec, TableSpec
from askew.training import Batch

F64 = torch.float64


def fitted(X, y=None, **params):
    settings = {"training__epochs": 15, "random_state": 0} | params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        return askew.DSEBM().set_params(**settings).fit(X, y)


def two_clusters(seed, anomalies=0):
    """Rows around two corners; the first `anomalies` are around the other two."""
    rng = np.random.default_rng(seed)
    X = 0.3 * rng.normal(size=(300, 2)) + rng.choice([-1.5, 1.5], size=(300, 1))
    X[:anomalies, 1] *= -1.0
    return X


def one_layer():
    """Return networks with one unit, h = softplus(x₁ + 2 x₂ + ½), and b = (1, -1)."""
    unit = nn.Linear(2, 1).double()
    unit.weight.data = torch.tensor([[1.0, 2.0]], dtype=F64)
    unit.bias.data = torch.tensor([0.5], dtype=F64)
    visible = nn.Linear(1, 2, bias=False).double()
    visible.weight.data = torch.tensor([[1.0], [-1.0]], dtype=F64)
    return {"encoder": nn.Sequential(unit, nn.Softplus()), "visible": visible}


def test_loss_by_hand_on_three_points():
    x = np.array([[0.0, 0.0], [1.0, -1.0], [2.0, 1.0]])
    noise = np.array([[1.0, 0.0], [-2.0, 1.0], [0.5, -0.5]])
    noisy = x + 0.5 * noise
    slope = 1 / (1 + np.exp(-(noisy @ [1.0, 2.0] + 0.5)))  # of softplus
    denoised = np.array([1.0, -1.0]) + slope[:, None] * [1.0, 2.0]
    expected = 0.5 * ((x - denoised) ** 2).sum(1).mean()
    batch = Batch(torch.from_numpy(x), torch.zeros(3), torch.from_numpy(noise)[None], {}, 0)
    assert askew.DSEBM(noise=0.5)._loss(one_layer(), batch).item() == pytest.approx(expected, rel=1e-12)


def test_noise_is_in_units_of_pixels_from_minus_one_to_one():
    detector, seen = askew.DSEBM(noise=0.5), []
    detector._input = ImageInput().know((1, 1, 2), True)
    networks = one_layer()
    networks["encoder"].register_forward_pre_hook(lambda _, given: seen.append(given[0].detach()))
    x, noise = torch.rand(3, 2, dtype=F64), torch.randn(3, 2, dtype=F64)
    detector._loss(networks, Batch(x, torch.zeros(3), noise[None], {}, 0))
    torch.testing.assert_close(seen[0], x + 0.25 * noise)


def test_gradients_reach_every_parameter():
    detector = askew.DSEBM()
    networks = detector._build(TableSpec(5))
    batch = Batch(torch.randn(8, 5), torch.zeros(8), torch.randn(1, 8, 5), {}, 0)
    detector._loss(networks, batch).backward()
    for name, network in networks.items():
        for key, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, (name, key)


def test_one_step_on_normal_rows_moves_both_networks():
    X = two_clusters(seed=0)
    detector = fitted(X, training__epochs=1)
    (stage,) = detector._stages(detector._settings())
    assert [(step.rows, step.moves) for step in stage.steps] == [("normal", ("encoder", "visible"))]


def test_scores_are_the_energy_and_the_squared_slope():
    X = two_clusters(seed=0)
    by_energy = fitted(X, scale=None)
    (member,) = by_energy.members_
    x = torch.from_numpy(X).requires_grad_()
    bias = member.networks["visible"].weight[:, 0]
    energy = 0.5 * (x - bias).square().sum(1) - member.networks["encoder"](x).sum(1)
    np.testing.assert_allclose(by_energy.score_samples(X), -energy.detach().numpy(), rtol=1e-12)
    (slope,) = torch.autograd.grad(energy.sum(), x)
    by_error = fitted(X, scale=None, score_by="reconstruction")
    np.testing.assert_allclose(by_error.score_samples(X), -slope.square().sum(1).numpy(), rtol=1e-9)


def test_bias_is_learned():
    (member,) = fitted(two_clusters(seed=0) + np.array([1.0, 0.0]), scale=None).members_
    assert member.networks["visible"].weight.abs().min() > 1e-3


@pytest.mark.parametrize("name, convolutions", [("auto", 2), ("lenet_cifar10", 3), ("catsvsdogs", 3)])
def test_images_have_smooth_convolutions_without_batch_norm(name, convolutions):
    networks = askew.DSEBM(network=name)._build(ImageSpec(1, 28, 28))
    layers = list(networks["encoder"].modules())
    assert sum(isinstance(layer, nn.Conv2d) for layer in layers) == convolutions
    assert not any(isinstance(layer, nn.BatchNorm2d | nn.ReLU | nn.LeakyReLU) for layer in layers)
    assert sum(isinstance(layer, nn.Softplus) for layer in layers) >= convolutions + 1
    batch = Batch(torch.rand(4, 784), torch.zeros(4), torch.randn(1, 4, 784), {}, 0)
    askew.DSEBM()._loss(networks, batch).backward()
    for network in networks.values():
        for parameter in network.parameters():
            if parameter is not networks["encoder"][-2].bias:  # it lifts h alone, but for the last softplus
                assert parameter.grad is not None and parameter.grad.abs().sum() > 0


def test_what_is_decoded_of_an_image_is_the_transpose_of_its_convolutions():
    """f(x) = b + Σ_j ∇h_j(x): for one linear convolution, the transposed one of the softplus' slopes."""
    torch.manual_seed(0)
    convolution = nn.Conv2d(1, 3, 4, stride=2).double()
    encoder = nn.Sequential(nn.Unflatten(1, (1, 8, 8)), convolution, nn.Softplus(), nn.Flatten())
    visible = nn.Linear(1, 64, bias=False).double()
    x = torch.rand(2, 64, dtype=F64)
    noise = torch.zeros(1, 2, 64, dtype=F64)
    loss = askew.DSEBM()._loss(
        {"encoder": encoder, "visible": visible}, Batch(x, torch.zeros(2), noise, {}, 0)
    )
    slopes = torch.sigmoid(convolution(x.reshape(2, 1, 8, 8)))
    decoded = nn.functional.conv_transpose2d(slopes, convolution.weight, stride=2).flatten(1)
    expected = 0.5 * (x - visible.weight[:, 0] - decoded).square().sum(1).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("score", ["energy", "reconstruction"])
def test_rows_between_the_clusters_are_found(score):
    test = two_clusters(seed=1, anomalies=60)
    found = fitted(two_clusters(seed=0), score_by=score, training__epochs=100, training__lr=1e-2)
    assert roc_auc_score(np.arange(300) < 60, found.anomaly_score(test)) > 0.9


def test_denoising_a_gaussian_learns_its_posterior_mean():
    X = np.random.default_rng(0).normal(size=(3000, 1))
    (member,) = fitted(X, training__epochs=40, training__lr=3e-3).members_
    x = torch.tensor([[-1.0], [0.0], [1.0]], dtype=F64)
    bias, encoder = member.networks["visible"].weight[:, 0], member.networks["encoder"]
    slope = torch.func.grad(lambda x: 0.5 * (x - bias).square().sum() - encoder(x).sum())(x)
    # of x ~ N(0, 1) seen through noise of variance ¼: E[x | x̃] = x̃ / 1.25
    assert (x - slope)[:, 0].tolist() == pytest.approx([-0.8, 0.0, 0.8], abs=0.1)


def test_members_together_equal_one_by_one():
    X = two_clusters(seed=0)
    together = fitted(X, n_members=3)
    alone = fitted(X, n_members=3, training__members_at_once=1)
    np.testing.assert_allclose(together.member_scores(X), alone.member_scores(X), rtol=1e-4, atol=1e-4)


class Wrapped(nn.Module):
    """A module that has no native stack, so that members go through vmap."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(2, 6), nn.Softplus())

    def forward(self, x):
        return self.inner(x)


def test_members_of_a_custom_network_are_trained_through_vmap():
    X = two_clusters(seed=0)
    together = fitted(X, n_members=2, network=lambda spec: Wrapped())
    alone = fitted(X, n_members=2, network=lambda spec: Wrapped(), training__members_at_once=1)
    np.testing.assert_allclose(together.member_scores(X), alone.member_scores(X), rtol=1e-4, atol=1e-4)


def test_known_anomalies_are_left_out():
    X = two_clusters(seed=0, anomalies=20)
    y = np.where(np.arange(300) < 20, -1, 0)
    np.testing.assert_allclose(fitted(X, y).score_samples(X), fitted(X[20:]).score_samples(X), rtol=1e-6)


@pytest.mark.parametrize("score", ["energy", "reconstruction"])
def test_saved_and_loaded_it_scores_the_same(tmp_path, score):
    X = two_clusters(seed=0)
    detector = fitted(X, n_members=2, score_by=score)
    detector.save(tmp_path / "model.askew")
    np.testing.assert_array_equal(
        askew.load(tmp_path / "model.askew").score_samples(X), detector.score_samples(X)
    )


@pytest.mark.parametrize(
    "name, value, rule",
    [("noise", 0.0, "a finite number above 0"), ("score_by", "both", '"energy" or "reconstruction"')],
)
def test_parameters_out_of_range_are_refused(name, value, rule):
    with pytest.raises(InvalidInputError, match=f"{name} of DSEBM must be {rule}; got {value!r}"):
        fitted(two_clusters(seed=0), **{name: value})
