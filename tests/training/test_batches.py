"""A batch that is filled holds what a new one would."""

import torch
from training_cases import data, main_step

from askew.training import Data
from askew.training.batches import Batches
from askew.training.random_streams import Noise


def batches(prepare):
    given = data(sets=2, anomalies=5)
    return Batches(Data(given.x, given.y, prepare), {}, {"main": Noise(2, 8, 3, [1, 2])})


def test_filling_a_batch_equals_making_it():
    rows = torch.tensor([[0, 7, 3], [50, 52, 99]]), torch.tensor([[4, 1, 2], [60, 61, 54]])
    step = main_step(noise=(2, 3), schedule=lambda epoch: epoch / 4)
    for prepare in (lambda x: x, lambda x: x / 2):
        made, filled = batches(prepare), batches(prepare)
        made.make(step, rows[0], 0)
        batch = filled.make(step, rows[0], 0)
        batch = type(batch)(batch.x.clone(), batch.y.clone(), batch.noise.clone(), {}, 0)
        right = made.make(step, rows[1], 3)
        filled.filler(batch, step)(rows[1])
        assert right.scheduled == 0.75 and right.epoch == 3
        for name in ("x", "y", "noise"):
            assert torch.equal(getattr(batch, name), getattr(right, name))


def test_bytes_are_prepared_in_every_batch():
    x = torch.arange(40, dtype=torch.uint8).reshape(1, 10, 4)
    given = Data(x, torch.zeros(1, 10, dtype=torch.int8), lambda x: x / 2)
    made = Batches(given, {}, {})
    batch = made.make(main_step(), torch.tensor([[0, 1]]), 0)
    made.filler(batch, main_step())(torch.tensor([[9, 3]]))
    assert batch.x.tolist() == (x[:, [9, 3]] / 2).tolist()


def test_labels_that_nobody_reads_are_not_filled_in():
    source, step = batches(lambda x: x), main_step()
    batch = source.make(step, torch.tensor([[0, 1], [50, 51]]), 0)
    before, labels = batch.x.clone(), batch.y.fill_(9.0).clone()
    source.filler(batch, step, labels=False)(torch.tensor([[4, 7], [60, 99]]))
    assert torch.equal(batch.y, labels) and not torch.equal(batch.x, before)
