"""Kernel SSAD's speed: the default fit on several kinds of rows, and the solver alone along the papers' kernels.

Run on one core: OMP_NUM_THREADS=1 taskset -c 0 python bench/kernel_ssad.py [--rows 3000] [--columns 20] [--path]
Prints seconds of processor time. A hundredth of the rows are known anomalies, so the fit chooses gamma.
"""

import argparse
import time

import numpy as np

import askew
from askew.detectors.kernel_ssad.smo import solve
from askew.families.kernels import GAMMAS, squared_distances


def timed(action):
    start = time.process_time()
    result = action()
    return result, time.process_time() - start


def problems(rows, columns):
    """Yield (name, rows with the known anomalies last)."""
    rng = np.random.default_rng(0)
    known = rows // 100
    for name, shift in (("separated", 2.0), ("near", 0.5), ("overlapping", 0.0)):
        X = rng.normal(size=(rows, columns))
        X[-known:] += shift
        yield name, X
    yield (
        "clusters",
        rng.normal(size=(rows, columns)) + 4 * rng.normal(size=(8, columns))[rng.integers(0, 8, rows)],
    )
    yield "heavy tails", rng.standard_t(2, size=(rows, columns))
    X = rng.normal(size=(rows, 3))
    X[-known:] += 1.0
    yield "three columns", X
    X = np.round(rng.normal(size=(rows, 5)))
    X[-known:] += 1.0
    yield "equal rows", X


def path(X, labels):
    """Print the solver's time on every kernel, from scratch and from its neighbour's solution."""
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


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--path", action="store_true", help="the solver along the papers' kernels as well")
    arguments = parser.parse_args()
    labels = np.zeros(arguments.rows, dtype=np.int8)
    labels[-(arguments.rows // 100) :] = -1
    for name, X in problems(arguments.rows, arguments.columns):
        model, seconds = timed(lambda X=X: askew.KernelSSAD(random_state=0).fit(X, askew.labels.ours(labels)))
        support = len(model.support_)
        print(
            f"{name:14s} fit {seconds:.2f} s   gamma {model.gamma_:g}   {support} support vectors", flush=True
        )
        if arguments.path:
            path(X, labels)


if __name__ == "__main__":
    main()
