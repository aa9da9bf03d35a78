"""One network of all members gives what each member's own gives."""

import pytest
import torch
from torch import nn

from askew.networks.mlp import mlp
from askew.networks.scoring_stack import scoring_stack


@pytest.mark.parametrize(
    "options",
    [{}, {"bias": False, "batch_norm": True, "affine": False}, {"batch_norm": True}, {"slope": 0.0}],
    ids=str,
)
def test_it_gives_what_the_members_give(options):
    torch.manual_seed(0)
    networks = [mlp((6, 5, 4, 3), **options).double() for _ in range(3)]
    for network in networks:
        network(torch.randn(50, 6, dtype=torch.float64))  # BatchNorm learns what is usual
        network.eval()
    together = scoring_stack(networks, torch.float64)
    x = torch.randn(7, 6, dtype=torch.float64)
    expected = torch.stack([network(x) for network in networks])
    torch.testing.assert_close(together(x.unsqueeze(0)), expected)
    torch.testing.assert_close(together(x.expand(3, -1, -1)), expected)


def test_other_networks_have_none():
    plain = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.BatchNorm1d(3))
    assert scoring_stack([plain], torch.float32) is None
    assert scoring_stack([nn.Sequential(nn.Linear(3, 2), nn.Softmax(-1))], torch.float32) is None
    assert scoring_stack([nn.Linear(3, 2), nn.Linear(3, 4)], torch.float32) is None
    without_statistics = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2, track_running_stats=False))
    assert scoring_stack([without_statistics], torch.float32) is None
