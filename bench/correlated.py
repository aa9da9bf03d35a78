"""Anomalies that break how columns go together, each of whose values is usual: `auto` beside single methods.

Run: OMP_NUM_THREADS=1 python bench/correlated.py [--before PATH/src]

2,000 normal rows of 20 columns that few factors make, 40 anomalies among them, ten of these labelled; 2,000 normal
rows and 100 anomalies to test on. An anomaly has four columns of other rows. With --before an older source tree does
the same.
"""

import argparse
import os
import subprocess
import sys
import time
import warnings

import numpy as np
from sklearn.metrics import roc_auc_score

METHODS = ("auto", "mahalanobis", "nearest_neighbours", "isolation_forest", "dp_vae")


def rows(mix, noise, n_normal, n_strange, seed):
    """Return rows, the strange ones last."""
    rng = np.random.default_rng(seed)

    def usual(n):
        return rng.normal(size=(n, len(mix))) @ mix + noise * rng.normal(size=(n, mix.shape[1]))

    others = np.column_stack([rng.permutation(column) for column in usual(4 * n_strange).T])
    strange = usual(n_strange)
    strange[:, :4] = others[:n_strange, :4]
    return np.r_[usual(n_normal), strange]


def main():
    import askew

    for factors, noise in ((4, 0.3), (10, 0.5)):
        for seed in (0, 1):
            mix = np.random.default_rng(seed).normal(size=(factors, 20))
            X, new = rows(mix, noise, 2000, 40, seed + 10), rows(mix, noise, 2000, 100, seed + 20)
            y = np.where((np.arange(len(X)) >= 2000) & (np.arange(len(X)) < 2010), -1, 0)
            found = []
            for name in METHODS:
                if name not in askew.index.tabular():
                    continue
                more = {"n_members": 1} if name == "dp_vae" else {}
                detector, start = askew.index.detector_class(name)(), time.process_time()
                detector.set_params(random_state=seed, **more).fit(X, askew.labels.ours(y))
                spent = time.process_time() - start
                auroc = roc_auc_score(np.arange(len(new)) >= 2000, detector.anomaly_score(new))
                found.append(f"{name} {auroc:.3f} ({spent:.1f} s)")
            print(f"{factors} factors, noise {noise}, seed {seed}: {', '.join(found)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--before", help="source tree of an older askew")
    given = parser.parse_args()
    if given.before:
        subprocess.run([sys.executable, __file__], env=os.environ | {"PYTHONPATH": given.before}, check=True)
        print("now:")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
