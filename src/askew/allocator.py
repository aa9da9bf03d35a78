"""Memory of processes that are ours alone: the command's, and the benchmarks' workers."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of ``malloc.h``."""
_MOST = 1 << 28
"""Bytes that are kept, and the largest piece that is taken from what was kept."""


def keep_freed_memory() -> bool:
    """Have glibc keep freed memory for the next step, and return whether it will; elsewhere nothing happens.

    A training step's gradients are of many megabytes, which glibc gives back to the system after every step and asks
    for in the next; the system hands them out page by page, each zeroed. A program that calls the library decides
    about its own memory: this is for processes that we started.

    Source: mallopt(3).
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and all(
        mallopt(which, _MOST) for which in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD)
    )
