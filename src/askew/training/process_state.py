"""What torch keeps for the whole process, a number of threads and a random generator, used by many threads at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from askew.networks.lstm import WordDropout

_AT_RANDOM = (_DropoutNd, WordDropout, nn.RReLU, nn.FractionalMaxPool2d, nn.FractionalMaxPool3d)
_WELL_KNOWN = ("torch.nn.", "askew.networks.")
"""Where layers are from whose forward pass is known to draw random numbers or not to."""


class _Process:
    """Who is inside; a forked child begins anew, as only one of the threads goes with it."""

    def __init__(self) -> None:
        self.generator = threading.RLock()
        self.threads = threading.Lock()
        self.inside = threading.local()
        self.n_inside, self.usual = 0, 1


_process = _Process()


def _begin_anew() -> None:
    """Forget the threads that stayed with the parent; torch would wait for ever for those of its own."""
    _process.__init__()  # type: ignore[misc]
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


@contextmanager
def one_thread(alone: bool = True) -> Iterator[None]:
    """Run with one torch thread, if `alone`: small networks are many times faster and steadier so.

    What torch is told in a thread counts for that thread, and for those that are yet to use torch: the last one that
    leaves gives these the number back that the first one found.
    """
    if not alone or getattr(_process.inside, "yes", False):
        yield
        return
    with _process.threads:
        before = torch.get_num_threads()
        if not _process.n_inside:
            _process.usual = _of_new_threads(before)
        _process.n_inside += 1
        _process.inside.yes = True
        torch.set_num_threads(1)
    try:
        yield
    finally:
        with _process.threads:
            _process.n_inside = max(_process.n_inside - 1, 0)  # 0 in a child that was forked inside
            _process.inside.yes = False
            torch.set_num_threads(before)
            if not _process.n_inside and before != _process.usual:
                _elsewhere(lambda: torch.set_num_threads(_process.usual))  # so that this thread keeps its own


def _of_new_threads(own: int) -> int:
    """Return the number of torch threads that a thread gets which is yet to use torch; `own` is this one's."""
    if threading.current_thread() is threading.main_thread():
        return own
    return int(_elsewhere(torch.get_num_threads))


def _elsewhere(function: Callable[[], Any]) -> Any:
    """Return what a function returns in a new thread."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


@contextmanager
def spared_generator(device: torch.device | None = None) -> Iterator[None]:
    """Put torch's global generators back afterwards, that of the CPU and of `device`; one thread at a time."""
    gpus = [] if device is None or device.type != "cuda" else [device]
    with _process.generator, torch.random.fork_rng(devices=gpus):
        yield


@contextmanager
def own_generator(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Seed torch's global generators, that of the CPU and of `device`, and put them back afterwards."""
    with spared_generator(device):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed every GPU as well
        if device is not None and device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield


def draws(networks: Iterable[nn.Module]) -> bool:
    """Return whether training these may draw from the global generator; a layer that we do not know may.

    >>> draws([nn.Sequential(nn.Linear(2, 2), nn.ReLU())]), draws([nn.Dropout(0.1)]), draws([nn.LSTM(2, 2, 2)])
    (False, True, False)
    """
    return any(map(_draws, (layer for network in networks for layer in network.modules())))


def _draws(layer: nn.Module) -> bool:
    if not f"{type(layer).__module__}.".startswith(_WELL_KNOWN):
        return True
    return isinstance(layer, _AT_RANDOM) or bool(getattr(layer, "dropout", 0))
