"""Every test runs with one torch thread: small networks are faster and steadier so."""

import pytest
import torch

from forks import Forks

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def forks():
    """Fresh processes that have imported everything."""
    started = Forks()
    yield started
    started.stop()
