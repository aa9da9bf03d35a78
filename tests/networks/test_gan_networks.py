"""The GANs' networks: sizes for any image, what they are made of, and tables."""

import pytest
import torch
from torch import nn

from askew.errors import InvalidInputError
from askew.inputs.spec import ImageSpec, TableSpec
from askew.networks import critic, generator

SPECS = [
    ImageSpec(1, 16, 16),
    ImageSpec(1, 28, 28),
    ImageSpec(3, 17, 45),
    ImageSpec(3, 32, 32),
    ImageSpec(1, 64, 90),
    TableSpec(6),
]


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_critic_judges_what_a_generator_makes(spec, batch_norm):
    made = generator(spec, 10, batch_norm=batch_norm)(torch.randn(3, 10))
    body, head = critic(spec, batch_norm=batch_norm)
    assert made.shape == (3, spec.n_features)
    assert head(body(made)).shape == (3, 1)


def test_pixels_are_from_minus_one_to_one_and_columns_are_free():
    torch.manual_seed(0)
    codes = 100.0 * torch.randn(50, 4)
    assert generator(ImageSpec(1, 28, 28), 4)(codes).abs().max() <= 1
    assert generator(TableSpec(5), 4, batch_norm=False)(codes).abs().max() > 1


def test_two_rows_side_by_side_are_channels_of_one_image():
    body, _ = critic(ImageSpec(3, 32, 32), rows=2)
    assert next(module for module in body if isinstance(module, nn.Conv2d)).in_channels == 6


def test_all_layers_of_a_spectral_critic_are_normalised():
    body, head = critic(ImageSpec(1, 28, 28), spectral=True)
    layers = [module for module in (*body, head) if isinstance(module, nn.Conv2d | nn.Linear)]
    assert len(layers) == 4
    for layer in layers:
        for _ in range(30):  # power iteration
            layer.weight  # noqa: B018
        weight = layer.weight.flatten(1)
        squares = torch.linalg.eigvalsh(weight @ weight.T)  # of the singular values
        assert squares.max().sqrt().item() == pytest.approx(1, rel=0.1)


def test_batch_norm_is_behind_every_hidden_layer_but_the_critics_first():
    def norms(network):
        return sum(isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) for module in network.modules())

    spec = ImageSpec(3, 32, 32)
    assert (norms(critic(spec, batch_norm=True)[0]), norms(critic(spec)[0])) == (2, 0)
    assert (norms(generator(spec, 8)), norms(generator(spec, 8, batch_norm=False))) == (3, 0)


def test_tiny_images_are_refused():
    with pytest.raises(InvalidInputError, match="at least 16x16"):
        critic(ImageSpec(1, 15, 28))
