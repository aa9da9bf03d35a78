"""How often `askew drift` is wrong where nothing drifts, and what it finds where something does.

Run: python bench/drift.py [--repeats 200] [--store drift.jsonl] [--models isolation_forest,auto] [--tables ...]

In each repetition the rows of a bundled table are dealt anew: a model learns from one part, with its summary of
columns, and the other part is new. So nothing drifts but by what is then done to the new rows. Two columns become
words, of which one has many rare ones, and a third gets gaps in 3 % of the rows, so that all kinds of columns take
part. `isolation_forest` has a threshold on a third of its rows, whose scores are compared with; `auto` uses the scores
that it gave to training rows by models that had not seen them. Without drift, what counts is not restricted
(`smallest` 0), and false alarms are told at three levels; with drift the defaults hold. One repetition in five is done
with drift, too. Repetitions that the store has are not done again. Figures have Clopper and Pearson's intervals of
95 %.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import askew
from askew import datasets
from askew.calibration import Quantile
from askew.drift import Criteria, keep_columns
from askew.drift.findings import judge
from askew.drift.reference import reference_of
from askew.drift.tally import Tally

LEVELS = (0.01, 0.05, 0.1)
SIZES = (100, 1000)
MOST = 1000  # rows to learn from
EVERY = 5  # repetitions of which one is done with drift, too
TABLES = ("arrhythmia", "cardio", "satellite", "satimage-2", "shuttle", "thyroid")


def mixed(table, rng):
    """Return the rows of a table in a new order, with words and gaps."""
    order = rng.permutation(len(table.X))[: MOST + max(SIZES)]
    frame = pd.DataFrame(table.X[order], columns=table.feature_names)
    varied = [name for name in frame if frame[name].nunique() > 5]
    few, many, gaps = rng.choice(varied, 3, replace=False)
    frame[few] = [f"level {v}" for v in frame[few].rank(pct=True).mul(4).round().astype(int)]
    frame[many] = [f"word {v}" for v in (frame[many].rank(pct=True) ** -0.8 * 20).round().astype(int)]
    frame[gaps] = frame[gaps].where(rng.random(len(frame)) >= 0.03)
    return frame, {"few": few, "many": many, "gaps": gaps}


def fitted(name, rows, seed):
    """Return a model with held-out scores."""
    if name == "auto":
        model = askew.AutoDetector(random_state=seed).fit(rows)
    else:
        cut = 2 * len(rows) // 3
        detector = askew.IsolationForest(n_estimators=50, random_state=seed).fit(rows[:cut])
        model = Quantile(detector).fit(rows[cut:])
    keep_columns(model, rows)
    return model


def shifts(names, rng):
    """Return by name what is done to new rows, in a copy."""

    def moved(by, share=1.0):
        def change(rows):
            numbers = [name for name in rows if rows[name].dtype.kind == "f" and name != names["gaps"]]
            for name in rng.choice(numbers, max(round(share * len(numbers)), 1), replace=False):
                rows[name] += by * rows[name].std()

        return change

    def gaps(rows):
        rows[names["gaps"]] = rows[names["gaps"]].where(rng.random(len(rows)) >= 0.15)

    def words(rows):
        rows[names["few"]] = np.where(rng.random(len(rows)) < 0.1, "never seen", rows[names["few"]])

    def rare(rows):
        some = rng.random(len(rows)) < 0.3
        rows[names["many"]] = np.where(some, "new " + rows[names["many"]], rows[names["many"]])

    def anomalies(rows):
        far = rng.random(len(rows)) < 0.1
        for name in rows:
            if rows[name].dtype.kind == "f":
                rows.loc[far, name] += rows[name].std() * rng.normal(0, 3, far.sum())

    return {
        "none": lambda rows: None,
        "one column by 0.3 sd": moved(0.3, 0.0),
        "one column by 1 sd": moved(1.0, 0.0),
        "all columns by 0.2 sd": moved(0.2),
        "15 % more gaps in a column": gaps,
        "10 % a new word": words,
        "30 % new words among rare ones": rare,
        "10 % far rows": anomalies,
    }


def repetition(table, model_name, repeat):
    """Return a record per shift and number of new rows."""
    rng = np.random.default_rng([repeat, TABLES.index(table.name)])
    frame, names = mixed(table, rng)
    half = min(len(frame) // 2, MOST)
    model = fitted(model_name, frame[:half], repeat)
    reference, records = reference_of(model), []
    for size in (size for size in SIZES if size <= len(frame) - half or size == SIZES[0]):
        for name, change in shifts(names, rng).items():
            if name != "none" and repeat % EVERY:
                continue
            new = frame[half : half + size].reset_index(drop=True)
            change(new)
            tally = Tally(reference)
            tally.add(model, new)
            record = {"table": table.name, "model": model_name, "repeat": repeat, "size": size, "shift": name}
            for level in LEVELS:
                found = judge(reference, tally, Criteria(level, 0.0))
                record[f"any {level}"] = found.verdict == "drift"
                record[f"scores {level}"] = found.scores.drift
                record[f"columns {level}"] = any(each.drift for each in found.columns)
            record["default"] = judge(reference, tally, Criteria()).verdict
            records.append(record)
    return records


def interval(found, n):
    """Return a share with its interval, as text."""
    low = stats.beta.ppf(0.025, found, n - found + 1) if found else 0.0
    high = stats.beta.ppf(0.975, found + 1, n - found) if found < n else 1.0
    return f"{found / n:.3f} ({low:.3f} to {high:.3f})"


def report(runs):
    """Print false alarms by level, and what is found."""
    still = runs[runs["shift"] == "none"]
    for model, mine in still.groupby("model"):
        for size, part in mine.groupby("size"):
            print(
                f"\nno drift, {model}, {size} new rows, {len(part)} repetitions: files said to have drifted"
            )
            for level in LEVELS:
                told = [
                    f"{key} {interval(int(part[f'{key} {level}'].sum()), len(part))}"
                    for key in ("any", "scores", "columns")
                ]
                print(f"  level {level}: {'; '.join(told)}")
            print(f"  with the defaults: {interval(int((part['default'] == 'drift').sum()), len(part))}")
    print("\nby table, level 0.05, any:")
    print(
        still.pivot_table(index="table", columns=["model", "size"], values="any 0.05", aggfunc="mean")
        .round(3)
        .to_string()
    )
    print("\nshare of files found with the defaults:")
    moved = runs[runs["shift"] != "none"].assign(found=runs["default"] == "drift")
    print(
        moved.pivot_table(
            index="shift", columns=["model", "size"], values="found", aggfunc="mean", sort=False
        )
        .round(2)
        .to_string()
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--models", default="isolation_forest,auto")
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--store", type=Path, default=Path("drift.jsonl"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    records = [json.loads(line) for line in arguments.store.open()] if arguments.store.exists() else []
    done = {(each["table"], each["model"], each["repeat"]) for each in records}
    start = time.perf_counter()
    models, tables = (
        arguments.models.split(","),
        [datasets.load(name) for name in arguments.tables.split(",")],
    )
    with arguments.store.open("a") as store:
        for repeat in range(arguments.repeats):
            for table in tables:
                for model in models:
                    if (table.name, model, repeat) not in done:
                        new = repetition(table, model, repeat)
                        store.writelines(
                            json.dumps(each) + "\n" for each in json.loads(json.dumps(new, default=bool))
                        )
                        store.flush()
                        records += new
    print(f"{time.perf_counter() - start:.0f} s")
    report(pd.DataFrame(records))


if __name__ == "__main__":
    main()
