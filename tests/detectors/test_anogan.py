"""AnoGAN: its losses by hand, who learns from what, the search, and bars that were never seen."""

import numpy as np
import pytest
import torch
from image_cases import bars, fitted, for_images, same_together
from search_cases import own_networks, rows, small
from torch import nn

from askew import AnoGAN
from askew.base.fitted_parameters import remember_parameters
from askew.errors import InvalidInputError
from askew.objectives import search_loss
from askew.training import Batch
from detector_cases import table

X = bars(40, seed=0)
TINY = {"training__epochs": 2, "code_size": 6, "search_steps": 3, "search_lr": 0.1}
QUICK = TINY | {"network": small}


def test_both_losses_by_hand_on_three_rows():
    detector, networks, (x, noise) = AnoGAN(code_size=3), own_networks(), rows()
    batch = Batch(x, torch.zeros(3), noise, {}, 0)
    made = networks["generator"](noise[0, :, :3])
    real, fake = (
        torch.sigmoid(networks["value"](networks["critic"](part)))[:, 0].detach().numpy()
        for part in (x, made)
    )
    wanted = -np.log(real).mean() - np.log(1 - fake).mean()
    assert detector._critic_loss(networks, batch).item() == pytest.approx(wanted, rel=1e-10)
    assert detector._generator_loss(networks, batch).item() == pytest.approx(-np.log(fake).mean(), rel=1e-10)


def test_each_step_moves_its_own_networks_once_and_the_generator_follows():
    detector, spec = for_images(AnoGAN, X, code_size=6)
    (stage,) = detector._stages(detector._settings())
    judge, maker = stage.steps
    assert (judge.moves, judge.rows, judge.repeats) == (("critic", "value"), "normal", 1)
    assert (maker.moves, maker.follows) == (("generator",), True)
    torch.manual_seed(0)
    networks = detector._build(spec)
    batch = Batch(torch.rand(8, 256), torch.zeros(8), torch.randn(1, 8, 7), {}, 0)
    judge.loss(networks, batch).backward()
    assert all(p.grad is None for p in networks["generator"].parameters())
    maker.loss(networks, batch).backward()
    for name, network in networks.items():
        moved = [p.grad.abs().sum() > 0 for p in network.parameters() if p.dim() > 1]
        assert moved and all(moved), name


@pytest.mark.parametrize("weight", [0.0, 0.1, 1.0])
def test_the_score_is_what_is_left_of_the_loss_after_the_search(weight):
    detector = fitted(AnoGAN, X, feature_weight=weight, **QUICK)
    networks = detector.members_[0].networks
    seen = 2.0 * torch.from_numpy(X.reshape(40, -1) / 255.0).float() - 1.0
    start = detector._starts(detector.members_[0], 1, seen)
    codes = start.repeat(40, 1).requires_grad_(True)
    adam = torch.optim.Adam([codes], lr=0.1)
    body, made = networks["critic"], networks["generator"]
    for _ in range(3):
        adam.zero_grad()
        search_loss(seen, made(codes), body(seen), body(made(codes)), weight).sum().backward()
        adam.step()
    with torch.no_grad():
        residual = (seen - made(codes)).abs().sum(1)
        features = (body(seen) - body(made(codes))).abs().sum(1)
    wanted = -((1 - weight) * residual + weight * features)
    np.testing.assert_allclose(detector.score_samples(X), wanted.numpy(), rtol=1e-3)
    np.testing.assert_allclose(detector.encode(X), codes.detach().numpy(), rtol=1e-2, atol=1e-3)


def test_more_steps_leave_less():
    detector = fitted(AnoGAN, X, **QUICK)
    few = detector.score_samples(X).mean()
    remember_parameters(detector.set_params(search_steps=30))
    assert detector.score_samples(X).mean() > few


def test_terms_add_up_and_the_expected_image_is_the_one_found():
    detector = fitted(AnoGAN, X, **QUICK)
    member, x = detector.members_[0], torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    with torch.no_grad():
        terms, code = detector._terms(member, x)
        scores, expected = detector._row_scores(member, x), detector._expected(member, x)
        made = member.networks["generator"](detector._codes(member, x))
    assert code is None
    torch.testing.assert_close(terms.sum(1), scores, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(expected, (made + 1) / 2, rtol=1e-3, atol=1e-4)


def test_without_features_a_pixels_term_is_its_residual():
    detector = fitted(AnoGAN, X, feature_weight=0.0, **QUICK)
    member, x = detector.members_[0], torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    with torch.no_grad():
        found = detector._terms(member, x)[0]
        wanted = -2 * (x - detector._expected(member, x)).abs()
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)


def test_batch_norm_is_calibrated_on_codes_and_on_both_kinds_of_rows():
    detector = fitted(AnoGAN, X, **TINY | {"training__epochs": 1})
    networks = detector.members_[0].networks
    layer = next(layer for layer in networks["generator"] if isinstance(layer, nn.BatchNorm1d))
    first = networks["generator"][0]
    # of standard normal codes the first layer's outputs have the mean b and the variance of its weights' norms
    torch.testing.assert_close(layer.running_var, first.weight.square().sum(1), rtol=0.3, atol=1e-4)
    assert networks["critic"].training is False and layer.num_batches_tracked == 1
    judged = next(layer for layer in networks["critic"].modules() if isinstance(layer, nn.BatchNorm2d))
    assert judged.num_batches_tracked == 2


def test_upright_bars_are_found_among_lying_ones_and_the_bar_is_what_was_expected():
    detector = fitted(
        AnoGAN,
        bars(120, seed=0),
        code_size=6,
        network=small,
        search_steps=15,
        search_lr=0.2,
        training__epochs=30,
        training__lr=2e-3,
        training__batch_size=40,
    )
    test = np.r_[bars(30, seed=1), bars(30, seed=2, upright=True)]
    scores = detector.score_samples(test)
    assert (scores[:30, None] > scores[None, 30:]).mean() > 0.8  # the AUROC


def test_members_together_equal_one_by_one():
    detector, spec = for_images(AnoGAN, X, code_size=6, network=small)
    for step in detector._stages(detector._settings())[0].steps:
        alone, together = same_together(detector, spec, step, noise_code=7)
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_a_table_has_dense_networks():
    rows, _ = table(rows=40)
    detector = fitted(AnoGAN, rows, **TINY)
    assert detector.encode(rows).shape == (40, 6)
    assert not any(
        isinstance(layer, nn.Conv2d) for layer in detector.members_[0].networks["critic"].modules()
    )


def test_many_training_rows_are_not_all_searched(monkeypatch):
    monkeypatch.setattr("askew.families.latent_search.MOST_SEARCHED", 10)
    rows, y = table(rows=60, anomalies=12)
    detector = fitted(AnoGAN, rows, y, **TINY)
    facts = detector.facts_
    assert (facts.n_unlabelled, facts.n_anomalies, len(facts.anomaly_scores)) == (48, 12, 10)
    again = fitted(AnoGAN, rows, y, **TINY)
    assert again.offset_ == detector.offset_
    scores = np.sort(detector.score_samples(rows[12:]))
    assert scores[0] <= detector.offset_ <= scores[-1]


def test_an_architecture_by_name_is_refused():
    with pytest.raises(InvalidInputError, match='network of AnoGAN must be "auto", a pair of modules'):
        AnoGAN(network="lenet_mnist").fit(X)
