"""What a Dask worker that we started does first; a worker that others started keeps its ways."""

from __future__ import annotations

import signal

from askew.allocator import keep_freed_memory


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the process that started the cluster."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_memory()
