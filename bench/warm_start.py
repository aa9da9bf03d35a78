"""What a refit with `warm_start` costs and is worth beside a full one: deep detectors on the bundled tables.

Run: python bench/warm_start.py [--methods dp_vae,deep_sad] [--tables thyroid] [--seeds 3] [--rows 2000] -o FILE.jsonl

Of each table 60 % are to learn from. A model is fitted with five known anomalies; then the 35 rows that it finds most
anomalous get their true labels, as a reviewer would give them, and the model is refitted in three ways: fully, from the
fitted weights with a tenth of the epochs (`warm_start`), and not at all. Printed are the AUROC on the other 40 %, and
the seconds of both refits as the process spent them on the processor. A file that is there is gone on with.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

import askew
from askew import datasets
from askew.allocator import keep_freed_memory
from askew.fitting import refit

METHODS = "dp_vae,mml_dp_vae,vae,autoencoder,deep_sad,deep_svdd,supervised,ss_dgm,dagmm,ama"
KNOWN, ASKED = 5, 35


def parts(table, seed, most):
    """Return training rows, their true labels and the few that are known; test rows and whether each is anomalous."""
    X, anomaly = table.X, table.anomaly
    chosen = np.random.default_rng(seed).permutation(len(X))[:most]
    X, anomaly = X[chosen], anomaly[chosen]
    X, X_test, anomaly, anomaly_test = train_test_split(
        X, anomaly, test_size=0.4, stratify=anomaly, random_state=seed
    )
    true = np.where(anomaly, -1, 1)
    few = np.zeros(len(X), dtype=int)
    few[np.random.default_rng(seed).permutation(np.flatnonzero(anomaly))[:KNOWN]] = -1
    return X, true, few, X_test, anomaly_test


def timed(make):
    start = time.process_time()
    made = make()
    return made, time.process_time() - start


def one(method, name, seed, most):
    """Return what one run found, JSON-able."""
    X, true, few, X_test, anomaly_test = parts(datasets.load(name), seed, most)

    def auroc(model):
        return float(roc_auc_score(anomaly_test, model.anomaly_score(X_test)))

    before, seconds = timed(lambda: askew.all_detectors()[method](random_state=seed).fit(X, few))
    scores = np.where(few == 0, before.score_samples(X), np.inf)
    asked = np.argsort(scores, kind="stable")[:ASKED]
    y = few.copy()
    y[asked] = true[asked]
    full, full_seconds = timed(lambda: refit(before, X, askew.labels.ours(y)))
    warm, warm_seconds = timed(lambda: refit(before, X, askew.labels.ours(y), warm_start=True))
    return {
        "method": method,
        "table": name,
        "seed": seed,
        "anomalies": int((true < 0).sum()),
        "found": int((true[asked] < 0).sum()),
        "before": auroc(before),
        "full": auroc(full),
        "warm": auroc(warm),
        "fit_seconds": seconds,
        "full_seconds": full_seconds,
        "warm_seconds": warm_seconds,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--methods", default=METHODS)
    parser.add_argument("--tables", default=",".join(datasets.names()))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=2000, help="of a table, drawn by the seed, at most")
    parser.add_argument("-o", "--output", type=Path, default=Path("warm_start.jsonl"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    keep_freed_memory()
    lines = arguments.output.read_text().splitlines() if arguments.output.exists() else []
    found = [json.loads(line) for line in lines]
    done = {(each["method"], each["table"], each["seed"]) for each in found}
    for seed in range(arguments.seeds):
        for name in arguments.tables.split(","):
            for method in arguments.methods.split(","):
                if (method, name, seed) in done:
                    continue
                found.append(one(method, name, seed, arguments.rows))
                with arguments.output.open("a") as file:
                    file.write(json.dumps(found[-1]) + "\n")
    print(
        "method        runs  AUROC: before   full   warm   warm - full (lowest)   seconds: full   warm   ratio"
    )
    for method in arguments.methods.split(","):
        runs = [each for each in found if each["method"] == method]
        column = {
            key: np.array([each[key] for each in runs]) for key in runs[0] if key not in ("method", "table")
        }
        apart = column["warm"] - column["full"]
        print(
            f"{method:12s} {len(runs):5d} {column['before'].mean():14.3f} {column['full'].mean():6.3f} "
            f"{column['warm'].mean():6.3f} {apart.mean():+13.3f} ({apart.min():+.3f}) "
            f"{column['full_seconds'].mean():14.2f} {column['warm_seconds'].mean():6.2f} "
            f"{column['warm_seconds'].sum() / column['full_seconds'].sum():7.2f}"
        )


if __name__ == "__main__":
    main()
