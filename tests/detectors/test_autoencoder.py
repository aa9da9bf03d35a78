"""AutoEncoder: the mean squared reconstruction error is loss and score."""

import numpy as np
import pytest
from recipe import Member, auroc, batch, f64, manifold, step_of
from torch import nn

import askew
from detector_cases import fitted, table

X, Y = table()
HALVING = {"encoder": lambda x: x[..., :1], "decoder": lambda z: z * f64(1.0, 0.5)}


def test_loss_and_score_by_hand():
    x = f64([2.0, 0.0], [1.0, 3.5])
    # reconstructions (2, 1) and (1, ½): ½ (0² + 1²) and ½ (0² + 3²)
    step = step_of(askew.AutoEncoder(), "reconstruction")
    assert step.loss(HALVING, batch(x)).item() == pytest.approx(2.5, rel=1e-12)
    scores = askew.AutoEncoder()._row_scores(Member(HALVING), x)
    assert scores.tolist() == pytest.approx([-0.5, -4.5], rel=1e-12)


def test_it_trains_on_rows_without_known_anomalies_and_moves_both_networks():
    step = step_of(askew.AutoEncoder(), "reconstruction")
    assert step.rows == "normal" and step.moves == ("encoder", "decoder")


def test_an_identity_reconstructs_everything():
    def identity(spec):
        networks = nn.Linear(spec.n_features, spec.n_features), nn.Linear(spec.n_features, spec.n_features)
        for network in networks:
            nn.init.eye_(network.weight)
            nn.init.zeros_(network.bias)
        return networks

    with pytest.warns(askew.errors.HealthWarning, match="every training row has the same score"):
        detector = askew.AutoEncoder(
            network=identity, random_state=0, training=askew.training.Training(epochs=1, lr=1e-30)
        ).fit(X)
    np.testing.assert_allclose(detector.score_samples(X), 0.0, atol=1e-20)


def test_columns_are_standardised_on_rows_without_known_anomalies():
    detector = fitted("autoencoder", X, Y)
    np.testing.assert_allclose(detector.column_mean_, X[6:].mean(axis=0))
    np.testing.assert_allclose(detector.column_scale_, X[6:].std(axis=0))
    raw = fitted("autoencoder", X, Y, scale=None)
    assert raw.column_mean_.tolist() == [0.0] * 4 and raw.column_scale_.tolist() == [1.0] * 4


def test_the_unit_of_a_column_does_not_matter():
    scale = np.array([1e-3, 1.0, 1e3, 7.0])
    one = fitted("autoencoder", X, Y).score_samples(X)
    np.testing.assert_allclose(
        one, fitted("autoencoder", X * scale + 5, Y).score_samples(X * scale + 5), rtol=1e-3
    )


def test_planted_anomalies_beat_chance():
    detector = fitted("autoencoder", manifold(200, seed=0), training__epochs=60)
    assert auroc(detector, manifold(200, seed=1), manifold(50, seed=2, shift=1.0)) > 0.8
