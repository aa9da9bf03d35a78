"""The papers' networks for images: their layers and sizes, and images of any other size."""

import pytest
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F

from askew.errors import InvalidInputError
from askew.inputs.spec import ImageSpec
from askew.networks import ARCHITECTURES, Fold, UpsampledConvolution, convolutional, default_code

MNIST, CIFAR, CATS = ImageSpec(1, 28, 28), ImageSpec(3, 32, 32), ImageSpec(3, 64, 64)


def weights(network, kind):
    """Shapes of the weights of the layers of `kind`, in order."""
    return [tuple(layer.weight.shape) for layer in network if isinstance(layer, kind)]


# Ruff et al. (2020), appendix B, without biases; the decoders fold the code, as their code does.
LENETS = {
    "lenet_mnist": (MNIST, 32, [(8, 1), (4, 8)], [(32, 196)], [(2, 4), (4, 8), (8, 1)], []),
    "lenet_fashion": (
        MNIST,
        32,
        [(16, 1), (32, 16)],
        [(64, 1568), (32, 64)],
        [(4, 32), (32, 16), (16, 1)],
        [(64, 32)],
    ),
    "lenet_cifar10": (
        CIFAR,
        128,
        [(32, 3), (64, 32), (128, 64)],
        [(128, 2048)],
        [(8, 128), (128, 64), (64, 32), (32, 3)],
        [],
    ),
}


@pytest.mark.parametrize("name", LENETS)
def test_lenets_are_those_of_the_paper(name):
    spec, code, convolutions, dense, deconvolutions, decoder_dense = LENETS[name]
    assert default_code(spec, name) == code
    encoder, decoder = convolutional(
        spec, outputs=code, code=code, bias=False, affine=False, architecture=name
    )
    assert weights(encoder, nn.Conv2d) == [(*pair, 5, 5) for pair in convolutions]
    assert weights(encoder, nn.Linear) == dense
    assert weights(decoder, nn.ConvTranspose2d) == [(*pair, 5, 5) for pair in deconvolutions]
    assert weights(decoder, nn.Linear) == decoder_dense


def test_the_strided_networks_are_those_of_the_papers():
    encoder, decoder = convolutional(MNIST, outputs=64, code=32, architecture="infogan")
    assert weights(encoder, nn.Conv2d) == [(64, 1, 4, 4), (128, 64, 4, 4)]
    assert weights(encoder, nn.Linear) == [(1024, 128 * 7 * 7), (64, 1024)]
    assert weights(decoder, nn.Linear) == [(1024, 32), (128 * 7 * 7, 1024)]
    assert weights(decoder, nn.ConvTranspose2d) == [(128, 64, 4, 4), (64, 1, 4, 4)]
    assert not any(isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d) for layer in (*encoder, *decoder))
    encoder, decoder = convolutional(CATS, outputs=512, code=256, architecture="catsvsdogs")
    assert weights(encoder, nn.Conv2d) == [(128, 3, 3, 3), (256, 128, 3, 3), (512, 256, 3, 3)]
    assert weights(encoder, nn.Linear) == [(512, 512 * 8 * 8)]
    assert weights(decoder, nn.ConvTranspose2d) == [(512, 256, 3, 3), (256, 128, 3, 3), (128, 3, 3, 3)]


def test_layers_of_the_network_without_batch_norm_keep_the_variance_of_their_inputs():
    encoder, decoder = convolutional(MNIST, outputs=64, code=32, architecture="infogan")
    for layer in (*encoder, *decoder):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            fan_in = layer.weight[0].numel()
            assert layer.weight.detach().var().item() * fan_in == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    "name, spec, encoder_count, decoder_count",
    [
        ("lenet_mnist", MNIST, 7_272, 1_200),
        ("lenet_fashion", MNIST, 115_600, 18_448),
        ("lenet_cifar10", CIFAR, 520_544, 284_000),
        ("infogan", MNIST, 6_587_392, 6_587_392),
        ("catsvsdogs", CATS, 9_866_624, 9_866_624),
    ],
)
def test_counts_of_weights_are_those_worked_out_by_hand(name, spec, encoder_count, decoder_count):
    code = default_code(spec, name)
    pair = convolutional(spec, outputs=code, code=code, bias=False, affine=False, architecture=name)
    counts = [sum(p.numel() for p in network.parameters()) for network in pair]
    assert counts == [encoder_count, decoder_count]


def test_lenet_encoder_computes_what_the_paper_says():
    torch.manual_seed(0)
    encoder = convolutional(CIFAR, outputs=7, code=128, slope=0.2)[0].double()
    x = torch.rand(4, CIFAR.n_features, dtype=torch.float64)
    parts = [layer for layer in encoder if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]
    h = x.reshape(4, 3, 32, 32)
    for convolution, norm in zip(parts[::2], parts[1::2], strict=True):
        convolved = F.conv2d(h, convolution.weight, convolution.bias, padding=2)
        normed = F.batch_norm(convolved, None, None, norm.weight, norm.bias, training=True, eps=1e-4)
        h = F.max_pool2d(F.leaky_relu(normed, 0.2), 2)
    torch.testing.assert_close(encoder(x), encoder[-1](h.flatten(1)))


@pytest.mark.parametrize("name", LENETS)
def test_lenet_decoder_computes_what_the_reference_code_does(name):
    torch.manual_seed(0)
    spec, code = LENETS[name][:2]
    decoder = convolutional(spec, outputs=code, code=code, architecture=name)[1].double()
    z = torch.randn(4, code, dtype=torch.float64)
    h = z
    layers = [layer for layer in decoder if not isinstance(layer, nn.LeakyReLU | nn.Flatten | Fold)]
    if isinstance(layers[0], nn.Linear):
        h = layers[1](layers[0](z))
        layers = layers[2:]
    h = h.reshape(4, -1, 4, 4)
    paddings = {"lenet_cifar10": [2, 2, 2, 2]}.get(name, [2, 3, 2])  # Deep-SAD-PyTorch's
    for i, padding in enumerate(paddings):
        h = F.leaky_relu(h, 0.1)
        if name != "lenet_cifar10" or i > 0:
            h = F.interpolate(h, scale_factor=2)
        h = F.conv_transpose2d(h, layers[0].weight, layers[0].bias, padding=padding)
        if len(layers) > 1:
            h = layers[1](h)
        layers = layers[2:]
    torch.testing.assert_close(decoder(z), h.flatten(1))


@pytest.mark.parametrize("architecture", ["auto", "lenet_mnist", "lenet_fashion", "lenet_cifar10"])
@pytest.mark.parametrize("channels", [1, 3])
def test_rows_come_back_as_wide_as_they_went_in(architecture, channels):
    for height, width in [(16, 16), (17, 17), (18, 31), (28, 28), (32, 32), (45, 33), (70, 70)]:
        spec = ImageSpec(channels, height, width)
        encoder, decoder = convolutional(spec, outputs=6, code=5, architecture=architecture)
        code = encoder(torch.rand(2, spec.n_features))
        assert code.shape == (2, 6)
        assert decoder(code[:, :5]).shape == (2, spec.n_features)


@pytest.mark.parametrize("architecture", ["infogan", "catsvsdogs"])
def test_strided_networks_take_odd_sizes(architecture):
    for height, width in [(16, 19), (29, 31)]:
        spec = ImageSpec(3, height, width)
        encoder, decoder = convolutional(spec, outputs=6, code=5, architecture=architecture)
        assert decoder(encoder(torch.rand(2, spec.n_features))[:, :5]).shape == (2, spec.n_features)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_without_bias_and_affine_no_layer_can_shift(architecture):
    pair = convolutional(MNIST, outputs=4, code=4, bias=False, affine=False, architecture=architecture)
    for network, width in zip(pair, (784, 4), strict=True):
        assert all(name.endswith("weight") for name, _ in network.named_parameters())
        assert network.eval()(torch.zeros(2, width)).abs().max() == 0.0


def test_bias_batch_norm_and_slope_are_switches():
    encoder, decoder = convolutional(CIFAR, outputs=4, code=16, batch_norm=False, slope=0.3)
    layers = [*encoder, *decoder]
    assert not any(isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d) for layer in layers)
    assert {layer.negative_slope for layer in layers if isinstance(layer, nn.LeakyReLU)} == {0.3}
    learned = [layer for layer in layers if hasattr(layer, "weight")]
    assert all(layer.bias is not None for layer in learned)
    encoder, _ = convolutional(MNIST, outputs=4, code=16, architecture="lenet_fashion")
    norms = [layer for layer in encoder if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d)]
    assert len(norms) == 3 and all(layer.affine and layer.eps == 1e-4 for layer in norms)


@pytest.mark.parametrize(
    "spec, first, code",
    [
        (ImageSpec(1, 28, 28), 16, 32),
        (ImageSpec(1, 40, 63), 16, 32),
        (ImageSpec(3, 32, 32), 32, 128),
        (ImageSpec(2, 16, 16), 32, 128),
        (ImageSpec(1, 64, 64), 128, 256),
        (ImageSpec(3, 30, 64), 128, 256),
    ],
)
def test_auto_looks_at_channels_and_size_alone(spec, first, code):
    encoder, _ = convolutional(spec, outputs=4, code=4)
    assert (encoder[1].out_channels, default_code(spec)) == (first, code)


def test_large_images_get_as_many_convolutions_as_bring_them_to_eight_pixels():
    for side, filters in [
        (64, [128, 256, 512]),
        (65, [128, 256, 512, 512]),
        (224, [128, 256, 512, 512, 512]),
    ]:
        with torch.device("meta"):
            encoder, _ = convolutional(ImageSpec(3, side, side), outputs=4, code=4)
        assert [layer.out_channels for layer in encoder if isinstance(layer, nn.Conv2d)] == filters


def test_unknown_names_and_small_images_are_refused():
    with pytest.raises(InvalidInputError, match=r'network .* "auto" or "lenet_mnist" .* got \'resnet\''):
        default_code(MNIST, "resnet")
    with pytest.raises(InvalidInputError, match=r"at least 16x16 pixels; got '15x32'"):
        convolutional(ImageSpec(1, 15, 32), outputs=4, code=4)


@pytest.mark.parametrize("spec", [ImageSpec(1, 3, 5), ImageSpec(3, 4, 2)])
def test_fold_is_the_inverse_of_flatten_with_the_channels_last(spec):
    x = torch.rand(6, spec.n_features)
    folded = Fold(spec)(x)
    torch.testing.assert_close(folded, x.reshape(6, spec.channels, spec.height, spec.width))
    assert folded.stride()[1] == 1
    assert torch.equal(nn.Flatten()(folded), x)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_members_can_train_together_through_vmap(architecture):
    spec = ImageSpec(3, 16, 17)
    networks = [
        nn.Sequential(*convolutional(spec, outputs=4, code=4, architecture=architecture)) for _ in range(2)
    ]
    for layer in (layer for network in networks for layer in network.modules()):
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm1d):
            layer.track_running_stats = False  # as the engine trains
    x = torch.rand(2, 4, spec.n_features)
    parameters, buffers = stack_module_state(networks)

    def one(parameters, buffers, x):
        return functional_call(networks[0], (parameters, buffers), (x,))

    together = vmap(one)(parameters, buffers, x)
    for given, network, rows in zip(together, networks, x, strict=True):
        torch.testing.assert_close(given, network(rows), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("size", [(12, 10), (10, 8), (11, 9)])
@pytest.mark.parametrize("bias", [True, False])
def test_upsampled_convolution_is_the_pair_that_it_stands_for(size, bias):
    torch.manual_seed(0)
    layer = UpsampledConvolution(3, 4, size, bias=bias).double()
    x = torch.randn(2, 3, 6, 5, dtype=torch.float64, requires_grad=True)
    plain = F.conv_transpose2d(F.interpolate(x, scale_factor=2), layer.weight, layer.bias, padding=2)
    top, left = (12 - size[0]) // 2, (10 - size[1]) // 2
    expected = plain[..., top : top + size[0], left : left + size[1]]
    given = layer(x)
    torch.testing.assert_close(given, expected)
    direction = torch.randn_like(given)
    wanted = [x, *layer.parameters()]
    torch.testing.assert_close(
        torch.autograd.grad(given, wanted, direction), torch.autograd.grad(expected, wanted, direction)
    )
