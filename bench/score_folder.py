"""How long a folder of files takes to score on n workers: a model, and how well it foretold a folder it had not seen.

Run: python bench/score_folder.py learn    -o DIR   (processor seconds of small and middling files, on one worker)
     python bench/score_folder.py foretell -o DIR   (foretells a folder with a large file, does it on two, compares)
     python bench/score_folder.py billion  -o DIR   (10^9 rows on n machines, by what was learned)

Rows have twenty columns of 64-bit numbers, in parquet; the model is a DP-VAE ensemble of five. Model of time: a file
or part takes some seconds and a time per row; tasks are begun in order, each by the worker that is free first; a worker
takes some seconds to load its libraries and the model. Time is that of a worker's processor, all its threads counted,
which other programs on the machine do not change: with a core for each worker it is what a clock shows.
"""

import argparse
import heapq
import json
import shutil
import time
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import askew
from askew.distributed.cluster import cluster_at
from askew.scoring import score_folder
from askew.scoring.file_work import fitted_model, score_task

MODULE = import_module("askew.scoring.score_folder")
COLUMNS = [f"c{number}" for number in range(20)]
GROUP = 1 << 19
"""Rows of a row group."""
LEARNED = (100_000, 200_000, 400_000, 800_000, 1_600_000, 100_000, 400_000, 1_600_000)
FORETOLD = (300_000, 1_200_000, 10_000_000, 600_000, 50_000, 1_000_000)
"""Rows of the files of a folder."""


def write_folder(folder, sizes):
    """Write files of random rows, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, n_rows in enumerate(sizes):
        path, rng = folder / f"{number}.parquet", np.random.default_rng(number)
        if path.exists():
            continue
        kinds = pa.schema([(name, pa.float64()) for name in COLUMNS])
        with pq.ParquetWriter(path.with_suffix(".partial"), kinds) as writer:
            for start in range(0, n_rows, GROUP):
                rows = rng.normal(size=(min(GROUP, n_rows - start), len(COLUMNS)))
                writer.write_table(pa.table(list(rows.T), schema=kinds))
        path.with_suffix(".partial").rename(path)


def write_model(path):
    """Write the model, unless it is there."""
    if not path.exists():
        warnings.simplefilter("ignore")
        rows = np.random.default_rng(99).normal(size=(2000, len(COLUMNS)))
        detector = askew.DPVAE(n_members=5, random_state=0).set_params(training__epochs=2)
        detector.fit(pa.table(list(rows.T), names=COLUMNS).to_pandas()).save(path)


def timed(job, task, report):
    """Do a task, and write down what it took of the processor."""
    before = time.process_time()
    fitted_model(job.model, job.model_sha256)
    import_module("askew.base.quick_scorer")
    start = time.process_time()
    outcome = score_task(job, task, report)
    rows = (task.part.stop - task.part.start) if task.part else pq.read_metadata(task.pair.source).num_rows
    line = {
        "name": task.pair.name,
        "rows": rows,
        "seconds": time.process_time() - start,
        "load": start - before,
    }
    with (job.folder / "seconds.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    return outcome


def done(out, name, sizes, workers):
    """Score a folder; return the seconds of the clock and a line for each task."""
    write_model(out / "model.askew")
    write_folder(out / name, sizes)
    shutil.rmtree(out / f"{name}-scores", ignore_errors=True)
    MODULE.score_task = timed
    begun = time.perf_counter()
    with cluster_at(f"local:{workers}") as cluster:
        found = score_folder(out / "model.askew", out / name, out / f"{name}-scores", workers=cluster)
        busy = sum(cluster.everywhere(time.process_time).values())
    assert found.n_rows == sum(sizes) and not found.failed
    lines = (out / f"{name}-scores" / "seconds.jsonl").read_text().splitlines()
    return time.perf_counter() - begun, busy, [json.loads(line) for line in lines]


def makespan(seconds, n_workers):
    """Return when the last of the tasks ends, each begun in turn by the worker that is free first."""
    free = [0.0] * n_workers
    for task in seconds:
        heapq.heapreplace(free, free[0] + task)
    return max(free)


def learn(out):
    """Measure seconds per file and per row on one worker; the first task, which warms the worker up, is left out."""
    clock, busy, lines = done(out, "learned", LEARNED, 1)
    rows, seconds = (np.array([line[key] for line in lines[1:]]) for key in ("rows", "seconds"))
    per_row, per_task = np.polyfit(rows, seconds, 1, w=1 / np.sqrt(rows))
    found = {
        "per_row": per_row,
        "per_task": max(per_task, 0.0),
        "start": busy - sum(x["seconds"] for x in lines),
    }
    (out / "learned.json").write_text(json.dumps(found | {"clock": clock, "lines": lines}, indent=1))
    print(
        f"{found['start']:.1f} s to start a worker, {found['per_task']:.2f} s a file or part, "
        f"{1 / per_row:,.0f} rows a second of one core; clock {clock:.1f} s"
    )


def foretell(out):
    """Foretell a folder on two workers, do it, and compare."""
    known = json.loads((out / "learned.json").read_text())
    clock, busy, lines = done(out, "foretold", FORETOLD, 2)
    expected = [known["per_task"] + known["per_row"] * line["rows"] for line in lines]
    measured = [line["seconds"] for line in lines]
    for line, seconds in zip(lines, expected, strict=True):
        print(
            f"{line['name']:12s} {line['rows']:10,d} rows: expected {seconds:5.2f} s, measured {line['seconds']:5.2f}"
        )
    print(f"tasks in all: expected {sum(expected):.1f} s, measured {sum(measured):.1f}")
    whole = sum(expected) + 2 * known["start"]
    print(f"with two workers' start: expected {whole:.1f} s of the processor, measured {busy:.1f}; ", end="")
    print(f"last of two workers {known['start'] + makespan(expected, 2):.1f} s, clock {clock:.1f}")


def billion(out):
    """Foretell 10^9 rows, in a thousand files of a million, on n machines of two cores."""
    known = json.loads((out / "learned.json").read_text())
    task = known["per_task"] + 1e6 * known["per_row"]
    for machines in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        seconds = known["start"] + makespan([task] * 1000, 2 * machines)
        print(
            f"{machines:4d} machines of two cores: {seconds:8.0f} s; read {160 / seconds:6.2f} GB a second together"
        )


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("learn", "foretell", "billion"))
    parser.add_argument("-o", "--output", type=Path, default=Path("score_folder"))
    asked = parser.parse_args()
    asked.output.mkdir(exist_ok=True)
    {"learn": learn, "foretell": foretell, "billion": billion}[asked.command](asked.output)


if __name__ == "__main__":
    main()
