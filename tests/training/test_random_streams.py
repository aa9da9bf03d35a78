"""Batches and noise: every row once an epoch, and streams that depend on a member's seed alone."""

import pytest
import torch

from askew.training.random_streams import Noise, Pool


def pool(rows, batch_size, seeds=(1, 2, 3)):
    numbers = torch.arange(rows) + 100 * torch.arange(len(seeds)).unsqueeze(1)
    return Pool(numbers, batch_size, seeds)


@pytest.mark.parametrize("batch_size", [2, 3, 7, 10, 11, 128])
@pytest.mark.parametrize("rows", [1, 2, 3, 10, 11, 21, 22])
def test_an_epoch_covers_each_row_exactly_once(rows, batch_size):
    batches = pool(rows, batch_size)
    for _ in range(2):
        seen = torch.cat(list(batches.epoch()), dim=1)
        for member in range(3):
            assert sorted(seen[member].tolist()) == [100 * member + row for row in range(rows)]


@pytest.mark.parametrize(
    "rows, sizes", [(9, [4, 5]), (8, [4, 4]), (10, [4, 4, 2]), (5, [5]), (3, [3]), (1, [1])]
)
def test_a_last_batch_of_one_row_joins_the_one_before(rows, sizes):
    assert [batch.shape[1] for batch in pool(rows, 4).epoch()] == sizes


def test_every_epoch_has_another_order_and_every_member_its_own():
    batches = pool(50, 50)
    (first,), (second,) = list(batches.epoch()), list(batches.epoch())
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1] - 100)


def test_an_order_depends_on_the_seed_alone():
    (beside,) = list(pool(50, 50, seeds=(5, 6, 7)).epoch())
    (alone,) = list(pool(50, 50, seeds=(6,)).epoch())
    assert torch.equal(beside[1] - 100, alone[0])


def test_an_endless_cycle_uses_every_row_before_it_shuffles_again():
    batches = pool(12, 4)
    for _ in range(3):
        seen = torch.cat([batches.draw() for _ in range(3)], dim=1)
        assert [len(set(member.tolist())) for member in seen] == [12] * 3


def test_a_cycle_over_fewer_rows_than_a_batch_takes_all_of_them():
    batches = pool(3, 128)
    for _ in range(4):
        assert sorted(batches.draw()[0].tolist()) == [0, 1, 2]


def test_the_order_follows_the_rows_to_their_device():
    rows = torch.arange(6, device="meta").unsqueeze(0)
    assert next(Pool(rows, 4, [1]).epoch()).device.type == "meta"
    assert Noise(1, 4, 2, [1], device="meta").draw(4).device.type == "meta"


def test_noise_is_standard_normal_and_each_members_own():
    noise = Noise(2, 50, 3, [1, 2])
    drawn = torch.stack([noise.draw(50) for _ in range(100)])
    assert drawn.shape == (100, 2, 2, 50, 3)
    assert drawn.mean().abs() < 0.02 and (drawn.std() - 1.0).abs() < 0.02
    assert not torch.equal(drawn[:, 0], drawn[:, 1])
    assert not torch.equal(drawn[0], drawn[1])


def test_noise_depends_on_the_seed_alone():
    # 246 numbers a step: a generator's stream depends on how many are drawn at once, so blocks must be alike
    beside, alone = Noise(2, 41, 3, [1, 2, 3]), Noise(2, 41, 3, [2])
    for rows in (41, 41, 13, 41) * 200:  # over many blocks
        assert torch.equal(beside.draw(rows)[1], alone.draw(rows)[0])


def test_noise_is_not_repeated_when_a_block_is_used_up():
    noise = Noise(1, 300, 100, [1])  # two steps a block
    draws = [noise.draw(300).clone() for _ in range(5)]
    assert len({draw.sum().item() for draw in draws}) == 5


@pytest.mark.parametrize("drawn", range(7))
def test_a_cycle_goes_on_from_its_state(drawn):
    cycle, other = pool(12, 4), pool(12, 4, seeds=(7, 8, 9))
    for _ in range(drawn):
        cycle.draw()
    state = cycle.state_dict()
    assert ("order" in state) == (drawn % 3 != 0)  # one that is used up is nobody's
    other.load_state_dict(state)
    for _ in range(5):
        assert torch.equal(cycle.draw(), other.draw())


@pytest.mark.parametrize("drawn", range(5))
def test_noise_goes_on_from_its_state(drawn):
    noise, other = Noise(1, 300, 100, [1, 2]), Noise(1, 300, 100, [8, 9])  # two steps a block
    for _ in range(drawn):
        noise.draw(300)
    other.load_state_dict(noise.state_dict())
    for _ in range(4):
        assert torch.equal(noise.draw(300), other.draw(300))
