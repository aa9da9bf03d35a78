"""Every detector with networks: a fit that is stopped and begun again gives the scores of one that was not."""

import numpy as np
import pytest

import askew
from askew.base import DeepDetector
from askew.training.epoch_events import reporting
from detector_cases import DEEP, OF_IMAGES, calmly, quick, table, with_needed

X, _ = table(rows=30)
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 1, 16, 16)).astype(np.uint8)


WITH_NETWORKS = [
    name for name in sorted({*DEEP, *OF_IMAGES}) if issubclass(askew.index.detector_class(name), DeepDetector)
]


@pytest.mark.parametrize("name", WITH_NETWORKS)
def test_a_stopped_fit_goes_on(name, tmp_path):
    x, y = with_needed(name, X) if name in DEEP else (IMAGES, None)
    kept = {"training__checkpoint": tmp_path / "run.ckpt", "training__checkpoint_every": 0}
    expected, detector = quick(name, n_members=1), quick(name, n_members=1, **kept)
    epochs = []

    def watch(event):
        epochs.append(event)
        if len(epochs) == 2:
            raise KeyboardInterrupt

    with reporting(watch), pytest.raises(KeyboardInterrupt):
        calmly(detector.fit, x, y)
    with reporting(epochs.append):
        calmly(detector.fit, x, y)
    assert [event.done for event in epochs] == list(range(1, epochs[-1].total + 1))
    np.testing.assert_array_equal(detector.score_samples(x), calmly(expected.fit, x, y).score_samples(x))
    assert list(tmp_path.iterdir()) == []
