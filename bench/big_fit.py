"""`askew fit` on a parquet file larger than memory: peak memory, time, and what the model loses by it.

Run: python bench/big_fit.py [--rows 50000000] [--columns 20] [--detector auto] [--folder big_fit] [--keep]
The file is written in batches: ordinary rows, one anomaly in a thousand, some 500 of these labelled. `askew fit`
runs as a child process, whose peak memory the system reports. A second model learns from all rows of a smaller
table of the same kind with as many labels, in memory; both score the same 100,000 new rows.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from big_table import BATCH, measured, names, stated

SMALLER, NEW, KNOWN = 500_000, 100_000, 500


def rows_of(rng, n_rows, columns):
    """Correlated columns of several scales; one row in a thousand is not far off, but in no usual direction."""
    x = rng.normal(size=(n_rows, columns)).astype(np.float32)
    anomalous = rng.random(n_rows) < 0.001
    shared = np.where(anomalous[:, None], x[:, [1]], x[:, [0]])
    x[:, 2:] = 0.8 * shared + 0.6 * x[:, 2:]
    x[anomalous] *= 1.5
    x *= np.logspace(-2, 3, columns, dtype=np.float32)
    return x, anomalous


def write_table(path, n_rows, columns, seed, labels=True):
    """Write rows with labels -1 and 0, or, of a table to judge, with the truth."""
    rng = np.random.default_rng(seed)
    schema = pa.schema([*((name, pa.float32()) for name in names(columns)), ("label", pa.int8())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n_rows, BATCH):
            x, anomalous = rows_of(rng, min(BATCH, n_rows - start), columns)
            known = anomalous & (rng.random(len(x)) < KNOWN / n_rows / 0.001) if labels else anomalous
            arrays = [*(pa.array(x[:, j]) for j in range(columns)), pa.array(-known.astype(np.int8))]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def auroc(model, new, scores):
    """Return the AUROC of a model file on the new rows."""
    from sklearn.metrics import roc_auc_score

    measured([sys.executable, "-m", "askew.cli", "score", str(model), str(new), "-o", str(scores)], 1)
    truth = pq.read_table(new, columns=["label"])["label"].to_numpy() == -1
    return roc_auc_score(truth, pq.read_table(scores)["anomaly_score"].to_numpy())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--detector", default="auto")
    parser.add_argument("--folder", type=Path, default=Path("big_fit"))
    parser.add_argument("--keep", action="store_true", help="leave the files")
    arguments = parser.parse_args()
    folder, n_rows = arguments.folder, arguments.rows
    folder.mkdir(parents=True, exist_ok=True)
    big, small, new = (folder / f"{name}.parquet" for name in ("big", "small", "new"))
    for path, rows, seed in ((big, n_rows, 0), (small, SMALLER, 1), (new, NEW, 2)):
        if not path.exists() or pq.ParquetFile(path).metadata.num_rows != rows:
            write_table(path, rows, arguments.columns, seed, labels=path != new)
    print(
        f"{n_rows:,} rows x {arguments.columns} columns, {big.stat().st_size / 2**20:,.0f} MiB of parquet; ",
        end="",
    )
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    for table, rows, options in ((big, n_rows, []), (small, SMALLER, ["--sample", str(SMALLER)])):
        model = table.with_suffix(".askew")
        command = [sys.executable, "-m", "askew.cli", "fit", str(table), "--label-column", "label"]
        command += ["--detector", arguments.detector, "-o", str(model), *options]
        stated(f"askew fit, {rows:,} rows", rows, *measured(command, 1))
        print(f"AUROC on {NEW:,} new rows: {auroc(model, new, folder / 'scores.parquet'):.4f}", flush=True)
    if not arguments.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
