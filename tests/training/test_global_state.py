"""Training leaves the process as it was: random states and the number of threads."""

import random

import numpy as np
import pytest
import torch
from training_cases import Branching, WithDropout, Wrapped, autoencoder, data, main_step, run, stage

from askew.networks import mlp
from askew.training import one_thread


@pytest.mark.parametrize("members", [[(0, 1)], [(0, 1), (0, 2)]], ids=["one", "two"])
@pytest.mark.parametrize("kind", [mlp, Wrapped, Branching, WithDropout])
def test_random_states_are_untouched(kind, members):
    torch.manual_seed(5)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    run(autoencoder(kind, batch_norm=True), [stage()], data(), members)
    after = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_they_are_untouched_after_an_error_too():
    def wrong(networks, batch):
        raise RuntimeError("the loss is wrong")

    torch.manual_seed(5)
    before = torch.get_rng_state()
    with pytest.raises(RuntimeError, match="the loss is wrong"):
        run(autoencoder(WithDropout), [stage(main_step(wrong))], data(), [(0, 1)])
    assert torch.equal(before, torch.get_rng_state())


def test_training_takes_one_thread_and_gives_the_others_back(two_threads):
    seen = []

    def loss(networks, batch):
        seen.append(torch.get_num_threads())
        return (batch.x - networks["decoder"](networks["encoder"](batch.x))).square().mean((-1, -2))

    run(autoencoder(), [stage(main_step(loss))], data(), [(0, 1)])
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2


def test_convolutions_keep_all_threads(two_threads):
    with one_thread(False):
        assert torch.get_num_threads() == 2


def test_threads_come_back_after_an_error(two_threads):
    with pytest.raises(KeyboardInterrupt), one_thread():
        raise KeyboardInterrupt
    assert torch.get_num_threads() == 2
