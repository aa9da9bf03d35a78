"""The geometric transformations: which there are, and what each does to an image."""

from itertools import product

import numpy as np
import pytest
import torch
from scipy import ndimage

from askew.errors import InvalidInputError
from askew.inputs import ImageSpec
from askew.networks import GeometricTransformations

SIDE = 8


def image(channels=1):
    return np.random.default_rng(0).normal(size=(channels, SIDE, SIDE))


def transformed(x, which="all"):
    """Return `x` under every transformation, (transformations, channels, side, side)."""
    layer = GeometricTransformations(ImageSpec(len(x), SIDE, SIDE), which)
    rows = torch.from_numpy(x.reshape(1, -1)).expand(len(layer), -1)
    return layer(rows, torch.arange(len(layer))).reshape(-1, *x.shape).numpy()


@pytest.mark.parametrize("which, count", [("all", 72), ("flips_and_rotations", 8), ("rotations", 4)])
def test_they_are_so_many_all_different_and_the_first_is_the_identity(which, count):
    found = transformed(image(), which)
    assert len(found) == count == len({each.tobytes() for each in found})
    np.testing.assert_array_equal(found[0], image())


def test_each_mirrors_shifts_by_a_quarter_with_reflection_and_turns():
    x = image()[0]
    for found, (flip, down, right, turns) in zip(
        transformed(image()), product((False, True), (0, -2, 2), (0, -2, 2), range(4)), strict=True
    ):
        expected = np.fliplr(x) if flip else x
        # scipy's "reflect" repeats the pixel at the edge; its shift moves content the other way
        expected = ndimage.shift(expected, (-down, -right), order=0, mode="reflect")
        np.testing.assert_array_equal(found[0], np.rot90(expected, turns))


def test_colours_go_the_same_way():
    x = np.repeat(image(), 3, axis=0) + np.arange(3)[:, None, None]
    found = transformed(x)
    np.testing.assert_allclose(found[:, 1], found[:, 0] + 1)
    np.testing.assert_allclose(found[:, 2], found[:, 0] + 2)


def test_every_row_goes_its_own_way():
    layer = GeometricTransformations(ImageSpec(1, SIDE, SIDE))
    rows = torch.from_numpy(np.stack([image().ravel(), 2 * image().ravel()]))
    found = layer(rows, torch.tensor([71, 5])).reshape(2, 1, SIDE, SIDE).numpy()
    every = transformed(image())
    np.testing.assert_array_equal(found[0], every[71])
    np.testing.assert_array_equal(found[1], 2 * every[5])


def test_no_file_holds_the_places_of_pixels():
    assert GeometricTransformations(ImageSpec(1, SIDE, SIDE)).state_dict() == {}


def test_what_it_cannot_do_is_refused():
    with pytest.raises(InvalidInputError, match="must be square images; got '8x9'"):
        GeometricTransformations(ImageSpec(1, 8, 9))
    with pytest.raises(InvalidInputError, match='"flips_and_rotations" or "rotations"; got \'none\''):
        GeometricTransformations(ImageSpec(1, 8, 8), "none")
