"""The perceptrons of the papers, by their layers."""

import pytest
import torch
from torch import nn

from askew.inputs.spec import TableSpec
from askew.networks import default_layers, mlp


@pytest.mark.parametrize(
    "features, widths",
    [
        (274, (128, 64, 32)),
        (36, (32, 16, 8)),
        (21, (32, 16, 8)),
        (9, (32, 16, 8)),
        (6, (32, 16, 4)),
        (1, (32, 16, 4)),
    ],
)
def test_default_widths_are_the_papers_for_its_six_tables(features, widths):
    assert default_layers(TableSpec(n_features=features)) == widths


def test_hidden_layers_are_linear_norm_leaky_and_the_last_is_linear():
    network = mlp((6, 4, 3, 2), batch_norm=True, slope=0.2)
    kinds = [type(layer) for layer in network]
    assert kinds == [nn.Linear, nn.BatchNorm1d, nn.LeakyReLU] * 2 + [nn.Linear]
    assert [layer.negative_slope for layer in network if isinstance(layer, nn.LeakyReLU)] == [0.2, 0.2]
    assert {layer.eps for layer in network if isinstance(layer, nn.BatchNorm1d)} == {1e-4}


def test_without_bias_and_affine_no_parameter_can_shift():
    network = mlp((6, 4, 2), bias=False, batch_norm=True, affine=False)
    assert [name for name, _ in network.named_parameters()] == ["0.weight", "3.weight"]
    network.eval()
    assert network(torch.zeros(3, 6)).abs().max() == 0.0
