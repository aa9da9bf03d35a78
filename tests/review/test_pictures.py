"""Images as a screen shows them: black and white, colour, other channels, floats."""

import numpy as np
import pytest

import askew
from askew.review.pictures import as_picture, pixel_range


@pytest.mark.parametrize(("channels", "shape"), [(1, (2, 3)), (3, (2, 3, 3)), (2, (2, 3)), (4, (2, 3))])
def test_pixels_keep_their_values(channels, shape):
    image = np.arange(6 * channels, dtype=np.uint8).reshape(channels, 2, 3)
    shown = as_picture(image, (0.0, 255.0))
    assert shown.shape == shape and shown.dtype == np.uint8
    if channels in (1, 3):
        np.testing.assert_array_equal(shown, image[0] if channels == 1 else image.transpose(1, 2, 0))


def test_floats_are_stretched_between_black_and_white():
    X = np.random.default_rng(0).random((20, 1, 8, 8)).astype(np.float32)
    model = askew.KDE(bandwidth=1.0).fit(X)
    assert pixel_range(model, X) == (0.0, 1.0)
    assert as_picture(X[0], (0.0, 1.0)).max() > 200
    assert pixel_range(model, (255 * X).astype(np.uint8)) == (0.0, 255.0)
    assert as_picture(np.zeros((1, 1, 1)), (0.0, 0.0)).tolist() == [[0]]
