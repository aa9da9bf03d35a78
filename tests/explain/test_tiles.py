"""Tiles: pixels and maps as pictures, alone and in lines."""

import io

import numpy as np
from PIL import Image

from askew.explain.tiles import Line, diverging, pixels, png, strip, wrapped


def test_pixels_are_cut_off_at_black_and_white():
    np.testing.assert_array_equal(
        pixels(np.array([[[-9.0, 5.0, 10.0, 99.0, np.nan]]]), (5.0, 10.0)), [[0, 0, 255, 255, 0]]
    )
    assert pixels(np.zeros((3, 2, 4)), (0, 1)).shape == (2, 4, 3)
    assert pixels(np.zeros((4, 2, 4)), (0, 1)).shape == (2, 4)


def test_a_map_without_strength_is_transparent():
    assert (diverging(np.zeros((2, 2)), 0.0)[..., 3] == 0).all()


def test_large_tiles_shrink():
    with Image.open(io.BytesIO(png(np.zeros((300, 100, 4), np.uint8), 150))) as small:
        assert small.size == (50, 150) and small.mode == "RGBA"


def test_lines_are_cut_and_joined():
    tiles = tuple(np.full((2, 2), value, np.uint8) for value in range(5))
    cut = wrapped((Line("a", tiles), Line("b", tiles)), 3)
    assert [[len(line.tiles) for line in block] for block in cut] == [[3, 3], [2, 2]]
    assert cut[1][1].name == "b" and cut[1][1].tiles[0][0, 0] == 3
    joined = strip(Line("", (tiles[1], np.full((2, 2, 4), 9, np.uint8), np.full((2, 2, 3), 7, np.uint8))))
    assert joined.shape == (2, 8, 4)
    assert joined[0].tolist() == [
        *[[1, 1, 1, 255]] * 2,
        [0, 0, 0, 0],
        *[[9, 9, 9, 9]] * 2,
        [0, 0, 0, 0],
        *[[7, 7, 7, 255]] * 2,
    ]
