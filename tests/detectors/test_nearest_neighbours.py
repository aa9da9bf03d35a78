"""Nearest neighbours: distances by hand, with known anomalies and without."""

import numpy as np
import pytest

import askew
from askew.errors import HealthWarning

CORNERS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
WITH_ONE, Y = np.r_[CORNERS, [[50.0, 5.0]]], [0, 0, 0, 0, -1]


@pytest.mark.parametrize("k, square", [(2, (9 + 13) / 2), (9, (9 + 25 + 13 + 29) / 4)])
def test_distances_by_hand(k, square):
    log = np.log(square + 1e-4) / 2
    plain = askew.NearestNeighbours(n_neighbours=k, scale=None).fit(CORNERS)
    np.testing.assert_allclose(plain.score_samples([[2.0, 5.0]]), [-log], rtol=1e-12)
    ratio = askew.NearestNeighbours(n_neighbours=k, scale=None).fit(WITH_ONE, Y)
    np.testing.assert_allclose(
        ratio.score_samples([[2.0, 5.0]]), [np.log(48**2 + 1e-4) / 2 - log], rtol=1e-12
    )


def test_known_anomalies_can_be_left_out():
    ignoring = askew.NearestNeighbours(use_known=False).fit(WITH_ONE, Y)
    plain = askew.NearestNeighbours().fit(CORNERS)
    np.testing.assert_array_equal(ignoring.score_samples(WITH_ONE), plain.score_samples(WITH_ONE))


def test_one_label_finds_its_kind_within_the_cloud():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3))
    x[:30] = [1.0, -1.0, 1.0] + 0.2 * rng.normal(size=(30, 3))
    y = np.where(np.arange(300) < 1, -1, 0)

    def auroc(**params):
        scores = askew.NearestNeighbours(**params).fit(x, y).anomaly_score(x[1:])
        return askew.selection.roc_auc_score(np.arange(1, 300) < 30, scores)

    assert auroc() > 0.8 > auroc(use_known=False)


@pytest.mark.parametrize("n_normal", [1, 20])
def test_a_large_table_is_sub_sampled_known_normal_rows_first(n_normal):
    x = np.arange(40.0)[:, None]
    y = askew.labels.ours(np.where(np.arange(40) >= 40 - n_normal, 1, np.where(np.arange(40) < 2, -1, 0)))
    detector = askew.NearestNeighbours(n_neighbours=1, max_rows=8, scale=None, random_state=0)
    with pytest.warns(HealthWarning, match="sub-sample of 8 of 38"):
        detector.fit(x, y)
    kept = detector.rows_[:, 0]
    assert len(kept) == 8 and (kept >= 40 - n_normal).sum() == min(n_normal, 8)
    np.testing.assert_array_equal(detector.known_, x[:2])
