"""Scores of held-out rows: where a model has them, and telling rows that it was fitted on."""

import numpy as np
import pytest

import askew
from askew.calibration import Quantile
from askew.drift.held_out_scores import HeldOutScores, are_training_rows, held_out_scores

X = np.random.default_rng(0).normal(size=(900, 3))


def test_a_threshold_keeps_them():
    kept = held_out_scores(Quantile(askew.KDE().fit(X[:400])).fit(X[400:]))
    assert kept.n == kept.counts.sum() == 500 and kept.tail_share == pytest.approx(0.05, abs=0.005)
    assert held_out_scores(askew.KDE().fit(X)) is None


def test_auto_has_them_of_rows_that_its_models_had_not_seen():
    model = askew.AutoDetector(candidates=("mahalanobis",), random_state=0).fit(X[:450])
    kept = held_out_scores(model)
    assert kept.n == 450 and "had not seen" in kept.source
    new = kept.compared(kept.count(model.score_samples(X[450:])))
    assert new.p_value > 0.05 and new.distance < 0.1
    assert kept.compared(kept.count(model.score_samples(X[450:] * 1.5))).p_value < 1e-4


def test_more_rows_with_the_lowest_scores_are_found_by_themselves():
    drawn = np.random.default_rng(1)
    kept = HeldOutScores.of(drawn.normal(size=1000), "some")
    new = np.r_[drawn.normal(size=920), np.full(80, -9.0)]
    found = kept.compared(kept.count(new))
    assert found.cell == -1 and found.p_value < 1e-6
    assert (found.before, found.now) == pytest.approx((0.05, 0.05 * 0.92 + 0.08), abs=0.02)


def test_rows_that_were_fitted_on_are_told_by_their_scores():
    model = askew.KDE().fit(X[:450])
    known, new = model.score_samples(X[:450]), model.score_samples(X[450:])
    assert are_training_rows(model, known) and are_training_rows(model, np.r_[new, known])
    assert not are_training_rows(model, new)
    few_scores = askew.KDE().fit(np.repeat([[0.0], [1.0]], [20, 30], axis=0))  # any rows have them
    assert not are_training_rows(few_scores, few_scores.score_samples([[1.0], [0.0]]))
