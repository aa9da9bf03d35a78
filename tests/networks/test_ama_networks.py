"""AMA's networks: the layers of Tables 3 and 4, critics of stacked pairs, and other sizes."""

import pytest
import torch
from torch import nn

from askew.errors import InvalidInputError
from askew.inputs.spec import ImageSpec, TableSpec
from askew.networks import ama_architecture, ama_autoencoder, pair_critic
from askew.networks.halving import sizes_down
from askew.networks.residual import BlockDown, BlockUp

MNIST, CIFAR, TABLE = ImageSpec(1, 28, 28), ImageSpec(3, 32, 32), TableSpec(21)


def layers(network, kind):
    return [layer for layer in network.modules() if isinstance(layer, kind)]


def sizes_through(network, kind, width):
    """Return the shapes, without the rows, that layers of `kind` give for two rows of zeros."""
    found = []
    hooks = [
        layer.register_forward_hook(lambda _, __, y: found.append(tuple(y.shape[1:])))
        for layer in layers(network, kind)
    ]
    with torch.no_grad():
        network(torch.zeros(2, width))
    for hook in hooks:
        hook.remove()
    return found


def test_table_4_with_padding_1_goes_through_7x7():
    encoder, generator = ama_autoencoder(MNIST)
    assert sizes_through(encoder, nn.Conv2d, 784) == [(64, 14, 14), (128, 7, 7)]
    assert [tuple(layer.weight.shape) for layer in layers(encoder, nn.Linear)] == [(1024, 6272), (64, 1024)]
    assert [tuple(layer.weight.shape) for layer in layers(generator, nn.Linear)] == [(1024, 64), (6272, 1024)]
    assert sizes_through(generator, nn.ConvTranspose2d, 64) == [(64, 14, 14), (1, 28, 28)]
    assert isinstance(generator[-1], nn.Tanh)
    assert not layers(encoder, nn.BatchNorm2d) + layers(generator, nn.BatchNorm2d)


def test_the_critic_of_table_4_takes_stacked_pairs():
    body, head = pair_critic(MNIST)
    assert sizes_through(body, nn.Conv2d, 2 * 784) == [(64, 14, 14), (128, 7, 7)]
    assert body(torch.zeros(2, 1568)).shape == (2, 1024)
    assert [layer.negative_slope for layer in layers(body, nn.LeakyReLU)] == [0.2] * 3
    assert (head.in_features, head.out_features) == (1024, 1)


def test_table_3_is_that_of_the_paper():
    encoder, generator = ama_autoencoder(CIFAR)
    found = [
        (c.kernel_size[0], c.stride[0], c.padding[0], c.out_channels) for c in layers(encoder, nn.Conv2d)
    ]
    assert found == [(4, 2, 1, 64), (4, 2, 1, 128), (4, 2, 1, 256), (4, 1, 0, 128)]
    assert len(layers(encoder, nn.BatchNorm2d)) == 3
    dense, *_ = layers(generator, nn.Linear)
    assert (dense.in_features, dense.out_features) == (128, 4 * 4 * 256)
    assert sizes_through(generator, BlockUp, 128) == [(256, 8, 8), (256, 16, 16), (256, 32, 32)]
    last = layers(generator, nn.Conv2d)[-1]
    assert (last.kernel_size, last.out_channels) == ((3, 3), 3) and isinstance(generator[-2], nn.Tanh)


def test_the_critic_of_table_3_is_that_of_sn_gan():
    body, head = pair_critic(CIFAR, spectral=True)
    assert sizes_through(body, BlockDown, 6144) == [(128, 16, 16), (128, 8, 8), (128, 8, 8), (128, 8, 8)]
    assert not layers(body, nn.BatchNorm2d)
    assert body(torch.rand(2, 6144)).shape == (2, 128)
    assert (body(torch.randn(2, 6144)) >= 0).all()  # after ReLU and the sum over pixels
    assert head.bias is None
    normed = [c for c in (*layers(body, nn.Conv2d), head) if hasattr(c, "parametrizations")]
    # two in each block, and the shortcut of the two that halve
    assert len(normed) == len(layers(body, nn.Conv2d)) + 1 == 11


@pytest.mark.parametrize("spec", [TABLE, ImageSpec(1, 16, 16), ImageSpec(3, 16, 16)], ids=str)
def test_spectral_norm_makes_the_largest_singular_value_1(spec):
    body, _ = pair_critic(spec, spectral=True)
    rows = torch.rand(2, 2 * spec.n_features)
    with torch.no_grad():
        for _ in range(40):  # one power iteration each
            body(rows)
        # the dense layer's 1024 values take a second
        small = [layer for layer in layers(body, nn.Linear) if layer.out_features < 1024]
        for layer in [*small, *layers(body, nn.Conv2d)]:
            largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()
            assert largest == pytest.approx(1.0, rel=0.05)
    plain, _ = pair_critic(spec, spectral=False)
    assert not any(hasattr(layer, "parametrizations") for layer in plain.modules())


def test_the_two_images_of_a_pair_are_the_critics_channels():
    body, _ = pair_critic(MNIST)
    seen = []
    body[0].register_forward_hook(lambda _, __, y: seen.append(y))
    x, y = torch.rand(3, 784), torch.rand(3, 784)
    body(torch.cat([x, y], dim=-1))
    assert torch.equal(seen[0][:, 0].reshape(3, 784), x) and torch.equal(seen[0][:, 1].reshape(3, 784), y)


@pytest.mark.parametrize(
    "spec",
    [
        ImageSpec(1, 16, 16),
        ImageSpec(1, 17, 30),
        ImageSpec(3, 16, 21),
        ImageSpec(3, 33, 40),
        ImageSpec(1, 64, 64),
        ImageSpec(4, 28, 28),
    ],
    ids=str,
)
def test_images_of_other_sizes_come_back_in_their_own(spec):
    encoder, generator = ama_autoencoder(spec)
    body, head = pair_critic(spec)
    with torch.no_grad():
        x_hat = generator(encoder(torch.rand(2, spec.n_features)))
        assert x_hat.shape == (2, spec.n_features) and x_hat.abs().max() <= 1.0
        assert head(body(torch.cat([x_hat, x_hat], dim=-1))).shape == (2, 1)


def test_tables_get_perceptrons():
    encoder, generator = ama_autoencoder(TABLE)
    assert encoder(torch.zeros(2, 21)).shape == (2, 8) and generator(torch.zeros(2, 8)).shape == (2, 21)
    body, head = pair_critic(TABLE)
    assert [tuple(layer.weight.shape) for layer in (*layers(body, nn.Linear), head)] == [
        (128, 42),
        (64, 128),
        (1, 64),
    ]


def test_auto_goes_by_channels_and_size():
    names = [ama_architecture(spec) for spec in (TABLE, MNIST, CIFAR, ImageSpec(1, 64, 64))]
    assert names == ["mlp", "ama_mnist", "ama_cifar10", "ama_cifar10"]
    assert ama_architecture(CIFAR, "ama_mnist") == "ama_mnist"


def test_unknown_names_and_small_images_are_refused():
    with pytest.raises(
        InvalidInputError, match='network of AMA must be "auto" or "ama_mnist" or "ama_cifar10"; got'
    ):
        ama_architecture(MNIST, "lenet_mnist")
    with pytest.raises(InvalidInputError, match='network of AMA must be "auto"; got'):
        ama_architecture(TABLE, "ama_mnist")
    with pytest.raises(
        InvalidInputError, match="X of AMA must be images of at least 16x16 pixels; got '15x40'"
    ):
        ama_architecture(ImageSpec(1, 15, 40))


def test_sizes_are_halved_down_to_what_one_convolution_covers():
    assert sizes_down(ImageSpec(3, 28, 28)) == [(28, 28), (14, 14), (7, 7)]
    assert sizes_down(ImageSpec(3, 16, 40))[-1] == (4, 10)
