"""Detectors made of networks: settings of training, scores that are too large, files."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError
from torch import nn

import askew
from askew.errors import InvalidInputError, TrainingError
from detector_cases import calmly, fitted, quick, table

X, Y = table()


def test_set_params_leaves_another_detectors_training_alone():
    one, other = askew.VAE(), askew.VAE()
    one.set_params(training__epochs=3)
    assert other.training is None and one.training.epochs == 3
    other.set_params(training__epochs=4, n_members=2)
    assert (other.training.epochs, other.n_members) == (4, 2)


def test_a_score_that_is_no_number_is_the_lowest(monkeypatch):
    detector = fitted("autoencoder", X, n_members=1)
    nan = torch.tensor([0.5, torch.nan], dtype=torch.float64)
    monkeypatch.setattr(type(detector), "_row_scores", lambda self, member, x: nan)
    assert detector.score_samples(X[:2]).tolist() == [0.5, -np.inf]


def test_training_rows_without_finite_scores_are_a_failure(monkeypatch):
    monkeypatch.setattr(askew.VAE, "_row_scores", lambda self, member, x: torch.full((len(x),), torch.inf))
    detector = quick("vae")
    with pytest.raises(TrainingError, match=r"VAE: .*extreme values in the columns"):
        detector.fit(X)
    assert not hasattr(detector, "offset_")


def test_members_that_failed_are_in_the_file(tmp_path):
    detector = fitted("vae", X)
    detector.failed_members_ = ["seed 3: the loss became nan"]
    detector.save(tmp_path / "m.askew")
    assert askew.load(tmp_path / "m.askew").failed_members_ == detector.failed_members_


def test_threads_share_many_chunks_alone(monkeypatch):
    detector, pools = fitted("vae", X), []
    monkeypatch.setattr("askew.base.deep.ThreadPoolExecutor", lambda *given, **more: pools.append(1) or 1 / 0)
    detector.score_samples(np.tile(X, (100, 1)))  # two chunks
    with pytest.raises(ZeroDivisionError):
        detector.score_samples(np.tile(X, (600, 1)))
    assert pools == [1]


def test_training_and_device_are_checked_by_name():
    for wrong in ({"training": {"epochs": 3}}, {"device": "nowhere"}, {"n_members": 0}):
        with pytest.raises(InvalidInputError, match=f"{next(iter(wrong))} of VAE must be"):
            calmly(quick("vae", **wrong).fit, X)


def test_what_a_fit_cannot_go_on_from_is_refused():
    before, narrow = fitted("deep_sad", X, Y), (nn.Linear(4, 2, bias=False), nn.Linear(2, 4))
    for other, refused in (
        (quick("deep_svdd"), "init_model of DeepSVDD must be a fitted DeepSVDD; got DeepSAD"),
        (quick("deep_sad", eta=2.0), r"must be a fitted DeepSAD with eta=2\.0; got 1\.0\. Set eta"),
        (
            quick("deep_sad", network=narrow),
            r"a model with the same networks; got decoder\.0\.weight \(16, 4\)",
        ),
    ):
        with pytest.raises(InvalidInputError, match=refused):
            other.fit(X, Y, init_model=before)
    again = quick("deep_sad")
    with pytest.raises(ValueError, match="X has 3 features, but DeepSAD is expecting 4"):
        again.fit(X[:, :3], Y, init_model=before)
    with pytest.raises(NotFittedError):
        again.fit(X, Y, init_model=quick("deep_sad"))
    assert calmly(again.fit, X[:, :3], Y).n_features_in_ == 3  # nothing is left of the attempts
