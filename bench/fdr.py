"""What thresholds promise and what happens: 1,000 repetitions with a fresh model, held-out rows and new rows each.

Run: python bench/fdr.py [--repetitions 1000] [--labelled 1.0]

Rows of ten columns, one in twenty an anomaly. In each repetition an isolation forest of 50 trees is fitted on 500
rows, thresholds on 1,000 others, and 1,000 new rows are judged. `--labelled` is the share of the anomalies in the
first two that are labelled; the rest hide among the unlabelled rows. True recall and costs come from 3,000 further
rows. Each line is the mean over repetitions with its standard error.
"""

import argparse
import time
import warnings

import numpy as np

import askew
from askew import calibration

RATE, N_TRAIN, N_HELD_OUT, N_NEW = 0.05, 500, 1000, 1000
FDR, SHARE, ALERTS, MISS = 0.1, 0.05, 20, 50
COLUMNS, TREES = 10, 50


def rows(anomaly, rng, mix):
    """Normal rows are correlated; anomalies are wider and shifted."""
    n = len(anomaly)
    X = rng.normal(size=(n, 4)) @ mix + 0.5 * rng.normal(size=(n, COLUMNS))
    X[anomaly] += 3.0 + 2.0 * rng.normal(size=(int(anomaly.sum()), COLUMNS))
    return X


def stream(n, rng):
    return rng.random(n) < RATE


def repetition(seed, labelled):
    """Return {measure: value} of one repetition."""
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(4, COLUMNS))
    parts = [stream(n, rng) for n in (N_TRAIN, N_HELD_OUT)]
    known = [np.where(part & (rng.random(len(part)) < labelled), -1, 0) for part in parts]
    model = askew.IsolationForest(n_estimators=TREES, random_state=seed)
    model.fit(rows(parts[0], rng, mix), known[0])
    anomaly = stream(N_NEW, rng)
    reference = np.arange(3000) >= 2000
    # one call, as each has its price
    scores = model.score_samples(
        np.concatenate([rows(part, rng, mix) for part in (parts[1], anomaly, reference)])
    )
    held_out, new, normals, anomalies = np.split(scores, np.cumsum([N_HELD_OUT, N_NEW, 2000]))

    def fitted(rule):
        return calibration.from_rule(rule, model).fit_scores(held_out, known[1])

    found = {}
    for rule in (f"fdr:{FDR}", f"fdr:{FDR},method=by"):
        flagged = fitted(rule).judge(new).prediction < 0
        found[f"{rule}: false share of the flagged"] = (flagged & ~anomaly).sum() / max(flagged.sum(), 1)
        found[f"{rule}: power"] = (flagged & anomaly).sum() / max(anomaly.sum(), 1)
    quantile, cost = fitted(f"quantile:{SHARE}"), fitted(f"cost:{MISS}")
    found["quantile: share of normal rows flagged"] = np.mean(normals < quantile.offset_)
    for suffix in ("", ",confidence=none"):
        alerts = int((new < fitted(f"budget:{ALERTS}/{N_NEW}{suffix}").offset_).sum())
        found[f"budget{suffix}: alerts"] = alerts
        found[f"budget{suffix}: days within budget"] = alerts <= ALERTS
    for name, each in (("quantile", quantile), ("cost", cost)):
        recall, false = np.mean(anomalies < each.offset_), np.mean(normals < each.offset_)
        alerts = RATE * recall + (1 - RATE) * false
        said = each.expected_
        found[f"{name}: recall, said"], found[f"{name}: recall, true"] = said.recall.value, recall
        found[f"{name}: recall in its interval"] = said.recall.low <= recall <= said.recall.high
        found[f"{name}: alerts in their interval"] = said.alerts.low <= 1000 * alerts <= said.alerts.high
        if said.precision is not None:
            precision = RATE * recall / alerts
            found[f"{name}: precision, said"], found[f"{name}: precision, true"] = (
                said.precision.value,
                precision,
            )
            found[f"{name}: precision in its interval"] = (
                said.precision.low <= precision <= said.precision.high
            )
    rate = known[1].mean() * -1
    true = 1000 * (
        rate * MISS * np.mean(anomalies >= cost.offset_) + (1 - rate) * np.mean(normals < cost.offset_)
    )
    found["cost: per 1,000 rows, said"], found["cost: per 1,000 rows, true"] = cost.expected_.cost, true
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--labelled", type=float, default=1.0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    runs = [repetition(seed, arguments.labelled) for seed in range(arguments.repetitions)]
    print(
        f"{len(runs):,} repetitions, {arguments.labelled:.0%} of the anomalies labelled "
        f"({time.perf_counter() - start:.0f} s)"
    )
    for name in runs[0]:
        values = np.array([run[name] for run in runs if name in run], dtype=float)
        error = values.std(ddof=1) / np.sqrt(len(values))
        print(f"  {name:45s} {values.mean():9.4f} ± {error:.4f}")


if __name__ == "__main__":
    main()
