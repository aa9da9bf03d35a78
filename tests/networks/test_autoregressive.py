"""PixelCNN: a pixel's distribution depends on the pixels before it alone."""

import pytest
import torch

from askew.inputs import ImageSpec
from askew.networks import PixelCNN


def reach(spec, **size):
    """Return which pixel's (location, log-scale) each pixel reaches: (2, pixels out, pixels in), raster order."""
    torch.manual_seed(0)
    network = PixelCNN(spec, **size).double()
    x = torch.rand(1, spec.n_features, dtype=torch.float64)
    slope = torch.autograd.functional.jacobian(network, x).squeeze(0).squeeze(1)
    flat = slope.abs().unflatten(0, (2, spec.channels, spec.height, spec.width))
    flat = flat.permute(0, 2, 3, 1, 4).flatten(1, 3)  # rows, columns, colours
    into = flat.unflatten(-1, (spec.channels, spec.height, spec.width)).permute(0, 1, 3, 4, 2)
    return into.flatten(2) > 0


@pytest.mark.parametrize("channels", [1, 3])
def test_no_pixel_sees_itself_or_what_comes_after(channels):
    seen = reach(ImageSpec(channels, 5, 6), filters=12, blocks=2)
    assert not seen.triu().any()


@pytest.mark.parametrize("channels", [1, 3])
def test_it_sees_its_neighbours_and_the_colours_before_it(channels):
    seen = reach(ImageSpec(channels, 5, 6), filters=12, blocks=2).any(0)
    pixels = seen.unflatten(0, (5, 6, channels)).unflatten(-1, (5, 6, channels))
    for colour in range(channels):
        here = pixels[3, 3, colour]
        assert here[3, 2].all() and here[2, 3].all() and here[2, 4].all()
        assert here[3, 3].tolist() == [other < colour for other in range(channels)]


def test_the_first_pixel_is_the_same_for_all_images():
    network = PixelCNN(ImageSpec(1, 8, 8), filters=4, blocks=1)
    found = network(torch.rand(3, 64))
    assert torch.equal(found[0, [0, 64]], found[1, [0, 64]])
    assert not torch.equal(found[0], found[1])


def test_no_file_holds_the_masks():
    assert not [key for key in PixelCNN(ImageSpec(1, 8, 8), filters=4).state_dict() if "mask" in key]
