"""Likelihood ratio: what the background learns from, what moves, and the ratio itself."""

import numpy as np
import pytest
import torch
from image_cases import bars, fitted, for_images, same_together
from sklearn.metrics import roc_auc_score

from askew import WAIC, LikelihoodRatio
from askew.objectives import mutate
from askew.training import Batch

X = bars(40, seed=0)
QUICK = {"filters": 6, "blocks": 1, "training__epochs": 3}


def stages(**params):
    detector, spec = for_images(LikelihoodRatio, X, filters=4, blocks=1, **params)
    return detector, spec, detector._stages(detector._settings())


def test_each_stage_moves_one_model_on_rows_without_known_anomalies():
    _, _, found = stages()
    assert [(stage.steps[0].moves, stage.steps[0].rows) for stage in found] == [
        (("density",), "normal"),
        (("background",), "normal"),
    ]
    assert [stage.steps[0].noise for stage in found] == [None, (1, 256)]


def test_the_background_alone_has_the_weight_decay():
    _, _, found = stages(background_weight_decay=0.25)
    assert [stage.weight_decay for stage in found] == [0.0, 0.25]


def test_losses_by_hand_the_background_learns_from_mutated_images():
    detector, spec, _ = stages(mutation_rate=0.3)
    torch.manual_seed(0)
    networks = {name: network.double() for name, network in detector._build(spec).items()}
    networks["background"].load_state_dict(networks["density"].state_dict())
    x, noise = torch.rand(3, 256, dtype=torch.float64), torch.randn(1, 3, 256, dtype=torch.float64)
    mutated = mutate(x, noise[0], 0.3)
    assert 0.2 < (mutated != x).double().mean() < 0.4
    plain = Batch(x, torch.zeros(3), noise, {}, 0)
    of_mutated = Batch(mutated, torch.zeros(3), None, {}, 0)
    assert detector._loss("background", networks, plain) == detector._loss("density", networks, of_mutated)
    assert detector._loss("background", networks, plain) != detector._loss("density", networks, plain)


def test_the_score_is_the_difference_of_the_log_likelihoods():
    detector = fitted(LikelihoodRatio, X, **QUICK)
    (member,) = detector.members_
    rows = torch.from_numpy(X.reshape(40, -1) / 255.0).float()
    batch = [Batch(row[None], torch.zeros(1), None, {}, 0) for row in rows[:5]]
    swapped = member.networks | {"density": member.networks["background"]}
    log_p, log_p0 = (
        [-256 * detector._loss("density", networks, each).item() for each in batch]
        for networks in (member.networks, swapped)
    )
    np.testing.assert_allclose(
        detector.score_samples(X[:5]), np.subtract(log_p, log_p0), rtol=1e-3, atol=1e-2
    )
    parts, code = detector._terms(member, rows)
    assert code is None and parts.shape == (40, 256)
    np.testing.assert_allclose(parts.sum(1), detector.score_samples(X), rtol=1e-9)


def test_the_model_of_images_is_the_one_that_waic_trains():
    ours, waic = fitted(LikelihoodRatio, X, **QUICK), fitted(WAIC, X, n_members=1, **QUICK)
    losses = [detector.members_[0].losses["density/likelihood"] for detector in (ours, waic)]
    assert losses[0] == losses[1]  # the same seed, the same first weights, the same batches


def test_upright_bars_are_found_among_lying_ones():
    size = {"filters": 8, "blocks": 1}
    detector = fitted(LikelihoodRatio, bars(120, seed=0), training__epochs=15, training__lr=5e-3, **size)
    test = np.r_[bars(30, seed=1), bars(30, seed=2, upright=True)]
    assert roc_auc_score(np.arange(60) >= 30, detector.anomaly_score(test)) > 0.9


@pytest.mark.parametrize("number, code", [(0, 0), (1, 256)])
def test_members_together_equal_one_by_one(number, code):
    detector, spec, found = stages()
    alone, together = same_together(detector, spec, found[number].steps[0], noise_code=code)
    torch.testing.assert_close(together, alone)
