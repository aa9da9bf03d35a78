"""Kernel SSAD's solver: seconds for one kernel from scratch, and for the papers' ten in a warm-started path.

Run on one core: OMP_NUM_THREADS=1 taskset -c 0 python bench/kernel_ssad.py [--rows 3000] [--columns 20]
Prints seconds with and without making the kernel matrix. A hundredth of the rows are known anomalies.
"""

import argparse
import time

import numpy as np

from askew.detectors._kernels import GAMMAS, squared_distances
from askew.detectors._smo import solve


def timed(action):
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--columns", type=int, default=20)
    arguments = parser.parse_args()
    X = np.random.default_rng(0).normal(size=(arguments.rows, arguments.columns))
    labels = np.zeros(len(X), dtype=np.int8)
    labels[: len(X) // 100] = -1
    X[labels < 0] += 2.0
    distances, seconds = timed(lambda: squared_distances(X, X))
    print(f"distances of {len(X):,} rows: {seconds:.2f} s")
    start, total = None, 0.0
    for gamma in sorted(GAMMAS, reverse=True):
        kernel, making = timed(lambda g=gamma: np.exp(-g * distances))
        cold, from_scratch = timed(lambda k=kernel: solve(k, labels))
        warm, on_path = timed(lambda k=kernel, a=start: solve(k, labels, start=a))
        start, total = warm.alpha, total + making + on_path
        print(
            f"gamma {gamma:<9g} kernel {making:.2f} s   from scratch {from_scratch:.2f} s ({cold.steps} steps)   "
            f"on the path {on_path:.2f} s ({warm.steps} steps)   {int((warm.alpha > 0).sum())} support vectors",
            flush=True,
        )
    print(f"the whole path: {total:.2f} s")


if __name__ == "__main__":
    main()
