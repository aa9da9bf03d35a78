"""How columns are scaled, measured: clean, heavy-tailed and spiked tables, one line of a CSV per fit.

Run: OMP_NUM_THREADS=1 python bench/scaling.py -o scaling.csv [--scalings 'standard;robust'] [--seeds 3] [--tables ...]
A second run goes on where the first stopped; ``--show`` prints the means as a table, which is in docs/tables.md.

Tables: the six of the package by the classic protocol; with ASKEW_DATA those of its adbench_small; and three that are
made here, whose anomalies are shifted in their first column: normal, heavy-tailed (Student's t with 2 degrees of
freedom) and log-normal. At most 1,500 training and 3,000 test rows. Spiked: one cell of an unlabelled training row,
in the column that tells the anomalies apart best, is set to 1e3 or 1e9 of the column's standard deviations.
"""

import argparse
import csv
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

import askew
from askew.base.preparation.column_scaling import ColumnScaling
from askew.datasets.splits import classic_split

FEW = {"n_members": 1, "training__epochs": 30}
DETECTORS = {
    "dp_vae": FEW,
    "deep_sad": FEW,
    "kde": {"max_rows": 1000},
    "kernel_ssad": {"max_rows": 1000},
    "oc_svm": {"gamma": "scale", "nu": 0.1, "max_rows": 1000},
    "logistic_regression": {},
    "isolation_forest": {},
}
SPIKES = (0.0, 1e3, 1e9)
MADE = ("normal", "heavy", "lognormal")
TRAIN, TEST = 1500, 3000


def learned(scaling):
    """Return a function of training rows that returns a function of rows: one of those that were tried."""
    if scaling == "standard":
        return lambda x: lambda z: (z - x.mean(0)) / positive(x.std(0))
    if scaling == "robust":
        return lambda x: ColumnScaling.learn(x, "robust")
    if scaling == "median, log":
        return median_log
    if scaling == "quantiles":
        return quantiles
    if scaling == "standard, log":
        return lambda x: lambda z: squashed((z - x.mean(0)) / positive(x.std(0)), 10.0)
    share, trim, knee = map(float, scaling.removeprefix("trimmed ").split(","))
    return lambda x: trimmed(x, share, trim, knee)


def positive(spread):
    return np.where(spread > 0, spread, 1.0)


def squashed(z, knee):
    return np.where(np.abs(z) <= knee, z, np.sign(z) * (knee + np.log1p(np.maximum(np.abs(z) - knee, 0.0))))


def robust_spread(x, share=0.5):
    """The quantile of distances from the median, in normal standard deviations; where it is 0, of those above 0."""
    middle = np.median(x, axis=0)
    apart = np.abs(x - middle)
    spread = np.quantile(apart, share, axis=0) / norm.ppf(0.5 + share / 2)
    for j in np.flatnonzero(spread == 0):
        other = apart[apart[:, j] > 0, j]
        spread[j] = np.median(other) if len(other) else 1.0
    return middle, spread


def trimmed(x, share, trim, knee):
    """Mean and standard deviation of the cells within `trim` robust spreads; logarithmic beyond `knee`."""
    middle, spread = robust_spread(x, share)
    kept = np.where(np.abs(x - middle) <= trim * spread, x, np.nan)
    mean, std = np.nanmean(kept, axis=0), positive(np.nanstd(kept, axis=0))
    return lambda z: squashed((z - mean) / std, knee)


def median_log(x):
    middle, spread = robust_spread(x)
    return lambda z: squashed((z - middle) / spread, 3.0)


def quantiles(x):
    """Map to the quantiles of a normal distribution, linear beyond the outermost rows."""
    n = len(x)
    columns = []
    for column in x.T:
        values, counts = np.unique(column, return_counts=True)
        ends = np.cumsum(counts)
        levels = norm.ppf(np.clip((ends - counts / 2) / n, 0.5 / n, 1 - 0.5 / n))
        columns.append((values, levels, positive(np.std(column))))

    def mapped(z):
        out = np.empty_like(z)
        for j, (values, levels, std) in enumerate(columns):
            beyond = np.maximum(z[:, j] - values[-1], 0) - np.maximum(values[0] - z[:, j], 0)
            out[:, j] = np.interp(z[:, j], values, levels) + np.sign(beyond) * np.log1p(np.abs(beyond) / std)
        return out

    return mapped


def made(kind, seed):
    rng = np.random.default_rng(seed)

    def rows(n):
        if kind == "heavy":
            return rng.standard_t(2, size=(n, 6))
        x = rng.normal(size=(n, 6))
        return np.exp(1.5 * x) if kind == "lognormal" else x

    shift = {"normal": 4.0, "heavy": 8.0, "lognormal": 30.0}[kind]
    train, test = rows(TRAIN), rows(2000)
    train[:15, 0] += shift
    test[:200, 0] += shift
    y = np.r_[-np.ones(15), np.zeros(TRAIN - 15)]
    return train, y, test, np.arange(len(test)) < 200


def split(table, seed):
    """Return training rows, labels, test rows, which of these are anomalies."""
    if table in MADE:
        return made(table, seed)
    if table in askew.datasets.names():
        source = askew.datasets.load(table)
    else:
        from askew.datasets.tables import Table

        file = np.load(Path(os.environ["ASKEW_DATA"]) / "adbench_small" / f"{table}.npz")
        names = tuple(f"x{j}" for j in range(file["X"].shape[1]))
        source = Table(table, file["X"].astype(float), file["y"].astype(bool), names, "ADBench", "")
    part = classic_split(source, seed=seed)
    rng = np.random.default_rng(seed)
    known, others = (np.flatnonzero(kind) for kind in (part.y_train < 0, part.y_train >= 0))
    rows = np.r_[known[: TRAIN // 10], rng.permutation(others)[:TRAIN]]
    test = rng.permutation(len(part.X_test))[:TEST]
    return part.X_train[rows], part.y_train[rows], part.X_test[test], part.anomaly_test[test]


def spiked(x, y, spike):
    """Return the rows with a cell far outside, in the column whose known anomalies stand out most."""
    if not spike:
        return x
    x, normal = x.copy(), y >= 0
    apart = np.abs(x[~normal].mean(0) - x[normal].mean(0)) / positive(x[normal].std(0))
    column = int(apart.argmax())
    x[np.flatnonzero(normal)[7], column] = (
        x[normal, column].mean() + spike * positive(x[normal].std(0))[column]
    )
    return x


def auroc(detector, scaling, parts, spike):
    x, y, test, anomaly = parts
    x = spiked(x, y, spike)
    scale = learned(scaling)(x[y >= 0])
    model = askew.all_detectors()[detector](random_state=0)
    model.set_params(**DETECTORS[detector] | ({"scale": None} if hasattr(model, "scale") else {}))
    try:
        model.fit(scale(x), y)
        return roc_auc_score(anomaly, -model.score_samples(scale(test)))
    except (askew.errors.AskewError, ValueError):  # a fit that ends in an error finds nothing
        return 0.5


def show(path):
    found = pd.read_csv(path)
    groups = {name: "ODDS" for name in askew.datasets.names()} | {name: name for name in MADE}
    found["tables"] = found.table.map(groups).fillna("ADBench")
    found = found.groupby(["tables", "spike", "scaling", "detector"]).auroc.mean().unstack()
    found["mean"] = found.mean(axis=1)
    with pd.option_context("display.width", 200, "display.max_rows", None):
        print((100 * found).round(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--scalings", default="standard;robust")
    parser.add_argument("--tables", default=",".join((*MADE, *askew.datasets.names())))
    parser.add_argument("--detectors", default=",".join(DETECTORS))
    parser.add_argument("--spikes", default=",".join(map(str, SPIKES)))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    if asked.show:
        show(asked.output)
        return
    warnings.simplefilter("ignore")
    done = set()
    if asked.output.exists():
        done = {tuple(line[:5]) for line in csv.reader(asked.output.open())}
    else:
        asked.output.write_text("table,seed,spike,detector,scaling,auroc\n")
    scalings = asked.scalings.split(";")
    for seed in range(asked.seeds):
        for table in asked.tables.split(","):
            parts = split(table, seed)
            for spike in map(float, asked.spikes.split(",")):
                for detector in asked.detectors.split(","):
                    for scaling in scalings:
                        key = (table, str(seed), str(spike), detector, scaling)
                        if key not in done:
                            value = auroc(detector, scaling, parts, spike)
                            with asked.output.open("a", newline="") as file:
                                csv.writer(file).writerow([*key, round(float(value), 5)])


if __name__ == "__main__":
    main()
