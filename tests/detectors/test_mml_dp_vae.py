"""MML-DP-VAE: the loss on known anomalies is DP-VAE's plus γ times MML-VAE's."""

import numpy as np
import pytest
from recipe import VARIATIONAL, auroc, batch, f64, manifold, step_of

import askew
from detector_cases import fitted, table

X, Y = table()


@pytest.mark.parametrize("form", ["exp", "log"])
@pytest.mark.parametrize("epoch", [0, 7, 100])
def test_anomaly_loss_is_the_sum_of_the_two(form, epoch):
    x = f64([1.0, 0.5], [2.0, -0.3])
    noise = f64([[0.5], [0.1]])
    seen = batch(x, y=[-1, -1], noise=noise, epoch=epoch)
    both = askew.MMLDPVAE(alpha=3.0, beta_kl=0.4, beta_cubo=0.3, gamma=2.0, n_samples=1, cubo_form=form)
    dual = askew.DPVAE(alpha=3.0, beta_kl=0.4)
    cubo = askew.MMLVAE(beta_cubo=0.3, gamma=2.0, n_samples=1, cubo_form=form)
    total, one, other = (step_of(d, "anomaly").loss(VARIATIONAL, seen).item() for d in (both, dual, cubo))
    assert total == pytest.approx(one + other, rel=1e-12)
    assert one != 0 and other != 0


def test_over_several_samples_the_reconstruction_is_averaged():
    x = f64([1.0, 0.5])
    noise = f64([[0.5]], [[-2.0]])
    both = step_of(askew.MMLDPVAE(n_samples=2, gamma=0.0), "anomaly")
    dual = step_of(askew.DPVAE(), "anomaly")
    together = both.loss(VARIATIONAL, batch(x, y=[-1], noise=noise)).item()
    each = [dual.loss(VARIATIONAL, batch(x, y=[-1], noise=n.unsqueeze(0))).item() for n in noise]
    assert together == pytest.approx(np.mean(each), rel=1e-12)


def test_it_is_neither_of_the_two():
    scores = [
        fitted(name, X, Y, training__epochs=12).score_samples(X)
        for name in ("mml_dp_vae", "dp_vae", "mml_vae")
    ]
    assert np.abs(scores[0] - scores[1]).max() > 1e-4
    assert np.abs(scores[0] - scores[2]).max() > 1e-4


def test_the_step_moves_the_encoder_alone():
    assert step_of(askew.MMLDPVAE(), "anomaly").moves == ("encoder",)


def test_without_known_anomalies_it_is_a_vae():
    np.testing.assert_array_equal(
        fitted("mml_dp_vae", X, None).score_samples(X), fitted("vae", X, None).score_samples(X)
    )


def test_planted_anomalies_beat_chance():
    x = np.r_[manifold(200, 0), manifold(10, 1, shift=1.0)]
    y = np.r_[np.zeros(200), -np.ones(10)]
    detector = fitted("mml_dp_vae", x, y, training__epochs=60)
    assert auroc(detector, manifold(200, seed=2), manifold(50, seed=3, shift=1.0)) > 0.9
