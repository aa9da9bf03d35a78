"""What is in `auto`, left out piece by piece, on the tables on which it was settled; beside single methods.

Run: ASKEW_DATA=... OMP_NUM_THREADS=1 python bench/development_tables.py run --seeds 0,1,2,3,4,5,6,7,8,9
     python bench/development_tables.py report      # writes the tables of docs/auto-ablation.md

14 tables of ADBench (`$ASKEW_DATA/adbench_small`), the six ODDS tables of the package, and scikit-learn's, as many
as can give the labels; at most 800 normal rows to train on. Seen: test anomalies like the labelled ones. Unseen:
labels of one kind (a cluster of k-means, where a table names none), tests of the others. With even seeds the other
anomalies of the training part hide among the unlabelled rows, with odd ones there are none. One fit per cell: its
parts are put together with each left out, so that what is left out still fed the classifiers.
"""

import argparse
import csv
import gzip
import os
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.stats import wilcoxon
from sklearn import datasets as of_sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

import askew
from askew.detectors.auto import KINDS, LABELS, AutoDetector, _kind
from askew.detectors.auto.candidates import ON_SCORES
from askew.detectors.auto.surprise import Surprise

RESULTS = Path("results/auto-development/cells.csv.gz")
RUNNING = RESULTS.with_suffix("")  # so that a run that was killed goes on
FIELDS = ("table", "regime", "m", "seed", "method", "auroc", "ap", "seconds")
MOST_ROWS, MOST_NORMALS = 3000, 800
WEIGHTS_OF_LABELS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1.0, 2.0)
SHARES = {"1:1:1": 1.0, "2:1:1": 2.0, "4:1:1": 4.0, "alone": 1.0}  # of the isolation forest in u
FULL_CATBOOST = (5, 20)  # labels with which CatBoost has all its defaults besides, with seed 0


def tables():
    """Return (X, kind of each row: 0 normal) by name."""
    found = {}
    for path in sorted(Path(os.environ["ASKEW_DATA"], "adbench_small").glob("*.npz")):
        with np.load(path) as table:
            found["ab_" + path.stem.split("_", 1)[1]] = table["X"].astype(float), (table["y"].ravel() > 0) * 1
    for name in ("arrhythmia", "cardio", "satellite", "satimage-2", "shuttle", "thyroid"):
        table = askew.datasets.load(name)
        found["odds_" + name] = table.X.astype(float), table.anomaly.astype(int)
    cancer, wine, digits = of_sklearn.load_breast_cancer(), of_sklearn.load_wine(), of_sklearn.load_digits()
    found["sk_breast"] = cancer.data, (cancer.target == 0).astype(int)
    found["sk_wine"] = wine.data, np.where(wine.target == 1, 0, wine.target + 1)
    generator = np.random.default_rng(0)
    for name, normal, share in (("even", (0, 2, 4, 6, 8), 0.15), ("8", (8,), 0.2), ("123", (1, 2, 3), 0.1)):
        kind = np.where(np.isin(digits.target, normal), 0, digits.target + 1)
        keep = (kind == 0) | (generator.random(len(kind)) < share)
        found[f"sk_digits_{name}"] = digits.data[keep], kind[keep]
    sick = of_sklearn.load_diabetes()
    found["sk_diabetes"] = sick.data, (sick.target > np.quantile(sick.target, 0.9)).astype(int)
    return found


def kinds(X, y):
    """Return the kinds of rows, those of anomalies made by k-means where there is one."""
    rows = np.flatnonzero(y)
    if y.max() > 1 or len(rows) < 4:
        return y
    means = KMeans(3 if len(rows) >= 15 else 2, n_init=5, random_state=0)
    made = y.copy()
    made[rows] = means.fit_predict(StandardScaler().fit_transform(X[rows])) + 1
    return made


def split(X, y, regime, m, seed):
    """Return X, y to train on, X and truth to test on; None where there are too few anomalies."""
    rng, kind, polluted = np.random.default_rng([seed, 77]), kinds(X, y), seed % 2 == 0
    if len(X) > MOST_ROWS:
        normal, strange = rng.permutation(np.flatnonzero(kind == 0)), rng.permutation(np.flatnonzero(kind))
        share = len(strange) / len(X)
        most = min(max(min(len(strange), 150), int(MOST_ROWS * share)), len(strange))
        keep = np.r_[normal[: MOST_ROWS - most], strange[:most]]
        X, kind = X[keep], kind[keep]
    normal, strange = rng.permutation(np.flatnonzero(kind == 0)), rng.permutation(np.flatnonzero(kind))
    cut = int(0.6 * len(normal))
    train, test = normal[:cut][:MOST_NORMALS], normal[cut:][:MOST_NORMALS]
    if regime == "seen":
        pool = strange[: int(np.ceil(0.6 * len(strange)))]
        own, hidden, found = pool[:m], pool[m:], strange[len(pool) :]
    else:
        sizes = {k: (kind[strange] == k).sum() for k in np.unique(kind[strange])}
        able = [k for k, size in sizes.items() if size >= 5 and len(strange) - size >= 3]
        if not able:
            return None
        chosen = able[rng.integers(len(able))]
        pool, found = strange[kind[strange] == chosen], strange[kind[strange] != chosen]
        own, hidden = pool[:m], pool[m:][: int(0.6 * max(len(pool) - m, 0))]
        if polluted:
            hidden, found = np.r_[hidden, found[: len(found) // 2]], found[len(found) // 2 :]
    if len(own) < m or len(found) < 2:
        return None
    rows = rng.permutation(np.r_[train, hidden[: None if polluted else 0], own])
    truth = np.arange(len(test) + len(found)) >= len(test)
    return X[rows], -np.isin(rows, own).astype(np.int8), X[np.r_[test, found]], truth


def shape(share, weight):
    """Return the name of a way to put u and s together."""
    return f"u {share}, {weight:g} s²"


def variants(auto, x, y):
    """Return the strangeness of rows by `auto` as it is and with pieces left out or changed, by name."""
    x = auto._columns(x)
    parts = {name: auto.bags_[name](x) for name in auto.chosen_ if name not in ON_SCORES}
    of_columns = [part for name, part in parts.items() if _kind(name) == "unlike"]
    scores = np.column_stack([auto.normal_scores_(x), *of_columns])
    parts |= {name: auto.bags_[name](scores) for name in auto.chosen_ if name in ON_SCORES}

    def evidence(kind, without=None, weights=None):
        names = [name for name in parts if _kind(name) == kind and name != without]
        weights = [(weights or auto.chosen_).get(name, 0.0) for name in names]

        def mean(values):
            return np.average([values[name] for name in names], axis=0, weights=weights)

        return Surprise(mean({name: auto.bags_[name].left_out for name in names})[y >= 0])(mean(parts))

    u, s = (evidence(kind) for kind in KINDS)
    found = {"auto": u + LABELS * s**2, "u alone": u, "s alone": s, "not squared: u + s": u + s}
    for name in parts:
        kind = _kind(name)
        rest = evidence(kind, name)
        found[f"without {name}"] = rest + LABELS * s**2 if kind == "unlike" else u + LABELS * rest**2
    for name, count in SHARES.items():
        others = 0.0 if name == "alone" else 1.0
        mixed = evidence("unlike", weights=dict.fromkeys(parts, others) | {"isolation_forest": count})
        found |= {shape(name, weight): mixed + weight * s**2 for weight in WEIGHTS_OF_LABELS}
    strange = np.mean([auto.bags_[name].left_out for name in parts if _kind(name) == "unlike"], axis=0)
    trust = max(2 * (3 * 0.8 + (y < 0).sum() * roc_auc_score(y < 0, strange)) / (3 + (y < 0).sum()) - 1, 0.1)
    return found | {"u weighted by its AUROC on known anomalies": trust * u + LABELS * s**2}


def singles(seed):
    """Return single methods by name."""
    found = {
        name: askew.index.detector_class(name)()
        for name in ("isolation_forest", "nearest_neighbours", "extra_trees")
    }
    found["nearest, known left out"] = askew.NearestNeighbours(use_known=False)
    for detector in found.values():
        detector.set_params(random_state=seed)
    return found


def catboost(x, y, x_test, seed, **settings):
    """Return CatBoost's log-odds, by `settings` or its defaults."""
    from catboost import CatBoostClassifier

    quiet = {"verbose": False, "allow_writing_files": False, "thread_count": 1}
    model = CatBoostClassifier(**settings, **quiet, random_seed=seed).fit(x, y < 0)
    return model.predict(x_test, prediction_type="RawFormulaVal")


def cell(x, y, x_test, seed):
    """Yield (method, strangeness of the test rows, seconds of one core)."""
    labels = askew.labels.ours(y)
    start = time.process_time()
    auto = AutoDetector(random_state=seed).fit(x, labels)
    spent = time.process_time() - start
    for name, strange in variants(auto, x_test, y).items():
        yield name, strange, spent
    for name, detector in singles(seed).items():
        start = time.process_time()
        strange = detector.fit(x, labels).anomaly_score(x_test)
        yield name, strange, time.process_time() - start
    quick = {"iterations": 150 if x.shape[1] < 100 else 60, "border_count": 32}
    ways = {"catboost": quick} | (
        {"catboost, all defaults": {}} if seed == 0 and (y < 0).sum() in FULL_CATBOOST else {}
    )
    for name, settings in ways.items():
        start = time.process_time()
        yield name, catboost(x, y, x_test, seed, **settings), time.process_time() - start


def run(seeds, labels):
    """Add the cells that are not there to the results."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    if RESULTS.exists() and not RUNNING.exists():
        RUNNING.write_bytes(gzip.decompress(RESULTS.read_bytes()))
    done = set()
    if RUNNING.exists():
        with RUNNING.open() as file:
            done = {tuple(row[key] for key in FIELDS[:4]) for row in csv.DictReader(file)}
    every = tables()
    with RUNNING.open("a", newline="") as file:
        writer = csv.writer(file)
        if not done:
            writer.writerow(FIELDS)
        for m, seed, regime in (
            (m, seed, regime) for seed in seeds for m in labels for regime in ("seen", "unseen")
        ):
            for name, table in every.items():
                key = name, regime, str(m), str(seed)
                parts = split(*table, regime, m, seed)
                if key in done or parts is None:
                    continue
                x, y, x_test, truth = parts
                for method, strange, seconds in cell(x, y, x_test, seed):
                    auroc, ap = roc_auc_score(truth, strange), average_precision_score(truth, strange)
                    writer.writerow([*key, method, f"{auroc:.4f}", f"{ap:.4f}", f"{seconds:.2f}"])
                file.flush()
    RESULTS.write_bytes(gzip.compress(RUNNING.read_bytes()))
    RUNNING.unlink()


def means(rows, method, regime, m=None):
    """Return {(table, m): (AUROC, AP)}, means over seeds."""
    cells = {}
    for row in rows:
        if (row["method"], row["regime"]) == (method, regime) and m in (None, int(row["m"])):
            cells.setdefault((row["table"], int(row["m"])), []).append(
                (float(row["auroc"]), float(row["ap"]))
            )
    return {key: np.mean(values, axis=0) for key, values in cells.items()}


def report():
    """Print the tables in Markdown."""
    with gzip.open(RESULTS, "rt") as file:
        rows = list(csv.DictReader(file))
    labels = sorted({int(row["m"]) for row in rows})
    methods = [name for name in dict.fromkeys(row["method"] for row in rows) if not _of_the_grid_alone(name)]
    for regime in ("seen", "unseen"):
        own = means(rows, "auto", regime)
        counts = [len({table for table, k in own if k == m}) for m in labels]
        heads = [f"m = {m} ({n})" for m, n in zip(labels, counts, strict=True)]
        print(f"\n**{regime.capitalize()}**: AUROC / average precision\n")
        print("| | " + " | ".join(heads) + " | all | AUROC: p | AP: p |")
        print("| --- " * (len(labels) + 4) + "|")
        for method in methods:
            found = means(rows, method, regime)
            if not found:
                continue
            by_labels = [[v for (_, k), v in found.items() if k == m] for m in labels]
            shared = sorted(set(own) & set(found))
            tables_of = sorted({table for table, _ in shared})
            by_table = [
                np.mean([own[key] - found[key] for key in shared if key[0] == table], axis=0)
                for table in tables_of
            ]
            differs = np.abs(by_table).max() > 0
            p = [f"{wilcoxon(np.array(by_table)[:, i]).pvalue:.3f}" if differs else "" for i in (0, 1)]
            words = [
                "{:.3f} / {:.3f}".format(*np.mean(values, axis=0)) if values else ""
                for values in [*by_labels, list(found.values()) if all(by_labels) else []]
            ]
            print(f"| {method} | " + " | ".join([*words, *p]) + " |")


def _of_the_grid_alone(name):
    """Return whether a shape is one of the many that only :func:`choose` and :func:`frontier` look at."""
    told = [shape("4:1:1", weight) for weight in (0.2, 0.3, 0.5, 0.7, 1.0, 2.0)]
    told += [shape(share, LABELS) for share in ("1:1:1", "2:1:1", "alone")]
    return name in {shape(share, weight) for share in SHARES for weight in WEIGHTS_OF_LABELS} - set(told)


def frontier():
    """Draw seen against unseen for every weight of the labels, beside the single methods, into the docs."""
    import matplotlib.pyplot as plt

    with gzip.open(RESULTS, "rt") as file:
        rows = list(csv.DictReader(file))
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
    singles = {
        "isolation_forest": "isolation forest",
        "nearest_neighbours": "nearest neighbours",
        "extra_trees": "extra trees",
        "catboost": "CatBoost",
    }
    for i, (axis, title) in enumerate(zip(axes, ("AUROC", "average precision"), strict=True)):

        def place(name, i=i):
            values = (means(rows, name, regime) for regime in ("unseen", "seen"))
            return [np.mean(list(of.values()), axis=0)[i] for of in values]

        for share, colour in (("4:1:1", "#1f6f8b"), ("1:1:1", "#b0b7bf")):
            path = np.array([place(shape(share, weight)) for weight in WEIGHTS_OF_LABELS])
            word = "auto, by the weight of s²" if share == "4:1:1" else "all of u count alike"
            axis.plot(*path.T, "o-", color=colour, markersize=3, label=word)
            for weight, point in zip(WEIGHTS_OF_LABELS, path, strict=True):
                if share == "4:1:1" and weight in (0.0, 0.2, 0.5, 1.0, 2.0):
                    axis.annotate(f"{weight:g}", point, xytext=(4, 4), textcoords="offset points", fontsize=8)
        axis.plot(*place("auto"), "*", color="#c44536", markersize=14, label="auto")
        for name, word in singles.items():
            point = place(name)
            axis.plot(*point, "s", color="#333333", markersize=5)
            below = -10 if name == "catboost" else -3
            axis.annotate(word, point, xytext=(6, below), textcoords="offset points", fontsize=9)
        axis.set(xlabel=f"unseen: {title}", ylabel=f"seen: {title}", title=title)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(0.15)
    axes[0].legend(frameon=False, loc="lower left", fontsize=9)
    figure.savefig("docs/images/auto-frontier.png", dpi=110)


def choose(seeds):
    """Print which shape cross-validation over tables takes, and what it is worth on the tables left out."""
    with gzip.open(RESULTS, "rt") as file:
        rows = [row for row in csv.DictReader(file) if int(row["seed"]) in seeds]
    shapes = [shape(share, weight) for share in SHARES for weight in WEIGHTS_OF_LABELS]
    beside = ["isolation_forest", "catboost", "auto"]
    found = {
        name: {regime: means(rows, name, regime) for regime in ("seen", "unseen")}
        for name in [*shapes, *beside]
    }

    def worth(name, regime, chosen):
        return np.mean(
            [value for (table, _), value in found[name][regime].items() if table in chosen], axis=0
        )

    def total(name, chosen):
        return sum(worth(name, regime, chosen).sum() for regime in ("seen", "unseen"))

    every, rng = sorted({row["table"] for row in rows}), np.random.default_rng(0)
    taken, left_out = Counter(), []
    for _ in range(20):
        for part in np.array_split(rng.permutation(every), 5):
            rest = set(every) - set(part)
            best = max(shapes, key=lambda name: total(name, rest))
            taken[best] += 1
            for name in [best, *beside]:
                kind = "chosen" if name == best else name
                for regime in ("seen", "unseen"):
                    left_out += [
                        (kind, regime, value)
                        for (table, _), value in found[name][regime].items()
                        if table in part
                    ]
    print("AUROC / average precision of tables left out, 20 times 5 folds of tables:")
    for kind in ("chosen", *beside):
        values = [
            np.mean([v for k, r, v in left_out if (k, r) == (kind, regime)], axis=0)
            for regime in ("seen", "unseen")
        ]
        print(
            f"{kind}: seen {values[0][0]:.3f} / {values[0][1]:.3f}, unseen {values[1][0]:.3f} / {values[1][1]:.3f}"
        )
    print("chosen:", ", ".join(f"{name} ({count} of 100)" for name, count in taken.most_common(6)))
    for name in sorted(shapes, key=lambda name: -total(name, set(every)))[:8]:
        print(f"on all tables: {name} {total(name, set(every)):.4f}")


def numbers(text):
    """Return comma-separated whole numbers."""
    return [int(each) for each in text.split(",")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("run", "report", "choose", "frontier"))
    parser.add_argument("--seeds", type=numbers, default=[0, 1])
    parser.add_argument("--labels", type=numbers, default=[1, 2, 5, 10, 20])
    given = parser.parse_args()
    if given.what == "report":
        report()
    elif given.what == "choose":
        choose(given.seeds)
    elif given.what == "frontier":
        frontier()
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run(given.seeds, given.labels)
