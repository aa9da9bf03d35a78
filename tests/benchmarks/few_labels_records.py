"""Runs of few_labels made up for tests: means by method and m, with a little noise from the seed."""

import numpy as np
from report_records import record


def mean(method, m, regime):
    """At m = 5 and above logistic_regression passes dp_vae in seen; in unseen it never does."""
    if method == "vae":
        return 0.85
    gain = np.log1p(m)
    if method == "dp_vae":
        return 0.86 + 0.01 * gain
    return 0.60 + (0.17 if regime == "seen" else 0.05) * gain


def runs(
    methods=("logistic_regression", "dp_vae", "vae"), ms=(1, 5), names=("cardio", "thyroid"), n_seeds=10
):
    """Return records of a small grid of the protocol, with the settings of its real runs."""
    rng = np.random.default_rng(0)
    return [
        record(
            dataset,
            method,
            seed,
            float(min(1.0, mean(method, m, regime) + rng.normal(0, 0.003))),
            protocol="few_labels",
            labelled_ratio=0.0,
            regime=regime,
            m=m,
            max_normals=1000,
        )
        for dataset in names
        for regime in ("seen", "unseen")
        for method in methods
        for m in ((0,) if method == "vae" else ms)
        for seed in range(n_seeds)
    ]
