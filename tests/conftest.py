"""Every test runs with one torch thread: small networks are faster and steadier so."""

import os

import pytest
import torch
from hypothesis import settings

from forks import Forks

torch.set_num_threads(1)

# Nothing is timed, and what CI finds is found again; `make trust` looks for more with HYPOTHESIS_PROFILE=thorough.
settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", max_examples=300, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def forks():
    """Fresh processes that have imported everything."""
    started = Forks()
    yield started
    started.stop()


@pytest.fixture
def two_threads():
    """Run with two torch threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
