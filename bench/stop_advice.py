"""Whether the advice to stop is good: told every ten answers of the runs of label_loop, against what came next.

    python bench/stop_advice.py results/label-loop

The folder's runs.parquet is read; the tables on which the loop was settled stand apart from the others.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from askew.benchmarks.protocols.label_loop.tables import SETTLED_ON
from askew.review.advice import advise

NEXT = 10


def moments(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row per run and ten answers: what was expected, what came, and whether it was said to stop."""
    rows = []
    for run in runs.itertuples():
        hits = np.diff([0, *run.found]) > 0
        answers = np.where(hits, -1, 1)
        for n in range(NEXT, len(hits) - NEXT + 1, NEXT):
            advice, came = advise(answers[:n]), int(hits[n : n + NEXT].sum())
            rows.append(
                {
                    "tables": "settled on" if run.dataset in SETTLED_ON else "others",
                    "within": advice.low <= came <= advice.high,
                    "expected": advice.expected,
                    "came": came,
                    "stop": advice.stop,
                }
            )
    return pd.DataFrame(rows)


def main(folder: Path) -> None:
    """Print how often the interval held, how far the number was off, and what came after the advice to stop."""
    runs = pd.read_parquet(folder / "runs.parquet")
    told = moments(runs[(runs.method == "anomalous") & (runs.status == "ok")])
    for name, of in [("all", told), *told.groupby("tables")]:
        stopped = of[of.stop]
        print(
            f"{name}: {len(of)} moments; within the interval {of.within.mean():.1%} (90 % is stated); off by "
            f"{(of.expected - of.came).abs().mean():.2f} on average ({(of.expected - of.came).mean():+.2f}); stop said "
            f"{len(stopped)} times, {stopped.came.mean():.2f} anomalies in the next {NEXT} answers then, "
            f"{(of[~of.stop]).came.mean():.2f} otherwise"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
