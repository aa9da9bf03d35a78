"""Thresholds, PyOD's view and the preparation of tables around a model of images."""

import numpy as np
import pytest
from calibration_cases import ENOUGH, KINDS, calmly

import askew
from askew.base.prepared import Prepared
from askew.calibration import Conformal
from askew.compat import as_pyod
from askew.errors import InvalidInputError


@pytest.fixture(scope="module")
def images():
    """Return (X, y): grey noise; the last ten have a bright half."""
    X = np.random.default_rng(0).integers(60, 120, (210, 1, 16, 16)).astype(np.uint8)
    X[200:, :, :8] += 100
    return X, np.r_[np.zeros(200), -np.ones(10)].astype(int)


@pytest.fixture(scope="module")
def density(images):
    return askew.KDE().fit(images[0][:60])


@pytest.mark.parametrize("kind", KINDS)
def test_a_threshold_flags_odd_images_and_is_saved_with_the_model(kind, images, density, tmp_path):
    X, y = images[0][60:], images[1][60:]
    parameters = ENOUGH.get(kind, {"fdr": 0.3} if kind is Conformal else {})
    threshold = calmly(kind(density, **parameters), X, askew.labels.ours(y))
    found = threshold.predict(X)
    assert (found[-10:] == -1).mean() > 0.6 and (found[:-10] == -1).mean() < 0.3
    threshold.save(tmp_path / "t.askew")
    loaded = askew.load(tmp_path / "t.askew")
    np.testing.assert_array_equal(loaded.predict(X), found)
    with pytest.raises(InvalidInputError, match=r"X of KDE must be images \(n, 1, 16, 16\)"):
        loaded.predict(X.reshape(len(X), -1))


def test_pyods_view_takes_images(images):
    X, y = images
    view = as_pyod(askew.LogisticRegression()).fit(X, (y < 0).astype(int))
    assert view.labels_[200:].all() and view.decision_scores_.shape == (210,)
    assert view.predict_proba(X[-2:])[:, 1].min() > 0.5
    assert as_pyod(view.model_, X).labels_.tolist() == view.labels_.tolist()


def test_the_preparation_of_tables_refuses_images(images):
    with pytest.raises(
        InvalidInputError, match=r"X of Prepared must be a table.*give them to the detector itself"
    ):
        Prepared(askew.KDE()).fit(images[0])
