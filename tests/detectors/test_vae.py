"""VAE: L_R + β KL as the loss, its negative with z = μ as the score."""

import math

import numpy as np
import pytest
import torch
from recipe import F64, VARIATIONAL, Member, auroc, batch, f64, manifold, step_of

import askew
from askew.families.variational import split_code
from detector_cases import fitted, quick, table

X, Y = table()


def test_loss_by_hand():
    x = f64([1.0, 0.0], [2.0, math.log(4.0)])
    noise = f64([[1.0], [-1.0]])  # (samples, rows, code); z = 1 + 1·1 = 2 and 2 - 2·1 = 0
    step = step_of(askew.VAE(beta_kl=0.5), "normal")
    # L_R = ½ mean((1-2)², (0-2)²) = 1.25 and ½ mean((2-0)², (ln4-0)²)
    reconstruction = 1.25, 0.25 * (4.0 + math.log(4.0) ** 2)
    # KL = ½ 1² and -½ (1 + ln4 - 4 - 4)
    kl = 0.5, -0.5 * (1.0 + math.log(4.0) - 4.0 - 4.0)
    expected = np.mean(reconstruction) + 0.5 * np.mean(kl)
    assert step.loss(VARIATIONAL, batch(x, noise=noise)).item() == pytest.approx(expected, rel=1e-12)


def test_reduction_sum_adds_columns_up():
    x, noise = f64([1.0, 0.0]), f64([[1.0]])
    losses = {
        r: step_of(askew.VAE(beta_kl=0.0, reduction=r), "normal")
        .loss(VARIATIONAL, batch(x, noise=noise))
        .item()
        for r in ("mean", "sum")
    }
    assert losses == pytest.approx({"mean": 1.25, "sum": 2.5})


@pytest.mark.parametrize("epoch, weight", [(0, 0.0), (5, 0.25), (19, 0.95), (20, 1.0), (100, 1.0)])
def test_kl_is_annealed_linearly_over_twenty_epochs(epoch, weight):
    x, noise = f64([3.0, 0.0]), f64([[0.0]])
    step = step_of(askew.VAE(beta_kl=2.0), "normal")
    reconstruction = 0.25 * (0.0 + 9.0)  # z = μ = 3, ½ mean(0², 3²)
    loss = step.loss(VARIATIONAL, batch(x, noise=noise, epoch=epoch)).item()
    assert loss == pytest.approx(reconstruction + 2.0 * weight * 4.5, rel=1e-12)


def test_score_by_hand_uses_mu_and_the_full_weight():
    x = f64([1.0, 0.0], [2.0, math.log(4.0)])
    scores = askew.VAE(beta_kl=0.5)._row_scores(Member(VARIATIONAL), x)
    kl = [0.5, -0.5 * (1.0 + math.log(4.0) - 4.0 - 4.0)]
    reconstruction = [0.25 * 1.0, 0.25 * (math.log(4.0) - 2.0) ** 2]
    expected = [-(r + 0.5 * k) for r, k in zip(reconstruction, kl, strict=True)]
    assert scores.tolist() == pytest.approx(expected, rel=1e-12)


def test_log_variances_are_clamped_to_ten():
    mu, log_var = split_code(f64([1.0, 2.0, 30.0, -30.0]))
    assert mu.tolist() == [[1.0, 2.0]] and log_var.tolist() == [[10.0, -10.0]]


def test_it_has_one_stage_whose_step_moves_both_networks():
    step = step_of(askew.VAE(), "normal")
    assert step.moves == ("encoder", "decoder") and step.rows == "normal"
    assert askew.VAE()._outlier_steps() == ()


def test_the_encoder_gives_means_and_log_variances_of_the_papers_width():
    detector = fitted("vae", np.random.default_rng(0).normal(size=(30, 21)))
    encoder, decoder = (detector.members_[0].networks[k] for k in ("encoder", "decoder"))
    assert [m.out_features for m in encoder if isinstance(m, torch.nn.Linear)] == [32, 16, 16]
    assert [m.out_features for m in decoder if isinstance(m, torch.nn.Linear)] == [16, 32, 21]
    assert detector.encode(np.zeros((2, 21))).shape == (2, 8)


def test_more_kl_weight_pulls_codes_to_the_prior():
    x = manifold(150, seed=0)
    spread = {
        beta: np.square(fitted("vae", x, beta_kl=beta, n_members=1, training__epochs=60).encode(x)).mean()
        for beta in (0.0, 5.0)
    }
    assert spread[5.0] < 0.2 * spread[0.0]


def test_planted_anomalies_beat_chance():
    detector = fitted("vae", manifold(200, seed=0), training__epochs=60)
    assert auroc(detector, manifold(200, seed=1), manifold(50, seed=2, shift=1.0)) > 0.8


def test_scores_are_float64_whatever_the_weights_were_trained_in():
    detector = fitted("vae", X)
    assert {p.dtype for m in detector.members_ for n in m.networks.values() for p in n.parameters()} == {F64}


@pytest.mark.parametrize("epochs, last_partial", [(200, 19), (140, 19), (70, 9), (6, -1)])
def test_the_kl_weight_is_reached_after_20_epochs_or_a_seventh_of_a_short_training(epochs, last_partial):
    detector = quick("vae", beta_kl=0.5).set_params(training__epochs=epochs)
    weights = [detector._beta(epoch) for epoch in range(epochs)]
    assert [epoch for epoch, weight in enumerate(weights) if weight < 0.5][-1:] == (
        [last_partial] if last_partial >= 0 else []
    )
    assert weights[0] == (0.0 if last_partial >= 0 else 0.5)


def test_bernoulli_loss_and_score_by_hand():
    x, noise = f64([1.0, 0.0]), f64([[0.0]])  # z = μ = 1 is both logits; cells 1 and 0
    detector = askew.VAE(beta_kl=0.5, likelihood="bernoulli")
    expected = 0.5 * (math.log1p(math.e) - 1.0 + math.log1p(math.e)) + 0.5 * 0.5
    loss = step_of(detector, "normal").loss(VARIATIONAL, batch(x, noise=noise)).item()
    assert loss == pytest.approx(expected, rel=1e-12)
    assert detector._row_scores(Member(VARIATIONAL), x).item() == pytest.approx(-expected, rel=1e-12)
    columns, code = detector._terms(Member(VARIATIONAL), x)
    assert (columns.sum(-1) + code).item() == pytest.approx(-expected, rel=1e-12)


def test_bernoulli_brings_columns_to_0_and_1_and_makes_cells_in_their_range(tmp_path):
    detector = fitted("vae", X, Y, likelihood="bernoulli", scale="standard")
    normal = X[Y >= 0]
    np.testing.assert_allclose(detector.column_mean_, normal.min(0))
    np.testing.assert_allclose(detector.column_scale_, np.ptp(normal, axis=0))
    x = detector._tensor(X)
    member, codes = detector.members_[0], torch.from_numpy(detector.encode(X))
    for made in (detector._expected(member, x), detector._decode(member, codes)):
        assert 0 < made.min() and made.max() < 1
    detector.save(tmp_path / "model.askew")
    again = askew.load(tmp_path / "model.askew")
    np.testing.assert_array_equal(again.score_samples(X), detector.score_samples(X))


def test_an_unknown_likelihood_is_refused():
    with pytest.raises(
        askew.errors.InvalidInputError, match='likelihood of VAE must be "gaussian" or "bernoulli"'
    ):
        askew.VAE(likelihood="poisson").fit(X)
