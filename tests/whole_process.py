"""What belongs to a whole process, and so must be after a call of ours what it was before.

Tests compare it around every detector's calls; as a plug-in of pytest (`make check`) it is compared around every
docstring's example.
"""

import os
import random
import signal
import threading
import warnings

import numpy as np
import pytest
import sklearn.model_selection  # noqa: F401 - sets variables and filters of its own when it is first loaded
import torch

GENERATORS = {"torch's generator", "numpy's generator", "random's generator"}
"""What examples draw from themselves that say so."""

NOT_OURS = {"PYTEST_CURRENT_TEST", "TORCHINDUCTOR_CACHE_DIR"}
"""Variables that pytest changes, and torch when it first loads its compiler (as ``torch.func.grad`` makes it)."""


def state():
    """Return it by name, in values that can be compared."""
    numbers = np.random.get_state()  # noqa: NPY002 - it is ours to look at
    return {
        "torch's threads": torch.get_num_threads(),
        "torch's dtype": torch.get_default_dtype(),
        "torch's gradients": torch.is_grad_enabled(),
        "torch's determinism": torch.are_deterministic_algorithms_enabled(),
        "torch's generator": torch.get_rng_state().numpy().tobytes(),
        "numpy's generator": (numbers[1].tobytes(), *numbers[2:]),
        "random's generator": random.getstate(),
        "signal handlers": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
        "environment": {name: value for name, value in os.environ.items() if name not in NOT_OURS},
        "numpy's errors": np.geterr(),
        "numpy's printing": str(np.get_printoptions()),
        "folder": os.getcwd(),
        # scikit-learn changes filters of its own and numpy's kinds for a moment, whatever the thread
        "warnings": [
            said(each) for each in warnings.filters if each[2].__module__ in ("builtins", "askew.errors")
        ],
        "warnings' hook": warnings.showwarning,
    }


def said(warning_filter):
    """Return what a filter says: scikit-learn's threads may leave the same one with patterns in place of words."""
    return tuple(getattr(part, "pattern", part) for part in warning_filter)


def of_a_new_thread():
    """Return the number of torch threads that a thread gets which is yet to use torch."""
    found = []
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    return found[0]


def changes(before, after):
    """Return the names of what is another."""
    return [name for name in before if before[name] != after[name]]


@pytest.fixture(autouse=True)
def process_as_it_was(request):
    """Fail an example in a docstring that leaves the process another than it found it."""
    before = state()
    yield
    allowed = GENERATORS if draws(request.node.dtest) else set()
    assert not set(changes(before, state())) - allowed


def draws(doctest):
    """Return whether an example may draw from the global generators by itself."""
    if doctest.name.startswith("askew.networks."):
        return True  # an unseeded network begins at random, as torch's do
    return any("torch.rand" in example.source or "nn." in example.source for example in doctest.examples)
