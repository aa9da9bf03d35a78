"""A recording repeats a computation with other numbers, or refuses one that may be another the next time."""

import pytest
import torch

from askew.training.recording import Recording, UnrecordableError


def again(compute, inputs, fresh):
    """Record `compute`, replay it with `fresh` numbers in `inputs` and return what it left."""
    into = [torch.empty_like(result) for result in compute()]
    recording = Recording(compute, into)
    for place, value in zip(inputs, fresh, strict=True):
        place.copy_(value)
    recording.replay()
    return recording, into


def test_views_in_place_operations_and_gradients_follow_the_numbers():
    x, w = torch.randn(2, 6, 4), torch.randn(2, 4, 3)

    def compute():
        weight = w.detach().requires_grad_()
        hidden = torch.bmm(x, weight)
        left, right = hidden.chunk(2, dim=1)
        loss = (
            (torch.cat([left, right.mT.contiguous().mT], 1).relu_() * torch.ones_like(hidden))
            .square()
            .sum((-1, -2))
        )
        return [loss, *torch.autograd.grad(loss.sum(), [weight]), x.mT]

    _, found = again(compute, [x, w], [torch.randn_like(x), torch.randn_like(w)])
    for ours, right in zip(found, compute(), strict=True):
        torch.testing.assert_close(ours, right)


def test_what_never_changes_is_done_once_and_what_nobody_reads_not_at_all():
    x = torch.randn(5)

    def compute():
        weights = torch.arange(5.0).exp() / 5.0
        x.exp().log()
        return [x * weights]

    recording, (found,) = again(compute, [x], [torch.ones(5)])
    assert len(recording.actions) == 1
    torch.testing.assert_close(found, torch.arange(5.0).exp() / 5.0)


def test_memory_that_is_written_twice_is_written_anew_each_time():
    x = torch.ones(3)
    recording, (found,) = again(lambda: [torch.zeros(3).add_(x).mul_(2.0)], [x], [torch.full((3,), 4.0)])
    recording.replay()
    assert found.tolist() == [8.0, 8.0, 8.0]


def test_copies_of_what_stays_as_it_is_are_left_out():
    x, other = torch.randn(4, 3), torch.randn(3)

    def compute():
        own = x[1:].clone() * 1.0 - 0.0
        changed = x.clone()
        copied = changed.clone()
        changed.mul_(3.0)  # so both copies are needed
        return [own.exp() * 2.0, copied.pow(1).sum(-1), changed + 0.0]

    recording, found = again(compute, [x], [torch.randn(4, 3)])
    for ours, right in zip(found, compute(), strict=True):
        torch.testing.assert_close(ours, right)
    assert len(recording.actions) == 7, "two of exp and 2, two clones, one of each other: mul_, sum, +"
    assert recording.reads(x) and not recording.reads(other)


def test_memory_that_is_needed_for_a_while_is_shared():
    x = torch.randn(3, 50)

    def compute():
        y = x
        for _ in range(6):
            y = y * 0.5
        wide = torch.cat([y, y, y, y])  # too large for what is free
        return [wide.sum(-1), wide.mT * 2.0]

    recording, found = again(compute, [x], [torch.ones(3, 50)])
    written = [action.args[-1].__array_interface__["data"][0] for action in recording.actions[:6]]
    assert len(set(written)) == 2 and written[:2] * 3 == written
    for ours, right in zip(found, compute(), strict=True):
        torch.testing.assert_close(ours, right)


@pytest.mark.parametrize(
    "compute",
    [lambda x: x * torch.randn(3), lambda x: x * x.sum().item(), lambda x: x[x > 0]],
    ids=["random", "item", "mask"],
)
def test_what_may_differ_the_next_time_is_refused(compute):
    x = torch.ones(3)
    with pytest.raises(UnrecordableError, match="cannot be done again"):
        Recording(lambda: [compute(x)], [torch.empty(3)])
