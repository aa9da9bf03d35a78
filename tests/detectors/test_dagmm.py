"""DAGMM: its loss by hand, dropout from the members' own noise, and the mixture that it keeps."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

import askew
from askew import objectives
from askew.base.preparation.image_rows import ImageInput
from askew.detectors.dagmm import COVARIANCE_FLOOR
from askew.errors import HealthWarning, InvalidInputError
from askew.inputs.spec import TableSpec
from askew.training import Batch, Member

NAMES = ("encoder", "decoder", "estimator_wide", "estimator_narrow", "estimator_out")


def fitted(X, y=None, **params):
    settings = {"training__epochs": 20, "random_state": 0} | params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        return askew.DAGMM().set_params(**settings).fit(X, y)


def correlated(seed, anomalies=0):
    """Rows near a plane of three in six dimensions; the first `anomalies` are off it."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(3, 6))
    X = rng.normal(size=(300, 3)) @ mixing + 0.1 * rng.normal(size=(300, 6))
    X[:anomalies] = 1.5 * rng.normal(size=(anomalies, 6))
    return X


def networks_in_float64(detector, columns=4):
    torch.manual_seed(0)
    return {name: network.double() for name, network in detector._build(TableSpec(columns)).items()}


def test_loss_by_hand_on_three_points():
    detector = askew.DAGMM(n_components=2, lambda_energy=0.3, lambda_diagonal=0.2)
    networks = networks_in_float64(detector)
    x = torch.tensor([[1.0, 2, 3, 4], [0, 1, 0, -1], [2, 0, 1, 0]], dtype=torch.float64)
    code = networks["encoder"](x)
    x_hat = networks["decoder"](code)
    distance = (x - x_hat).norm(dim=1) / x.norm(dim=1)
    cosine = (x * x_hat).sum(1) / x.norm(dim=1) / x_hat.norm(dim=1)
    z = torch.cat([code, distance[:, None], cosine[:, None]], 1)
    hidden = networks["estimator_narrow"](networks["estimator_wide"](z))
    gamma = torch.softmax(networks["estimator_out"](hidden), 1)
    density, penalty = 0.0, 0.0
    for k in range(2):
        share = gamma[:, k]
        mean = (share[:, None] * z).sum(0) / share.sum()
        covariance = (share[:, None] * (z - mean)).T @ (z - mean) / share.sum()
        covariance += COVARIANCE_FLOOR * torch.eye(7)
        normal = torch.distributions.MultivariateNormal(mean, covariance)
        density = density + share.mean() * normal.log_prob(z).exp()
        penalty = penalty + (1 / covariance.diagonal()).sum()
    expected = ((x - x_hat) ** 2).mean() + 0.3 * -density.log().mean() + 0.2 * penalty
    found = detector._loss(networks, Batch(x, torch.zeros(3), None, {}, 0))
    assert found.item() == pytest.approx(expected.item(), rel=1e-9)


def of_images():
    """Return a detector of images of two pixels; a code and an estimator by hand that ignore it."""
    detector = askew.DAGMM(n_components=1, lambda_energy=0.0, lambda_diagonal=0.0)
    detector._input = ImageInput().know((1, 1, 2), True)
    decoder = torch.nn.Linear(1, 2)
    decoder.weight.data.zero_()
    decoder.bias.data = torch.tensor([0.5, 1.0])
    networks = detector._build(TableSpec(2)) | {"encoder": torch.nn.Linear(2, 1), "decoder": decoder}
    networks["estimator_wide"] = nn.Sequential(nn.Linear(3, 64), nn.Tanh())
    return detector, networks


def test_errors_and_features_of_images_are_those_of_pixels_from_minus_one_to_one():
    detector, networks = of_images()
    x = torch.tensor([[0.0, 0.0], [1.0, 1.0]])  # (-1, -1) and (1, 1); decoded they are (0, 1)
    features = detector._features(networks, x)[:, 1:]
    root = np.sqrt(0.5)
    expected = torch.tensor([[np.sqrt(5 / 2), -root], [root, root]], dtype=torch.float32)
    torch.testing.assert_close(features, expected)
    loss = detector._loss(networks, Batch(x, torch.zeros(2), None, {}, 0))
    assert loss.item() == pytest.approx((2.5 + 0.5) / 2)


def test_the_energy_of_images_is_worked_out_in_float64():
    detector, networks = of_images()
    near = torch.ones(3, 3) + 1e-3 * torch.eye(3)
    near[0, 1:], near[1:, 0] = near[0, 1:] * 2000, near[1:, 0] * 2000
    near[0, 0] = 4e6 + 1.0  # positive definite by a pivot that float32 does not see
    constants = {"weight": torch.ones(1, 1), "mean": torch.zeros(1, 1, 3), "covariance": near[None, None]}
    scores = detector._row_scores(Member(0, 0, networks, constants=constants), torch.rand(4, 2))
    assert scores.dtype == torch.float64 and torch.isfinite(scores).all()


def test_equal_images_leave_variances_of_a_thousandth():
    detector, networks = of_images()
    found = detector._mixture(networks, torch.ones(4, 2), torch.zeros(4))["covariance"][0, 0]
    torch.testing.assert_close(found, 1e-3 * torch.eye(3, dtype=torch.float64))


def test_gradients_reach_every_network():
    detector = askew.DAGMM()
    networks = networks_in_float64(detector)
    noise = torch.randn(1, 8, 74, dtype=torch.float64)
    x = torch.randn(8, 4, dtype=torch.float64)
    detector._loss(networks, Batch(x, torch.zeros(8), noise, {}, 0)).backward()
    assert tuple(networks) == NAMES
    for name, network in networks.items():
        for key, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().sum() > 0, (name, key)


def test_training_moves_every_network_on_normal_rows_then_computes_the_mixture():
    detector = askew.DAGMM()
    training, final = detector._stages(detector._settings())
    assert [(step.rows, step.moves) for step in training.steps] == [("normal", NAMES)]
    assert final.steps == () and final.epochs == 0


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5])
def test_dropout_leaves_out_its_share_and_keeps_the_mean(share):
    noise = torch.randn(200, 500, generator=torch.Generator().manual_seed(0))
    dropped = askew.DAGMM(dropout=share)._dropout(torch.ones(200, 500), noise)
    assert (dropped == 0).double().mean().item() == pytest.approx(share, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.01)


def test_dropout_changes_the_training_but_not_the_scoring():
    X = correlated(seed=0)
    without, with_ = fitted(X, dropout=0.0), fitted(X)
    assert np.abs(without.score_samples(X) - with_.score_samples(X)).max() > 1e-3
    np.testing.assert_array_equal(with_.score_samples(X), with_.score_samples(X))


def test_score_is_the_log_density_under_the_mixture_of_all_training_rows():
    X = correlated(seed=0)
    detector = fitted(X, scale=None, n_components=2)
    (member,) = detector.members_
    networks, x = member.networks, torch.from_numpy(X)
    code = networks["encoder"](x)
    z = torch.cat([code, objectives.reconstruction_features(x, networks["decoder"](code))], 1)
    hidden = networks["estimator_narrow"](networks["estimator_wide"](z))
    gamma = torch.softmax(networks["estimator_out"](hidden), 1)
    mixture = objectives.mixture_parameters(z, gamma, floor=COVARIANCE_FLOOR)
    expected = -objectives.mixture_energy(z, *mixture)
    # the mixture was computed from float32 codes
    np.testing.assert_allclose(detector.score_samples(X), expected.numpy(), rtol=1e-3, atol=1e-2)
    assert member.constants["weight"].shape == (1, 2)
    assert member.constants["covariance"].shape == (1, 2, 7, 7)


def test_members_together_equal_one_by_one():
    X = correlated(seed=0)
    together = fitted(X, n_members=3)
    alone = fitted(X, n_members=3, training__members_at_once=1)
    np.testing.assert_allclose(together.member_scores(X), alone.member_scores(X), rtol=1e-3, atol=1e-3)


def test_rows_off_the_plane_are_found():
    test = correlated(seed=1, anomalies=60)
    found = fitted(correlated(seed=0), training__epochs=60, training__lr=3e-3)
    assert roc_auc_score(np.arange(300) < 60, found.anomaly_score(test)) > 0.8


def test_known_anomalies_are_left_out_of_training_and_of_the_mixture():
    X = correlated(seed=0, anomalies=20)
    y = np.where(np.arange(300) < 20, -1, 0)
    np.testing.assert_allclose(
        fitted(X, y).score_samples(X), fitted(X[20:]).score_samples(X), rtol=1e-5, atol=1e-5
    )


def test_saved_and_loaded_it_scores_the_same(tmp_path):
    X = correlated(seed=0)
    detector = fitted(X, n_members=2)
    detector.save(tmp_path / "model.askew")
    loaded = askew.load(tmp_path / "model.askew")
    np.testing.assert_array_equal(loaded.score_samples(X), detector.score_samples(X))


@pytest.mark.parametrize(
    "name, value, rule",
    [
        ("n_components", 0, "an integer of at least 1"),
        ("code_size", 2.5, "an integer of at least 1"),
        ("lambda_energy", -1.0, "a finite number of at least 0"),
        ("lambda_diagonal", float("nan"), "a finite number of at least 0"),
        ("dropout", 1.0, r"in \[0, 1\)"),
    ],
)
def test_parameters_out_of_range_are_refused(name, value, rule):
    with pytest.raises(InvalidInputError, match=f"{name} of DAGMM must be {rule}; got {value}"):
        fitted(correlated(seed=0), **{name: value})


def test_code_size_is_the_width_of_the_default_code():
    assert fitted(correlated(seed=0), code_size=2, training__epochs=1).encode(correlated(seed=1)).shape == (
        300,
        2,
    )


def test_images_go_through_convolutions_to_the_papers_code():
    X = np.random.default_rng(0).integers(0, 256, (20, 1, 16, 16)).astype(np.uint8)
    detector = fitted(X, training__epochs=2, network="lenet_mnist")
    networks = detector.members_[0].networks
    for part, kind in (("encoder", nn.Conv2d), ("decoder", nn.ConvTranspose2d)):
        assert any(isinstance(layer, kind) for layer in networks[part].modules())
    assert detector.encode(X).shape == (20, 5) and np.isfinite(detector.score_samples(X)).all()


def test_the_mixture_in_parts_is_the_mixture_of_all_rows(monkeypatch):
    X = correlated(seed=0)
    whole = fitted(X).members_[0].constants
    monkeypatch.setattr("askew.detectors.dagmm._MIXTURE_ROWS", 64)
    for name, found in fitted(X).members_[0].constants.items():
        torch.testing.assert_close(found, whole[name], rtol=1e-5, atol=1e-6)
