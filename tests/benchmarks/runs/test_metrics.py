"""The three metrics against values worked out by hand."""

import numpy as np
import pytest

from askew.benchmarks.runs.metrics import metrics
from askew.errors import InvalidInputError

# Sorted from normal to anomalous:     n  n  n  a  n  n  a  a
SCORES = np.array([8.0, 7, 6, 5, 4, 3, 2, 1])
ANOMALY = np.array([0, 0, 0, 1, 0, 0, 1, 1], dtype=bool)


def test_hand_computed():
    found = metrics(SCORES, ANOMALY)
    # 15 pairs (anomaly, normal); the anomaly at 5 lies above two normals: 13 pairs are right
    assert found.auroc == pytest.approx(13 / 15)
    # anomalies ranked 1, 2 and 5 from the anomalous end: precisions 1, 1 and 3/5
    assert found.auprc == pytest.approx((1 + 1 + 3 / 5) / 3)
    # 80 % of five normals are four: the threshold is 4, and one anomaly of three passes
    assert found.fpr80 == pytest.approx(1 / 3)
    # normals ranked 1, 2, 3, 5 and 6 from the normal end
    assert found.auprc_normal == pytest.approx((1 + 1 + 1 + 4 / 5 + 5 / 6) / 5)


def test_order_of_rows_does_not_matter_and_labels_do():
    order = np.random.default_rng(0).permutation(8)
    assert metrics(SCORES[order], ANOMALY[order]) == metrics(SCORES, ANOMALY)
    assert metrics(SCORES, ANOMALY[order]) != metrics(SCORES, ANOMALY)


def test_perfect_reversed_and_constant():
    truth = np.array([False] * 80 + [True] * 20)
    assert metrics(np.where(truth, 0.0, 1.0), truth) == (1.0, 1.0, 0.0, 1.0)
    upside_down = metrics(np.where(truth, 1.0, 0.0), truth)
    assert (upside_down.auroc, upside_down.fpr80) == (0.0, 1.0)
    assert metrics(np.zeros(100), truth) == pytest.approx((0.5, 0.2, 1.0, 0.8))


def test_fpr80_never_lets_fewer_than_80_percent_of_the_normals_pass():
    rng = np.random.default_rng(1)
    for n in range(1, 60):
        score = rng.normal(size=n + 7).round(1)  # with ties
        truth = np.arange(n + 7) >= n
        thresholds = np.unique(score)
        passed = [(score[~truth] >= t).mean() for t in thresholds]
        strictest = max(t for t, share in zip(thresholds, passed, strict=True) if share >= 0.8 - 1e-12)
        assert metrics(score, truth).fpr80 == (score[truth] >= strictest).mean()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(bad):
    with pytest.raises(InvalidInputError, match="2 of 8 scores are not finite"):
        metrics(np.where(np.arange(8) < 2, bad, SCORES), ANOMALY)


@pytest.mark.parametrize(("truth", "kind"), [(np.ones(8, bool), "anomalies"), (np.zeros(8, bool), "normals")])
def test_one_kind_only_is_refused(truth, kind):
    with pytest.raises(InvalidInputError, match=f"test rows are all {kind}"):
        metrics(SCORES, truth)
