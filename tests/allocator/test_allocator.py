"""Freed memory is kept where glibc can be told so; each case runs in a process of its own, which it changes."""

import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from askew.allocator import keep_freed_memory
if {keep}:
    print(keep_freed_memory())
for _ in range(2):
    np.ones(1 << 23)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    np.ones(1 << 23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def ran(code):
    outcome = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return outcome.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's mallopt")
def test_kept_memory_is_not_asked_for_again():
    *said, kept = ran(FAULTS.format(keep=True))
    (given_back,) = ran(FAULTS.format(keep=False))
    if said != ["True"]:
        pytest.skip("this C library has no mallopt")
    assert 10 * int(kept) < int(given_back)


def test_elsewhere_nothing_happens():
    code = "import sys; sys.platform = 'win32'; from askew.allocator import keep_freed_memory as keep; print(keep())"
    assert ran(code) == ["False"]
