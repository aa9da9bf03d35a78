"""Members as values and arrays, and back."""

import json

import pytest
import torch
from torch import nn

from askew.base.members_state import freeze, members_state, restored_members
from askew.training import Member


def networks():
    return {"encoder": nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)), "decoder": nn.Linear(2, 3)}


def test_members_come_back_ready_for_scoring():
    members = [Member(0, seed, networks()) for seed in (5, 6)]
    members[1].retried, members[1].losses = "the loss became nan", {"main/normal": [0.5, 0.25]}
    members[1].constants = {"center": torch.tensor([[1.0, 2.0]])}
    for member in members:
        freeze(member, torch.float64)
    values, arrays = members_state(members)
    assert len(arrays) == 2 * 9 + 1
    state = torch.get_rng_state()
    found = restored_members((json.loads(json.dumps(values)), arrays), networks, torch.float32, "cpu")
    assert torch.equal(state, torch.get_rng_state())  # building networks draws weights
    x = torch.rand(4, 3)
    for one, again in zip(members, found, strict=True):
        assert (again.seed, again.retried, again.losses) == (one.seed, one.retried, one.losses)
        assert not any(part.training for part in again.networks.values())
        assert not any(p.requires_grad for part in again.networks.values() for p in part.parameters())
        codes = one.networks["encoder"](x.double())
        torch.testing.assert_close(again.networks["encoder"](x), codes.float())
    assert found[0].constants == {} and found[1].constants["center"].tolist() == [[1.0, 2.0]]


def test_networks_far_larger_than_the_file_are_not_made():
    member = Member(0, 5, networks())
    freeze(member, torch.float64)
    state = members_state([member])

    def huge():
        return {"encoder": nn.Linear(10**6, 10**6, device="meta")}

    with pytest.raises(ValueError, match="its networks would be larger than the file"):
        restored_members(state, huge, torch.float64, "cpu")
