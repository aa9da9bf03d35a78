"""ALAD's discriminators and encoder: sizes for any row, and which layers are normalised or dropped."""

import pytest
import torch
from torch import nn

from askew.errors import InvalidInputError
from askew.inputs.spec import ImageSpec, TableSpec
from askew.networks import bidirectional_encoder, code_critic, joint_critic, row_critic

SPECS = [ImageSpec(1, 28, 28), ImageSpec(3, 17, 45), ImageSpec(3, 32, 32), TableSpec(6)]
WEIGHTED = nn.Conv2d | nn.Linear


def of_kind(network, kind):
    return [layer for layer in network.modules() if isinstance(layer, kind)]


def is_spectral(layer):
    return hasattr(layer, "parametrizations")


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_rows_and_codes_are_judged_alone_and_together(spec):
    x, z = torch.randn(4, spec.n_features), torch.randn(4, 7)
    assert bidirectional_encoder(spec, 7)(x).shape == (4, 7)
    assert joint_critic(spec, 7, dropout=0.2)(x, z).shape == (4, 1)
    body, head = row_critic(spec, dropout=0.2)
    assert head(body(torch.cat([x, x], -1))).shape == (4, 1)
    assert code_critic(7, dropout=0.2)(torch.cat([z, z], -1)).shape == (4, 1)


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_the_joint_critic_sees_both(spec):
    torch.manual_seed(0)
    judge = joint_critic(spec, 7).eval()
    x, z = torch.randn(4, spec.n_features), torch.randn(4, 7)
    assert (judge(x, z) - judge(x.flip(0), z)).abs().max() > 0
    assert (judge(x, z) - judge(x, z.flip(0))).abs().max() > 0


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_all_layers_but_the_last_are_spectral_if_asked_for(spec):
    for options in ({"spectral": True}, {}):
        body, head = row_critic(spec, **options)
        whole = (joint_critic(spec, 7, **options), nn.Sequential(body, head), code_critic(7, **options))
        for network in (*whole, bidirectional_encoder(spec, 7, **options)):
            *hidden, last = [is_spectral(layer) for layer in of_kind(network, WEIGHTED)]
            assert set(hidden) == {bool(options)} and not last


def test_dropout_is_behind_hidden_layers_and_batch_norm_where_the_public_code_has_it():
    def counts(network):
        return len(of_kind(network, nn.Dropout)), len(of_kind(network, nn.BatchNorm1d | nn.BatchNorm2d))

    image, table = ImageSpec(3, 32, 32), TableSpec(6)
    assert counts(joint_critic(image, 7, dropout=0.2)) == (3, 2)
    assert counts(joint_critic(table, 7, dropout=0.2)) == (2, 1)
    assert counts(row_critic(image, dropout=0.2)[0]) == (3, 0)
    assert counts(code_critic(7, dropout=0.2)) == (2, 0)
    assert [counts(bidirectional_encoder(spec, 7)) for spec in (image, table)] == [(0, 2), (0, 0)]
    for network in (joint_critic(image, 7), row_critic(image)[0], code_critic(7)):
        assert counts(network)[0] == 0


def test_small_images_go_through_convolutions_alone():
    spec = ImageSpec(1, 28, 28)
    body, head = row_critic(spec)
    assert not of_kind(body, nn.Linear) and head.in_features == 128 * 7 * 7
    assert len(of_kind(bidirectional_encoder(spec, 7), nn.Linear)) == 1
    assert not of_kind(joint_critic(spec, 7).of_x, nn.Linear)


def test_tiny_images_are_refused():
    with pytest.raises(InvalidInputError, match="at least 16x16"):
        joint_critic(ImageSpec(1, 15, 28), 7)
