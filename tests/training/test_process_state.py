"""Threads that train at once leave torch's number of threads and its generator as they were; forks go on."""

import os
import threading

import pytest
import torch
from torch import nn

from askew.training import one_thread
from askew.training.process_state import draws, own_generator
from whole_process import of_a_new_thread


@pytest.mark.parametrize("order", ["ABab", "ABba", "ABaCbc", "AaBb"])
def test_threads_that_overlap_leave_the_number_of_threads_to_later_ones(two_threads, order):
    """Threads come (A, B, ...) and go (a, b, ...) in that order."""
    inside, leave, workers, seen = {}, {}, {}, {}

    def work(name):
        with one_thread(), one_thread():
            seen[name] = torch.get_num_threads()
            inside[name].set()
            leave[name].wait()

    for letter in order:
        name = letter.lower()
        if letter.isupper():
            inside[name], leave[name] = threading.Event(), threading.Event()
            workers[name] = threading.Thread(target=work, args=(name,))
            workers[name].start()
            inside[name].wait()  # so each has found what those before it left to new threads
        else:
            leave[name].set()
            workers[name].join()
    assert set(seen.values()) == {1}
    assert torch.get_num_threads() == of_a_new_thread() == 2


def test_one_thread_at_a_time_has_the_generator_and_it_is_put_back():
    torch.manual_seed(3)
    state, order, drawn = torch.get_rng_state(), [], {}
    first_is_in, second_waits = threading.Event(), threading.Event()

    def first():
        with own_generator(5):
            first_is_in.set()
            second_waits.wait()
            drawn["first"] = torch.rand(2).tolist()
            order.append("first")

    def second():
        first_is_in.wait()
        second_waits.set()
        with own_generator(5):
            drawn["second"] = torch.rand(2).tolist()
            order.append("second")

    workers = [threading.Thread(target=each) for each in (first, second)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert order == ["first", "second"] and drawn["first"] == drawn["second"]
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
def test_a_child_that_is_forked_while_others_are_inside_waits_for_nobody(forks, tmp_path):
    # and its torch has one thread, as the others' stayed with the parent
    code = """
import os, threading, torch
from askew.training import one_thread
from askew.training.process_state import own_generator
torch.set_num_threads(2)
torch.zeros(10**6).exp()  # with threads of torch's own
inside, leave = threading.Event(), threading.Event()
def work():
    with own_generator(1), one_thread():
        inside.set()
        leave.wait()
thread = threading.Thread(target=work)
thread.start()
inside.wait()
child = os.fork()
if child == 0:
    with own_generator(1), one_thread():
        torch.rand(10**6).exp()
    torch.rand(10**6).exp()
    os._exit(torch.get_num_threads())
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), torch.get_num_threads())
leave.set()
thread.join()
"""
    assert forks.run(code, folder=tmp_path).stdout == "1 2\n"


class Unknown(nn.Module):
    """May do anything in its forward pass."""


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Conv2d(1, 1, 1)), False),
        (nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2)), False),
        (nn.LSTM(2, 2, num_layers=2), False),
        (nn.LSTM(2, 2, num_layers=2, dropout=0.1), True),
        (nn.MultiheadAttention(2, 1, dropout=0.1), True),
        (nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1)), True),
        (nn.Sequential(Unknown()), True),
    ],
)
def test_which_networks_draw_in_training(network, expected):
    assert draws([network]) == expected
