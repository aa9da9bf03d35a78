"""Scoring a million rows of twenty columns with an ensemble of five: seconds and peak memory.

Run: python bench/scoring.py [--rows 1000000]
The peak is the process's own, the interpreter and the data included.
"""

import argparse
import resource
import time
import warnings

import numpy as np

import askew


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    detector = askew.DPVAE(n_members=5, random_state=0).set_params(training__epochs=2)
    detector.fit(rng.normal(size=(2000, arguments.columns)))
    X = rng.normal(size=(arguments.rows, arguments.columns))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    scores = detector.score_samples(X)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(scores):,} rows x {X.shape[1]} columns, K=5: {seconds:.1f} s, "
        f"{len(scores) / seconds:,.0f} rows/s, peak {peak:.0f} MiB ({before:.0f} before scoring)"
    )


if __name__ == "__main__":
    main()
