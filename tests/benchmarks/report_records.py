"""Runs made up for the tests of the report."""

import numpy as np

from askew.benchmarks import Run, Store
from askew.benchmarks.runs.store import Record


def record(dataset, method, seed, auroc, params=None, protocol="classic", **changes):
    """Return a run; ``auroc=None`` makes it a failed one."""
    ratios = ("split", "labelled_ratio", "pollution_ratio")
    names = (*ratios, "normal_class", "known_classes", "regime", "m", "max_normals")
    where = {name: changes.pop(name) for name in names if name in changes}
    fine = auroc is not None
    fields = {
        "preset": "paper",
        "status": "ok" if fine else "failed",
        "error": None if fine else "the loss became NaN",
        "auroc": auroc,
        "auprc": auroc and auroc / 2,
        "fpr80": auroc and 1 - auroc,
        "fit_seconds": 2.0 if fine else None,
        "score_seconds": 0.25 if fine else None,
        "group_size": 1,
        "n_train": 100,
        "n_labelled": 3,
        "n_test": 80,
        "warnings": None,
        "versions": {"askew": "0.1.0", "torch": "2.13.0"},
        "started": "2026-11-20T10:00:00+00:00",
    }
    return Record(Run(protocol, dataset, method, params or {}, seed, **where), **(fields | changes))


MEANS = {
    "cardio": {"vae": 0.94, "dp_vae": 0.99, "deep_sad": 0.96, "isolation_forest": 0.93},
    "satellite": {"vae": 0.78, "dp_vae": 0.89, "deep_sad": 0.92, "isolation_forest": 0.80},
    "thyroid": {"vae": 0.985, "dp_vae": 0.997, "deep_sad": 0.99, "isolation_forest": 0.97},
}
SECONDS = {"vae": 5.0, "dp_vae": 10.0, "deep_sad": 3.0, "isolation_forest": 0.4}


def grid(n_seeds=6, means=MEANS, **changes):
    """Return the runs of `means` with a little noise."""
    rng = np.random.default_rng(0)
    found = []
    for dataset, by_method in means.items():
        for method, mean in by_method.items():
            for seed in range(n_seeds):
                auroc = float(np.clip(mean + rng.normal(0, 0.004), 0, 1))
                times = {"fit_seconds": SECONDS.get(method, 1.0)}
                found.append(record(dataset, method, seed, auroc, **(times | changes)))
    return found


def store(folder, records):
    """Write `records` as a results folder and return it."""
    home = Store(folder)
    for one in records:
        home.write(one)
    return folder


def messy():
    """Return runs with everything that is not whole: failures, gaps, variants, text to escape, a second split."""
    whole = grid(means=MEANS | {"arrhythmia": {"vae": 0.78, "dp_vae": 0.8}})
    failed = [record("cardio", "mml_vae", seed, None, error="a <b>bad</b> | loss") for seed in (0, 1, 2, 5)]
    failed += [record("cardio", "mml_vae", 3, 0.9, {"beta_kl": 0.5})]
    failed += [
        record("thyroid", "deep_svdd", seed, None if seed == 4 else 0.7 + 0.01 * seed) for seed in range(5)
    ]
    warned = [record("satellite", "autoencoder", seed, 0.8, warnings="codes < collapsed") for seed in (0, 1)]
    variants = [
        record("cardio", "autoencoder", seed, 0.9 + wide / 1000 + seed / 500, {"n_members": 1, "wide": wide})
        for seed in range(3)
        for wide in (8, 16)
    ]
    leaky = grid(3, split="leaky")
    return whole + failed + warned + variants + leaky
