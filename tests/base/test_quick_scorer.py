"""The quick function gives what the model's own methods give, whatever wraps it and however X comes."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import askew
from askew.base.quick_scorer import quick_scorer
from askew.errors import InvalidInputError

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(200, 3)), columns=list("abc"))
MIXED = FRAME.assign(word=["x", "y"] * 100, a=FRAME["a"].where(FRAME["a"] < 1))


def vae():
    return askew.VAE(n_members=2, random_state=0).set_params(training__epochs=1)


def agree(model, X, given=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = quick_scorer(model)(X if given is None else given)
    np.testing.assert_allclose(found, model.score_samples(X), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(found >= model.offset_, model.predict(X) > 0)


@pytest.fixture(scope="module", autouse=True)
def quietly():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_frames_and_arrays():
    named = vae().fit(FRAME)
    agree(named, FRAME)
    assert (quick_scorer(named)(FRAME) != named.score_samples(FRAME)).any()  # in float32
    agree(named, FRAME, pd.DataFrame(np.asfortranarray(FRAME.to_numpy()), columns=list("abc"), copy=False))
    agree(named, FRAME, pa.Table.from_pandas(FRAME))
    agree(vae().fit(FRAME.to_numpy()), FRAME.to_numpy())
    agree(askew.KDE().fit(FRAME), FRAME)
    agree(askew.KDE().fit(FRAME.to_numpy()), FRAME.to_numpy(), FRAME)


def test_mixed_tables_and_thresholds():
    model = askew.Prepared(vae()).fit(MIXED)
    agree(model, MIXED)
    agree(askew.Quantile(model, contamination=0.1).fit(MIXED), MIXED)
    agree(vae().fit(MIXED), MIXED)


def test_what_cannot_be_scored_is_refused_as_ever():
    score = quick_scorer(vae().fit(FRAME))
    with pytest.raises(InvalidInputError, match="must be finite; got NaN in row 7, column 'b'"):
        score(FRAME.assign(b=FRAME["b"].where(FRAME.index != 7)))
    with pytest.raises(ValueError, match="feature names"):
        score(FRAME.rename(columns={"a": "z"}))


def test_images_are_scored_by_the_model():
    images = RNG.integers(0, 256, (4, 1, 16, 16), dtype=np.uint8)
    detector = askew.AutoEncoder(random_state=0).set_params(training__epochs=1).fit(images)
    np.testing.assert_array_equal(quick_scorer(detector)(images), detector.score_samples(images))
