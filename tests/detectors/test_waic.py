"""WAIC: the likelihood by hand, mean minus variance, and bars that were never seen."""

import numpy as np
import pytest
import torch
from image_cases import bars, fitted, for_images, same_together
from sklearn.metrics import roc_auc_score

from askew import WAIC
from askew.training import Batch

X = bars(40, seed=0)
QUICK = {"filters": 6, "blocks": 1, "training__epochs": 3}


def test_loss_by_hand_on_three_images():
    detector, spec = for_images(WAIC, X, filters=4, blocks=1)
    torch.manual_seed(0)
    networks = {name: network.double() for name, network in detector._build(spec).items()}
    x = torch.randint(1, 255, (3, 256)).double() / 255  # no pixel at an end: there the tail would count too
    location, log_scale = networks["density"](x).chunk(2, 1)
    edges = [torch.sigmoid((x + side / 510 - location) / log_scale.exp()) for side in (1, -1)]
    expected = -torch.log(edges[0] - edges[1]).mean()
    found = detector._loss("density", networks, Batch(x, torch.zeros(3), None, {}, 0))
    assert found.item() == pytest.approx(expected.item(), rel=1e-9)


def test_the_score_is_the_mean_of_the_members_likelihoods_minus_their_variance():
    detector = fitted(WAIC, X, n_members=3, **QUICK)
    log_p = detector.member_scores(X)
    expected = log_p.mean(0) - ((log_p - log_p.mean(0)) ** 2).mean(0)
    np.testing.assert_allclose(detector.score_samples(X), expected, rtol=1e-9)
    assert (detector.score_samples(X) < log_p.mean(0)).all()


def test_one_member_gives_its_likelihood_in_nats():
    detector = fitted(WAIC, X, n_members=1, **QUICK)
    member = detector.members_[0]
    row = torch.from_numpy(X[:1].reshape(1, -1) / 255.0).float()
    losses = detector._loss("density", member.networks, Batch(row, torch.zeros(1), None, {}, 0))
    assert detector.score_samples(X[:1])[0] == pytest.approx(-256 * losses.item(), rel=1e-5)


def test_training_raises_the_likelihood():
    detector = fitted(WAIC, X, n_members=1, filters=8, blocks=1, training__epochs=30, training__lr=5e-3)
    losses = detector.members_[0].losses["density/likelihood"]
    assert losses[-1] < losses[0] - 0.5  # nats per pixel


def test_gradients_reach_every_parameter():
    detector, spec = for_images(WAIC, X, filters=8, blocks=2)
    torch.manual_seed(0)
    networks = detector._build(spec)
    detector._loss("density", networks, Batch(torch.rand(8, 256), torch.zeros(8), None, {}, 0)).backward()
    for key, parameter in networks["density"].named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, key


def test_what_it_expects_of_a_pixel_is_the_middle_of_its_distribution():
    detector = fitted(WAIC, X, n_members=1, **QUICK)
    rows = torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    found = detector._expected(detector.members_[0], rows)
    assert found.shape == rows.shape and 0 <= found.min() and found.max() <= 1
    torch.testing.assert_close(found, detector.members_[0].networks["density"](rows)[:, :256].clamp(0, 1))


@pytest.mark.parametrize("n_members", [1, 2])
def test_noise_is_found_among_bars(n_members):
    size = {"filters": 8, "blocks": 1, "n_members": n_members}
    detector = fitted(WAIC, bars(120, seed=0), training__epochs=8, training__lr=5e-3, **size)
    noise = np.random.default_rng(2).integers(0, 256, (30, 1, 16, 16)).astype(np.uint8)
    test = np.r_[bars(30, seed=1), noise]
    assert roc_auc_score(np.arange(60) >= 30, detector.anomaly_score(test)) > 0.9


def test_members_together_equal_one_by_one():
    detector, spec = for_images(WAIC, X, filters=6, blocks=1)
    step = detector._stages(detector._settings())[0].steps[0]
    alone, together = same_together(detector, spec, step, noise_code=0)
    torch.testing.assert_close(together, alone)


def test_coloured_images_of_floats_have_a_likelihood_too():
    X = np.random.default_rng(0).normal(size=(12, 3, 16, 16))
    assert np.isfinite(fitted(WAIC, X, n_members=2, **QUICK).score_samples(3 * X)).all()
