"""ImageExplanation: the squares of pixels that it names."""

import numpy as np

from askew.base.image_explanation import squares


def test_squares_cover_every_pixel_once():
    for side in (None, 1, 5, 40):
        seen = np.zeros((13, 30), int)
        for y, x in squares(13, 30, side):
            seen[y, x] += 1
        assert (seen == 1).all()
    assert len(squares(28, 28)) == 49 and len(squares(64, 64)) == 64
