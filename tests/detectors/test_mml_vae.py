"""MML-VAE: γ times the CUBO of known anomalies, through the encoder alone."""

import math

import numpy as np
import pytest
import torch
from recipe import VARIATIONAL, auroc, batch, f64, manifold, step_of

import askew
from detector_cases import fitted, table

X, Y = table()
MU, LOG_VAR = 1.0, math.log(4.0)  # one row (1, ln 4), σ = 2
NOISE = f64([[0.5]], [[-1.0]])  # (samples, rows, code): z = 2 and -1


def exponents(beta):
    """Return e = -2 L_R + β (log σ² + ε² - z²) of the two samples, worked out by hand."""
    out = []
    for eps, z in ((0.5, 2.0), (-1.0, -1.0)):
        reconstruction = 0.25 * ((MU - z) ** 2 + (LOG_VAR - z) ** 2)
        out.append(-2.0 * reconstruction + beta * (LOG_VAR + eps**2 - z**2))
    return out


@pytest.mark.parametrize("beta, gamma", [(1.0, 1.0), (0.05, 1.0), (0.3, 2.5)])
def test_anomaly_loss_by_hand_in_both_forms(beta, gamma):
    x = f64([MU, LOG_VAR])
    mean = np.mean(np.exp(exponents(beta)))
    expected = {"exp": gamma * mean, "log": gamma * 0.5 * math.log(mean)}
    for form in ("exp", "log"):
        detector = askew.MMLVAE(beta_cubo=beta, gamma=gamma, n_samples=2, cubo_form=form)
        loss = step_of(detector, "anomaly").loss(VARIATIONAL, batch(x, y=[-1], noise=NOISE))
        assert loss.item() == pytest.approx(expected[form], rel=1e-12)


def test_only_known_anomalies_count_and_they_are_averaged():
    x = f64([MU, LOG_VAR], [9.0, 9.0], [MU, LOG_VAR])
    noise = NOISE.expand(-1, 3, -1)
    step = step_of(askew.MMLVAE(n_samples=2), "anomaly")
    one = step.loss(VARIATIONAL, batch(x[:1], y=[-1], noise=NOISE))
    assert step.loss(VARIATIONAL, batch(x, y=[-1, 0, -1], noise=noise)).item() == pytest.approx(one.item())


def test_kl_warm_up_does_not_touch_the_cubo():
    step = step_of(askew.MMLVAE(n_samples=2), "anomaly")
    x = f64([MU, LOG_VAR])
    losses = [step.loss(VARIATIONAL, batch(x, y=[-1], noise=NOISE, epoch=e)).item() for e in (0, 100)]
    assert losses[0] == losses[1]


def test_the_step_asks_for_its_samples_and_moves_the_encoder_alone():
    step = step_of(askew.MMLVAE(n_samples=7), "anomaly", features=21)
    assert step.noise == (7, 8) and step.moves == ("encoder",)
    assert step_of(askew.MMLVAE(freeze_decoder=False), "anomaly").moves == ("encoder", "decoder")


def test_gradients_reach_the_encoder():
    weight = f64([1.0, 0.0], [0.0, 1.0]).requires_grad_()
    networks = VARIATIONAL | {"encoder": lambda x: x @ weight}
    loss = step_of(askew.MMLVAE(n_samples=2), "anomaly").loss(
        networks, batch(f64([MU, LOG_VAR]), y=[-1], noise=NOISE)
    )
    (gradient,) = torch.autograd.grad(loss, weight)
    assert (gradient != 0).all()


def test_forms_samples_and_weights_change_the_model():
    usual = fitted("mml_vae", X, Y, training__epochs=12).score_samples(X)
    for change in ({"cubo_form": "log"}, {"n_samples": 2}, {"beta_cubo": 0.5}, {"gamma": 3.0}):
        other = fitted("mml_vae", X, Y, training__epochs=12, **change).score_samples(X)
        assert np.abs(usual - other).max() > 1e-5, change


def test_without_known_anomalies_it_is_a_vae():
    np.testing.assert_array_equal(
        fitted("mml_vae", X, None).score_samples(X), fitted("vae", X, None).score_samples(X)
    )


def test_extreme_anomalies_do_not_break_training():
    x = X.copy()
    x[:6] = 1e6
    for form in ("exp", "log"):
        detector = fitted("mml_vae", x, Y, cubo_form=form, training__epochs=9, training__clip_grad_norm=1.0)
        assert detector.failed_members_ == [] and np.isfinite(detector.score_samples(x)).all()


def test_planted_anomalies_beat_chance():
    x = np.r_[manifold(200, 0), manifold(10, 1, shift=1.0)]
    y = np.r_[np.zeros(200), -np.ones(10)]
    detector = fitted("mml_vae", x, y, training__epochs=60)
    assert auroc(detector, manifold(200, seed=2), manifold(50, seed=3, shift=1.0)) > 0.9


def test_gradients_of_the_log_form_are_clipped_unless_told_otherwise():
    clips = [
        askew.MMLVAE(cubo_form=form).set_params(training__clip_grad_norm=given)._settings().clip_grad_norm
        for form, given in (("log", None), ("exp", None), ("auto", None), ("log", 0.0))
    ]
    assert clips == [1.0, 0.0, 0.0, 0.0]
