"""Training together: whose members share a stack, and which members failed; the others score alone."""

import math

import numpy as np
import pytest
import torch

import askew
from askew.base import fit_together, joint_fit
from askew.errors import HealthWarning, TrainingError
from detector_cases import calmly, quick, table

X, Y = table()


def test_detectors_whose_data_are_of_one_shape_train_together(monkeypatch):
    stacks, train = [], joint_fit.train
    monkeypatch.setattr(
        joint_fit, "train", lambda *given: stacks.append((given[2].x.shape, len(given[3]))) or train(*given)
    )
    data = [(X, Y), (X[:50], Y[:50]), (X, Y), (X, None)]  # of the last no row is a known anomaly
    fitted = [quick("vae", random_state=seed) for seed in range(4)]
    calmly(fit_together, fitted, data)
    assert stacks == [((2, 60, 4), 4), ((1, 50, 4), 2), ((1, 60, 4), 2)]
    assert all(len(detector.members_) == 2 for detector in fitted)


def breaking(monkeypatch, broken):
    """Give the networks number `broken` (from 0) that VAEs build for training a NaN weight."""
    build, calls = askew.VAE._build, iter(range(1000))

    def sometimes_broken(self, spec):
        networks = build(self, spec)
        if next(calls) in broken:
            with torch.no_grad():
                next(networks["encoder"].parameters())[0, 0] = math.nan
        return networks

    detector = quick("vae", n_members=3)
    monkeypatch.setattr(type(detector), "_build", sometimes_broken)
    return detector


def first_build(monkeypatch):
    """Return how many networks are built before the first member's: the code's size is found with one."""
    counted = []
    build = askew.VAE._build
    monkeypatch.setattr(askew.VAE, "_build", lambda self, spec: counted.append(1) or build(self, spec))
    calmly(quick("vae", n_members=3).fit, X)
    monkeypatch.undo()
    return len(counted) - 3


def test_a_member_trained_again_is_reported_and_counts(monkeypatch):
    first = first_build(monkeypatch)
    detector = breaking(monkeypatch, {first + 1})
    with pytest.warns(
        HealthWarning, match="1 of 3 members were trained again with a new seed: the normal loss"
    ):
        detector.fit(X)
    assert len(detector.members_) == 3 and detector.failed_members_ == []
    assert np.isfinite(detector.score_samples(X)).all()


def test_a_member_that_fails_twice_is_reported_and_never_averaged_in(monkeypatch):
    first = first_build(monkeypatch)
    detector = breaking(monkeypatch, {first + 1, first + 3})
    with pytest.warns(HealthWarning, match="1 of 3 members failed twice and were left out: seed"):
        detector.fit(X)
    assert len(detector.members_) == 2 and len(detector.failed_members_) == 1
    np.testing.assert_allclose(detector.score_samples(X), detector.member_scores(X).mean(0), rtol=1e-12)


def test_when_every_member_fails_the_fit_does(monkeypatch):
    first = first_build(monkeypatch)
    detector = breaking(monkeypatch, set(range(first, first + 6)))
    with pytest.raises(TrainingError, match=r"every member of VAE failed: seed .*Try a lower"):
        detector.fit(X)
    assert not hasattr(detector, "offset_")
