"""The conditional VAE's networks: shapes, condition, dropout."""

import pytest
import torch
from torch import nn

from askew.networks import cvae


def test_sizes_of_the_papers():
    encoder, decoder = cvae(4, 125)
    widths = [
        [(layer.in_features, layer.out_features) for layer in part if isinstance(layer, nn.Linear)]
        for part in (encoder, decoder)
    ]
    assert widths == [[(129, 512), (512, 512), (512, 512)], [(381, 512), (512, 512), (512, 4)]]
    for part in (encoder, decoder):
        assert [type(layer) for layer in part[:-1]] == [nn.Linear, nn.ReLU, nn.Dropout] * 2
        assert {layer.p for layer in part if isinstance(layer, nn.Dropout)} == {0.5}


def test_shapes_with_leading_axes():
    encoder, decoder = cvae(4, 10, hidden=(16,), code=3)
    assert encoder(torch.randn(7, 14)).shape == (7, 6)
    assert decoder(torch.randn(5, 7, 13)).shape == (5, 7, 4)


@pytest.mark.parametrize("part", [0, 1])
def test_condition_changes_the_output(part):
    torch.manual_seed(0)
    network = cvae(4, 10, hidden=(16,), code=4)[part].eval()
    first = torch.randn(1, 14)
    second = first.clone()
    second[:, 4:] *= -1
    assert not torch.allclose(network(first), network(second))


def test_dropout_in_training_alone():
    network = cvae(4, 10, hidden=(64,), dropout=0.5)[0]
    x = torch.randn(3, 14)
    assert not torch.equal(network(x), network(x))
    network.eval()
    assert torch.equal(network(x), network(x))
