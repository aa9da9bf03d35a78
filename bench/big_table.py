"""A parquet file larger than one wants in memory: `askew score` beside scikit-learn's isolation forest on it.

Run: python bench/big_table.py [--rows 10000000] [--columns 20] [--folder big] [--keep]
The file is written in batches. `askew score` runs as a child process, whose peak memory the system reports
(a DP-VAE ensemble of five; interpreter, PyTorch and file reading included). The isolation forest (100 trees)
scores the same batches, one after the other, with `score_samples`; its trees are fitted on the same rows.
Both wall-clock and processor time are stated: on a machine that does other work they differ.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BATCH = 1 << 16  # rows, as `askew score` reads them
TRAINING_ROWS = 5_000


def names(columns):
    return [f"x{place}" for place in range(columns)]


def rows_of(rng, n_rows, columns):
    """Correlated columns, one row in a thousand far off."""
    x = rng.normal(size=(n_rows, columns)).astype(np.float32)
    x[:, 1:] += 0.5 * x[:, :1]
    x[rng.random(n_rows) < 0.001] *= 4
    return x


def write_table(path, n_rows, columns):
    rng = np.random.default_rng(0)
    schema = pa.schema([(name, pa.float32()) for name in names(columns)])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n_rows, BATCH):
            x = rows_of(rng, min(BATCH, n_rows - start), columns)
            writer.write_table(
                pa.Table.from_arrays([pa.array(x[:, j]) for j in range(columns)], schema=schema)
            )


def fit_detector(path, columns):
    import pandas as pd

    import askew

    x = rows_of(np.random.default_rng(1), TRAINING_ROWS, columns)
    y = np.zeros(len(x))
    y[:10] = -1
    x[:10] *= 4
    frame = pd.DataFrame(x, columns=names(columns)).astype(float)
    warnings.simplefilter("ignore")
    detector = askew.DPVAE(n_members=5, random_state=0).set_params(training__epochs=10)
    detector.fit(frame, askew.labels.ours(y)).save(path)


def measured(command, threads):
    """Run a command and return its seconds, processor seconds and peak MiB, from the system's account."""
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ | {"OMP_NUM_THREADS": str(threads)})
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed with status {status}")
    seconds = time.perf_counter() - start
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def forest(table, columns, report):
    """Score the file with scikit-learn's isolation forest, batch by batch, and write how long it took."""
    from sklearn.ensemble import IsolationForest

    x = rows_of(np.random.default_rng(1), TRAINING_ROWS, columns)
    model = IsolationForest(n_estimators=100, max_samples=256, random_state=0).fit(x)
    rows = 0
    with pq.ParquetFile(table) as file:
        for batch in file.iter_batches(BATCH):
            values = np.column_stack([column.to_numpy() for column in batch.columns])
            rows += len(model.score_samples(values))
    report.write_text(json.dumps({"rows": rows}))


def stated(what, n_rows, seconds, processor, peak):
    print(
        f"{what:28} {seconds:8.1f} s wall, {processor:8.1f} s processor, {n_rows / seconds:10,.0f} rows/s "
        f"({n_rows / processor:,.0f} per processor second), peak {peak:,.0f} MiB",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--folder", type=Path, default=Path("big"))
    parser.add_argument("--keep", action="store_true", help="leave the files")
    parser.add_argument("--forest", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder, columns, n_rows = arguments.folder, arguments.columns, arguments.rows
    table, model, scores = (folder / name for name in ("table.parquet", "model.askew", "scores.parquet"))
    if arguments.forest:
        return forest(table, columns, arguments.forest)
    folder.mkdir(parents=True, exist_ok=True)
    if not table.exists() or pq.ParquetFile(table).metadata.num_rows != n_rows:
        write_table(table, n_rows, columns)
    process = multiprocessing.get_context("spawn").Process(target=fit_detector, args=(model, columns))
    process.start()
    process.join()
    print(
        f"{n_rows:,} rows x {columns} columns, {table.stat().st_size / 2**20:,.0f} MiB of parquet; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before",
        flush=True,
    )
    askew = [sys.executable, "-m", "askew.cli", "score", str(model), str(table), "-o", str(scores)]
    stated("askew score (DP-VAE, K=5)", n_rows, *measured(askew, 1))
    found = pq.ParquetFile(scores).metadata.num_rows
    if found != n_rows:
        sys.exit(f"{scores} has {found} rows")
    report = folder / "forest.json"
    words = [
        sys.executable,
        __file__,
        "--folder",
        str(folder),
        "--columns",
        str(columns),
        "--rows",
        str(n_rows),
    ]
    stated("scikit-learn IsolationForest", n_rows, *measured([*words, "--forest", str(report)], 1))
    if not arguments.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
