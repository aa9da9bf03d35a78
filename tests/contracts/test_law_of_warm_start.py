"""Every detector with networks: a fit goes on from the weights of a fitted model, which stays as it is."""

import math

import numpy as np
import pytest
from sklearn.base import clone

import askew
from askew.base import DeepDetector
from detector_cases import DEEP, OF_IMAGES, SEARCHES, calmly, quick, table, with_needed

X, _ = table(rows=30)
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 1, 16, 16)).astype(np.uint8)
WITH_NETWORKS = [
    name for name in sorted({*DEEP, *OF_IMAGES}) if issubclass(askew.index.detector_class(name), DeepDetector)
]


@pytest.mark.parametrize("name", WITH_NETWORKS)
def test_a_fit_goes_on(name):
    x, y = with_needed(name, X) if name in DEEP else (IMAGES, None)
    before = quick(name, n_members=1)
    scores = calmly(before.fit, x, y).score_samples(x)

    def further(**params):
        return calmly(clone(before).set_params(**params).fit, x, y, init_model=before)

    moved = further()
    tenth = math.ceil(before.training.epochs / 10)
    assert {len(losses) for losses in moved.members_[0].losses.values()} == {tenth}
    assert (moved.score_samples(x) != scores).any()
    np.testing.assert_array_equal(further(random_state=7).score_samples(x), moved.score_samples(x))
    np.testing.assert_array_equal(before.score_samples(x), scores)
    if name in SEARCHES:  # from codes that the member's seed draws
        return
    still = further(training__lr=1e-12).score_samples(
        x
    )  # weights, preparation and constants are those of then
    np.testing.assert_allclose(still, scores, rtol=1e-3, atol=1e-3 * np.ptp(scores))
