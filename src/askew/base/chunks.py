"""Functions of many rows, chunk by chunk."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from askew.base.preparation.interface import Preparation, Rows
from askew.training import one_thread

_THREADED_CHUNKS = 8
"""From this many chunks on, several threads compute them."""


def in_chunks(
    function: Callable[[Tensor], Tensor], x: Rows, preparation: Preparation, device: str
) -> NDArray[np.float64]:
    """Return `function` of checked rows once they are prepared, in several threads if there are many."""
    size = preparation.chunk

    def one(start: int) -> NDArray[np.float64]:
        with torch.no_grad():
            rows = preparation.tensor(x[start : start + size], device)
            return np.asarray(function(rows).cpu().numpy(), dtype=np.float64)

    starts = range(0, len(x), size)
    with one_thread(not preparation.convolutional):
        if len(x) < _THREADED_CHUNKS * size or preparation.convolutional:
            return np.concatenate([one(start) for start in starts])
        with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return np.concatenate(list(pool.map(one, starts)))
