"""What a detector can reach on the two tables where the published numbers are out of reach, and why.

Run ``python bench/ceilings.py`` (a few minutes on one core). For arrhythmia and satellite, ten seeds, it prints the
AUROC of detectors that no tuning of ours touches, on the ``clean`` split (test rows are new) and on the ``leaky``
one (the reference loader's: about 60 % of the normal test rows were also trained on):

- the distance to the nearest and to the fifth nearest normal training row. On the leaky split the first one
  is a detector that *knows by heart* the rows it was trained on, and no more;
- OC-SVM and its papers' grid of kernel widths, the width chosen on a tenth of the test rows as they do;
- a random forest and extra trees on the labels that semi-supervised methods get (1 % of the rows);
- a random forest on **all** labels of the training part, what no semi-supervised method has.
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, IsolationForest, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

from askew import datasets

GAMMAS = 2.0 ** np.arange(-7, 3)
NU = 0.1


def neighbours(x: np.ndarray, test: np.ndarray) -> dict[str, np.ndarray]:
    distance, _ = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(x).kneighbors(test)
    return {"nearest normal row": distance[:, 0], "fifth nearest normal row": distance[:, 4]}


def one_class_svm(x: np.ndarray, test: np.ndarray, anomaly: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return the scores at the width that is best on a tenth of the test rows: the papers' protocol."""
    tenth = np.random.default_rng(seed).choice(len(test), max(len(test) // 10, 10), replace=False)
    if len(set(anomaly[tenth])) < 2:
        tenth = np.arange(len(test))
    scores = [-OneClassSVM(gamma=gamma, nu=NU).fit(x).decision_function(test) for gamma in GAMMAS]
    best = max(scores, key=lambda score: roc_auc_score(anomaly[tenth], score[tenth]))
    return {"OC-SVM tuned on test rows": best}


def forests(x: np.ndarray, y: np.ndarray, test: np.ndarray, words: str, seed: int) -> dict[str, np.ndarray]:
    found = {}
    for name, kind in (("random forest", RandomForestClassifier), ("extra trees", ExtraTreesClassifier)):
        model = kind(n_estimators=300, class_weight="balanced", random_state=seed).fit(x, y)
        found[f"{name}, {words}"] = model.predict_proba(test)[:, 1]
    return found


def one_split(table: datasets.Table, seed: int, mode: str) -> dict[str, float]:
    split = datasets.splits.classic_split(table, seed, mode=mode)
    scaler = StandardScaler().fit(split.X_train)
    x, test = scaler.transform(split.X_train), scaler.transform(split.X_test)
    normal, anomaly = x[split.y_train == 0], split.anomaly_test
    scores = neighbours(normal, test) | one_class_svm(normal, test, anomaly, seed)
    forest = IsolationForest(n_estimators=100, random_state=seed).fit(normal)
    scores["isolation forest"] = -forest.score_samples(test)
    scores |= forests(x, split.y_train < 0, test, "1 % labelled", seed)
    if mode == "clean":
        rest = np.setdiff1d(np.arange(len(table.X)), split.test_rows)
        scores |= forests(scaler.transform(table.X[rest]), table.anomaly[rest], test, "all labels", seed)
    return {name: 100 * roc_auc_score(anomaly, score) for name, score in scores.items()}


def main(names: list[str], n_seeds: int = 10) -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)
    print("| table | detector | clean | leaky |\n| --- | --- | --- | --- |")
    for name in names:
        cells: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for mode in ("clean", "leaky"):
            for seed in range(n_seeds):
                for detector, value in one_split(datasets.load(name), seed, mode).items():
                    cells[detector][mode].append(value)
        for detector, by_mode in cells.items():
            texts = [
                f"{np.mean(by_mode[mode]):.1f} ± {np.std(by_mode[mode], ddof=1):.1f}"
                if mode in by_mode
                else "–"
                for mode in ("clean", "leaky")
            ]
            print(f"| {name} | {detector} | {' | '.join(texts)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["arrhythmia", "satellite"])
