"""What an ensemble costs: fitting five members against one, and ten seeds of five against fifty fits.

Run on one core: OMP_NUM_THREADS=1 taskset -c 0 python bench/members.py [--epochs 30] [--repeats 3]
Prints the time of each and the ratio of medians; every pair is measured in turn in one process, so that a
drift of the machine's speed hits both.
"""

import argparse
import time
import warnings
from statistics import median

import numpy as np

import askew
from askew.base import fit_together
from askew.datasets.splits import classic_split

LOW_DIMENSIONAL = ("cardio", "satellite", "satimage-2", "shuttle", "thyroid")


def seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def detector(method, members, seed, epochs):
    cls = askew.all_detectors()[method]
    return cls(n_members=members, random_state=seed).set_params(training__epochs=epochs)


def five_against_one(method, name, epochs, repeats):
    split = classic_split(askew.datasets.load(name), seed=0)
    times = {1: [], 5: []}
    for repeat in range(repeats):
        for members in (1, 5):
            model = detector(method, members, repeat, epochs)
            times[members].append(seconds(lambda m=model: m.fit(split.X_train, split.y_train)))
    one, five = median(times[1]), median(times[5])
    print(f"{method} {name:11s} K=1 {one:6.2f} s   K=5 {five:6.2f} s   ratio {five / one:.2f}", flush=True)


def fifty(method, name, epochs):
    splits = [classic_split(askew.datasets.load(name), seed=seed) for seed in range(10)]
    data = [(split.X_train, split.y_train) for split in splits]
    together = seconds(lambda: fit_together([detector(method, 5, seed, epochs) for seed in range(10)], data))
    separate = 0.0
    for seed, (X, y) in enumerate(data):
        for member in range(5):
            model = detector(method, 1, 10 * seed + member, epochs)
            separate += seconds(lambda m=model, X=X, y=y: m.fit(X, y))
    print(
        f"{method} {name}: 10 seeds x 5 members {together:.2f} s, fifty fits {separate:.2f} s, "
        f"1/{separate / together:.1f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--method", default="dp_vae")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    detector(arguments.method, 2, 0, 2).fit(rng.normal(size=(300, 5)))  # imports and first-use costs
    for name in (*LOW_DIMENSIONAL, "arrhythmia"):
        epochs = 3 if name == "shuttle" else arguments.epochs
        five_against_one(arguments.method, name, epochs, arguments.repeats)
    fifty(arguments.method, "cardio", arguments.epochs)


if __name__ == "__main__":
    main()
