"""Extra trees: leaves by hand, cuts that follow ranks and not units, and labels that count."""

import numpy as np
import pytest

import askew
from askew.errors import HealthWarning

STEP = np.r_[np.arange(6.0), 100.0, 101.0][:, None]
Y = np.array([0, 0, 0, 0, 0, 0, -1, -1])


def test_shares_of_leaves_by_hand():
    # leaves of at least six of eight rows leave no cut: both classes weigh the same, so the share is a half
    with pytest.warns(HealthWarning, match="every training row has the same score"):
        whole = askew.ExtraTrees(n_estimators=3, min_samples_leaf=6, random_state=0).fit(STEP, Y)
    np.testing.assert_allclose(whole.score_samples([[0.0], [200.0]]), 0.0, atol=1e-12)
    # single rows: the two known anomalies and the six others are told apart
    parted = askew.ExtraTrees(n_estimators=3, min_samples_leaf=1, random_state=0).fit(STEP, Y)
    odds = np.log(1.001 / 0.001)
    np.testing.assert_allclose(parted.score_samples([[-9.0], [300.0]]), [odds, -odds], rtol=1e-12)


def test_units_and_heavy_tails_do_not_matter():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4))
    y = np.where(np.arange(200) < 8, -1, 0)
    x[:8] += 1.5
    params = {"n_estimators": 20, "random_state": 0}
    plain, stretched = (askew.ExtraTrees(**params).fit(f(x), y) for f in (lambda v: v, np.exp))
    np.testing.assert_allclose(plain.score_samples(x), stretched.score_samples(np.exp(x)), rtol=1e-9)


def test_large_leaves_find_more_of_the_same_kind_than_single_rows():
    rng = np.random.default_rng(1)
    x, fresh = rng.normal(size=(300, 6)), rng.normal(size=(300, 6))
    for rows in (x[:3], fresh[:100]):
        rows[:, :2] += 2.0
    y, kind = np.where(np.arange(300) < 3, -1, 0), np.arange(300) < 100
    auroc = {
        leaf: askew.selection.roc_auc_score(
            kind,
            -askew.ExtraTrees(min_samples_leaf=leaf, random_state=0).fit(x, y).score_samples(fresh),
        )
        for leaf in (1, 10)
    }
    assert auroc[10] > max(0.9, auroc[1])


@pytest.mark.parametrize("giant", [1e300, -1e300])
def test_giants_lie_beyond_all_cuts(giant):
    x = np.r_[STEP, [[giant]]]
    scores = askew.ExtraTrees(n_estimators=5, min_samples_leaf=1, random_state=0).fit(x, np.r_[Y, 0])
    assert np.isfinite(scores.score_samples(x)).all()
