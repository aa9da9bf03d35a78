"""Make a messy table with twelve known frauds, and afterwards count how many of the flagged orders are frauds.

The six numbers x0 to x5 and what is a fraud come from the bundled thyroid table (its 93 anomalies are the frauds).
A country that says a little about fraud, hundreds of shops, a truth value, a date, and gaps are added. The rows are
in the order of their dates: the first 60 % become train.csv (twelve of its frauds are labelled, nobody has looked
at the other rows), the next 20 % recent.csv and the last new.csv, both without labels. truth.csv is for the end.

    python examples/messy_table_data.py FOLDER
    python examples/messy_table_data.py FOLDER --count FOLDER/scores.csv
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from askew import datasets

KNOWN = 12


def make(seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the orders and whether each is a fraud."""
    rng = np.random.default_rng(seed)
    table = datasets.load("thyroid")
    order = rng.permutation(len(table.X))
    X, fraud = table.X[order], table.anomaly[order]
    n = len(X)
    frame = pd.DataFrame(X, columns=list(table.feature_names))
    frame.insert(0, "order", [f"A-{number:05d}" for number in range(n)])
    usual = rng.choice(["NO", "SE", "DK", "FI", "DE"], n, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    suspect = rng.choice(["DE", "LT", "NO"], n, p=[0.4, 0.4, 0.2])
    frame["country"] = np.where(rng.random(n) < np.where(fraud, 0.6, 0.02), suspect, usual)
    # a few shops sell much and hundreds sell little; nothing in a shop says fraud
    frame["shop"] = [f"shop {int(number)}" for number in 10 * rng.pareto(1.0, n)]
    frame["express"] = rng.random(n) < np.where(fraud, 0.5, 0.2)
    minutes = np.sort(rng.integers(0, 180 * 24 * 60, n))
    frame["placed"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, unit="min")
    _make_gaps(frame, rng)
    frame.loc[frame.index[-n // 5 :][::150], "country"] = "IS"  # a country that no earlier order has
    return frame, fraud


def _make_gaps(frame: pd.DataFrame, rng: np.random.Generator) -> None:
    for column, share in {"x1": 0.08, "x4": 0.02, "country": 0.05, "shop": 0.01, "placed": 0.01}.items():
        frame.loc[rng.random(len(frame)) < share, column] = None


def write(folder: Path, seed: int = 0) -> None:
    """Write train.csv, recent.csv, new.csv and truth.csv."""
    frame, fraud = make(seed)
    first, second = int(0.6 * len(frame)), int(0.8 * len(frame))
    train = frame[:first].copy()
    known = np.random.default_rng(seed).choice(np.flatnonzero(fraud[:first]), KNOWN, replace=False)
    train["label"] = ""
    train.loc[known, "label"] = "fraud"
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in {"train": train, "recent": frame[first:second], "new": frame[second:]}.items():
        part.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d %H:%M")
        print(f"{name}.csv: {len(part):,} orders, {len(part.columns)} columns")
    pd.DataFrame({"order": frame["order"], "fraud": fraud}).to_csv(folder / "truth.csv", index=False)


def count(folder: Path, scores: Path) -> str:
    """Return in words how many of the flagged orders are frauds."""
    found = pd.read_csv(scores).merge(pd.read_csv(folder / "truth.csv"), on="order", validate="one_to_one")
    flagged = found["prediction"] == -1
    right, frauds = int((flagged & found["fraud"]).sum()), int(found["fraud"].sum())
    return (
        f"{right} of the {flagged.sum()} flagged orders are frauds; "
        f"{frauds} of all {len(found)} orders are ({frauds / len(found):.1%})."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=Path, metavar="SCORES")
    arguments = parser.parse_args()
    if arguments.count is None:
        write(arguments.folder)
    else:
        print(count(arguments.folder, arguments.count))
