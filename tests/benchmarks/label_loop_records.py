"""Made-up finished runs of label_loop."""

import numpy as np

from askew.benchmarks.protocols.label_loop import protocol
from askew.benchmarks.protocols.label_loop.record import LoopRecord, LoopStore

SPEED = {"anomalous": 0.9, "aad_forest": 0.8, "static": 0.5}
"""Anomalies per answer."""


def runs(datasets=("cardio", "glass"), methods=tuple(SPEED), n_seeds=3, **changes):
    """Return a record for each run of a plan: `SPEED` anomalies per answer, a few more or less by seed."""
    chosen = protocol.plan("paper", datasets=datasets, methods=methods, seeds=range(n_seeds))
    return [LoopRecord.of(run, "paper", **_outcome(run) | changes) for run in chosen.runs]


def _outcome(run):
    rng = np.random.default_rng(run.seed)
    found = np.minimum(rng.random(100) < SPEED[run.method], 1).cumsum()
    return {
        "status": "ok",
        "found": np.minimum(found, 60).tolist(),
        "n_rows": 500,
        "n_anomalies": 60,
        "n_fits": 10,
        "seconds": 2.0,
    }


def store(folder, records):
    kept = LoopStore(folder)
    for record in records:
        kept.write(record)
    return folder
