"""Pixels from 0 to 1, and images as rows."""

import numpy as np
import pytest
import torch

import askew
from askew.base.preparation.image_rows import ImageInput, PixelPreparation
from askew.errors import InvalidInputError

X = np.array([[0, 51, 255], [102, 255, 0]], dtype=np.uint8)
Y = np.zeros(2, dtype=np.int8)
IMAGES = np.random.default_rng(0).integers(0, 256, (24, 1, 16, 16)).astype(np.uint8)


def test_bytes_stay_bytes_until_the_batch():
    preparation = PixelPreparation("standard", image_bytes=True)
    rows = preparation.learn(X, Y)
    assert rows.dtype == torch.uint8
    pixels = [[0, 0.2, 1], [0.4, 1, 0]]
    for found in (preparation.batch(rows), preparation.tensor(X, "cpu")):
        assert found.dtype == torch.float32
        np.testing.assert_allclose(found, pixels, rtol=1e-6)


def test_floats_are_scaled_by_the_training_images_that_are_no_known_anomalies():
    wide = X * 7.0 - 100.0
    before = wide.copy()
    preparation = PixelPreparation("standard", image_bytes=False)
    rows = preparation.learn(np.r_[wide, [[9e9, 0, 0]]], np.array([0, 1, -1], dtype=np.int8))
    np.testing.assert_allclose(rows[:2], X / 255.0, rtol=1e-6)
    np.testing.assert_array_equal(wide, before)
    assert preparation.batch(rows) is rows
    again = PixelPreparation("standard", image_bytes=False)
    again.set_state(*preparation.state())
    np.testing.assert_allclose(again.tensor(wide, "cpu"), X / 255.0, rtol=1e-6)
    same = PixelPreparation(None, image_bytes=False)
    np.testing.assert_allclose(same.learn(wide, Y), wide)
    assert (
        PixelPreparation("standard", image_bytes=False).learn(np.full((2, 3), 5.0), Y).tolist()
        == [[0] * 3] * 2
    )


def test_images_are_rows_of_the_type_that_the_detector_takes():
    learned, detector = ImageInput(), askew.VAE()
    rows = learned.learn(detector, IMAGES, None)
    assert rows.dtype == np.uint8 and rows.shape == (24, 256) and detector.n_features_in_ == 256
    assert learned.image_shape == (1, 16, 16) and learned.image_bytes and learned.reduction == "sum"
    np.testing.assert_array_equal(learned.folded(rows), IMAGES)
    floats = ImageInput().learn(askew.KDE(), IMAGES, None)
    np.testing.assert_allclose(floats, rows / 255.0)
    x = torch.rand(3, 256)
    assert learned.centred(x).min() < 0
    torch.testing.assert_close(learned.uncentred(learned.centred(x)), x)
    for other, got in ((IMAGES[:, :, :8], r"uint8 images \(1, 8, 16\)"), (IMAGES / 255.0, "float64 images")):
        with pytest.raises(InvalidInputError, match=rf"fitted on, uint8 images \(1, 16, 16\); got '?{got}"):
            learned.rows(detector, other)
    with pytest.raises(InvalidInputError, match="at least two images; got 1"):
        ImageInput().learn(detector, IMAGES[:1], None)
    with pytest.raises(InvalidInputError, match="X of AutoDetector must be a table"):
        ImageInput().learn(askew.AutoDetector(), IMAGES, None)


@pytest.mark.parametrize("bad", [np.zeros((4, 16, 16, 3), np.uint8), np.zeros((4, 1, 16, 16), np.int64)])
def test_channels_last_and_other_types_are_refused(bad):
    with pytest.raises(InvalidInputError, match=r"transpose\(0, 3, 1, 2\)|astype\(np.uint8\)"):
        askew.VAE().fit(bad)


def test_a_pixel_that_is_not_finite_is_named():
    bad = IMAGES / 255.0
    bad[5, 0, 3, 7] = np.nan
    with pytest.raises(InvalidInputError, match=r"nan in image 5 at \(0, 3, 7\)"):
        askew.VAE().fit(bad)
