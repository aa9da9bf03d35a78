"""Deep SAD: known anomalies are pushed away by their inverse distance, in one shuffled stream with all rows."""

import numpy as np
import pytest
import torch
from recipe import Member, auroc, batch, f64, manifold, stages_of, step_of

import askew
from detector_cases import fitted, table

X, Y = table()
IDENTITY = {"encoder": lambda x: x}
CENTER = f64([1.0, 1.0])
ROWS = f64([1.0, 3.0], [1.0, 3.0], [4.0, 5.0])  # squared distances 4, 4, 25


def test_loss_by_hand():
    step = step_of(askew.DeepSAD(eta=3.0), "distance")
    loss = step.loss(IDENTITY, batch(ROWS, y=[0, 1, -1], center=CENTER))
    assert loss.item() == pytest.approx((4.0 + 12.0 + 3.0 / 25.000001) / 3, rel=1e-12)


def test_with_no_label_it_is_deep_svdd():
    seen = batch(ROWS, center=CENTER)
    one = step_of(askew.DeepSAD(eta=3.0), "distance").loss(IDENTITY, seen)
    assert one == step_of(askew.DeepSVDD(), "distance").loss(IDENTITY, seen)
    np.testing.assert_array_equal(
        fitted("deep_sad", X).score_samples(X), fitted("deep_svdd", X).score_samples(X)
    )


def test_the_score_is_minus_the_distance():
    assert askew.DeepSAD()._row_scores(Member(IDENTITY, center=CENTER), ROWS).tolist() == [-2.0, -2.0, -5.0]


def test_one_stream_of_all_rows_without_oversampling():
    pretrain, sphere = stages_of(askew.DeepSAD())
    assert [step.rows for stage in (pretrain, sphere) for step in stage.steps] == ["all", "all"]
    assert len(sphere.steps) == 1


def test_gradients_pull_normal_rows_in_and_push_anomalies_out():
    x = ROWS.clone().requires_grad_()
    step = step_of(askew.DeepSAD(), "distance")
    (gradient,) = torch.autograd.grad(step.loss(IDENTITY, batch(x, y=[0, 1, -1], center=CENTER)), x)
    outwards = (ROWS - CENTER) * gradient
    assert (outwards.sum(-1).sign() == f64(1.0, 1.0, -1.0)).all()


def test_settings_are_the_papers():
    settings = askew.DeepSAD()._settings()
    assert (settings.epochs, settings.lr, settings.lr_milestones) == (150, 1e-4, (50,))
    pretrain, sphere = stages_of(askew.DeepSAD())
    assert [sphere.lr_at(e) for e in (0, 49, 50, 149)] == pytest.approx([1e-4, 1e-4, 1e-5, 1e-5])
    assert [pretrain.lr_at(e) for e in (0, 149)] == pytest.approx([1e-4, 1e-4])  # no milestone there
    assert sphere.weight_decay == 1e-6


def test_eta_weighs_the_labels():
    gaps = {}
    for eta in (0.01, 1.0, 100.0):
        scores = fitted("deep_sad", X, Y, eta=eta, training__epochs=40).score_samples(X)
        gaps[eta] = scores[:6].mean() / np.abs(scores[6:]).mean()
    assert gaps[100.0] < gaps[1.0] < gaps[0.01]


def test_known_normal_rows_count_eta_times():
    y = Y.copy()
    y[-20:] = 1
    same = fitted("deep_sad", X, y, eta=1.0)
    more = fitted("deep_sad", X, y, eta=5.0)
    assert np.abs(same.score_samples(X) - more.score_samples(X)).max() > 1e-3


def test_an_anomaly_on_the_centre_does_not_break_training():
    x = np.r_[np.zeros((30, 2)) + 1e-3 * np.arange(30)[:, None], [[0.0, 0.0]]]
    y = np.r_[np.zeros(30), -1.0]
    detector = fitted("deep_sad", x, y, training__epochs=9)
    assert detector.failed_members_ == [] and np.isfinite(detector.score_samples(x)).all()


def test_planted_anomalies_beat_chance():
    x = np.r_[manifold(200, 0), manifold(10, 1, shift=1.0)]
    y = np.r_[np.zeros(200), -np.ones(10)]
    detector = fitted("deep_sad", x, y, training__epochs=40, training__pretrain_epochs=20)
    assert auroc(detector, manifold(200, seed=2), manifold(50, seed=3, shift=1.0)) > 0.8
