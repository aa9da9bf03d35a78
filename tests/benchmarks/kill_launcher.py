"""Starts plan after plan for the kill test, each in a forked process, so that imports are paid for once.

Reads lines "PLAN FOLDER WORKERS" from stdin, runs that plan of fakes in a child, prints "pid N" when the
child is about to begin and "ended CODE" when it has ended.
"""

import os
import sys
from pathlib import Path

import benchmark_fakes

from askew.benchmarks import execute
from askew.benchmarks.protocols.classic.result import tabulate
from askew.benchmarks.runs.store import Store

if __name__ in ("__main__", "__mp_main__"):  # spawned workers import this file again, and need the fakes too
    benchmark_fakes.install()
    benchmark_fakes.fit_delay, benchmark_fakes.score_delay = 0.002, 0.003
    benchmark_fakes.log = os.environ["ASKEW_TEST_LOG"]

PLANS = {
    "long": benchmark_fakes.plan(["fake", "weak", "warns"], ["tiny", "small", "medium"], range(15)),
    "deadly": benchmark_fakes.plan(["kills_its_process", "fake"], ["tiny"], range(4)),
}


def attempt(name, folder, workers):
    store = Store(Path(folder))
    execute(PLANS[name], store, workers=workers)
    tabulate(PLANS[name], store)


def main():
    import pyarrow.parquet  # noqa: F401 - what a run will need, so that forked processes have it
    import scipy.stats  # noqa: F401
    import sklearn.metrics  # noqa: F401

    assert "torch" not in sys.modules
    print("up", flush=True)
    for line in sys.stdin:
        name, folder, workers = line.split()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                attempt(name, folder, int(workers))
                code = 0
            finally:
                os._exit(code)
        print("pid", child, flush=True)
        print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
