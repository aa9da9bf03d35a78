"""askew serve beside a plain FastAPI service around scikit-learn's isolation forest, on the same machine and rows.

Run: python bench/serving.py [--workers 1] [--requests 1000]    latencies and throughput, in turns
     python bench/serving.py --replace [--requests 10000]       the model replaced midway; no answer may be missing

Each load is sent to all services in turns, several times over; a number is the median of its turns, so that what else
the machine does falls on all alike. FastAPI is needed beside the extra askew[serve]: pip install fastapi.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from http_load import request_of, run_load

import askew

CARDIO = askew.datasets.load("cardio")
COLUMNS = [f"x{place}" for place in range(CARDIO.X.shape[1])]
FRAME = pd.DataFrame(CARDIO.X, columns=COLUMNS)
DIFFERENT = 200  # requests, sent over and over

PEER = """
import os
import numpy as np
from fastapi import FastAPI
from sklearn.ensemble import IsolationForest

table = np.load(os.path.join(os.path.dirname(__file__), "peer.npy"))
columns = [f"x{place}" for place in range(table.shape[1])]
model = IsolationForest(random_state=0).fit(table)
app = FastAPI()


@app.post("/score")
def score(rows: list[dict[str, float]]):
    X = np.array([[row[name] for name in columns] for row in rows])
    scores = model.decision_function(X)
    return {"rows": [{"score": float(s), "prediction": 1 if s >= 0 else -1} for s in scores]}
"""


def fitted():
    """Return the models that are served, by name; all learn from the same rows."""
    y = np.zeros(len(FRAME), dtype=int)
    y[np.flatnonzero(CARDIO.anomaly)[:10]] = -1
    detectors = {
        "isolation_forest": askew.IsolationForest(random_state=0),
        "auto": askew.AutoDetector(random_state=0),
        "dp_vae": askew.DPVAE(n_members=5, random_state=0),
    }
    return {name: detector.fit(FRAME, askew.labels.ours(y)) for name, detector in detectors.items()}


def requests(n, rows):
    """Return n requests of some rows each, drawn from the table."""
    generator = np.random.default_rng(0)
    drawn = [FRAME.iloc[generator.choice(len(FRAME), rows)].round(5) for _ in range(min(n, DIFFERENT))]
    made = [request_of("/score", json.dumps(part.to_dict("records")).encode()) for part in drawn]
    return [made[place % len(made)] for place in range(n)]


@contextlib.contextmanager
def served(model, workers, folder, port=0):
    """Give the port and the process of a service of ours."""
    log = (folder / "log").open("w")
    words = [sys.executable, "-m", "askew", "serve", str(model), "--port", str(port), "--json"]
    process = subprocess.Popen(
        [*words, "--workers", str(workers)], stdout=subprocess.PIPE, stderr=log, text=True
    )
    text = ""
    while not text.rstrip().endswith("}"):
        text += process.stdout.readline()
    try:
        yield int(json.loads(text)["address"].rpartition(":")[2]), process
    finally:
        process.terminate()
        process.wait()
        log.close()


@contextlib.contextmanager
def peer(workers, folder):
    """Give the port of the plain service."""
    (folder / "peer.py").write_text(PEER)
    np.save(folder / "peer.npy", CARDIO.X)
    with socket.socket() as found:
        found.bind(("localhost", 0))
        port = found.getsockname()[1]
    words = [sys.executable, "-m", "uvicorn", "peer:app", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(
        [*words, "--log-level", "warning", "--no-access-log"],
        cwd=folder,
        stderr=subprocess.DEVNULL,  # scikit-learn warns of its own threads, hundreds of times a second
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path]), "PYTHONWARNINGS": "ignore"},
    )
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("localhost", port)):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


LOADS = {
    "1 row, 1 connection": (1, 1, 0.2),
    "1 row, 8 connections": (1, 8, 1.0),
    "1 row, 32 connections": (1, 32, 1.0),
    "100 rows, 8 connections": (100, 8, 0.3),
}
"""Rows of a request, connections, and the share of the requests that are sent."""


def compare(workers, n, turns, share):
    """Print latencies and throughput of each service under each load, and their ratios to the plain one."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ports = {"FastAPI + scikit-learn": stack.enter_context(peer(workers, folder))}
        for name, model in fitted().items():
            model.save(folder / f"{name}.askew")
            ports[name] = stack.enter_context(served(folder / f"{name}.askew", workers, folder))[0]
        for port in ports.values():
            asyncio.run(run_load(port, requests(50, 1), 8))
        print(f"{workers} process(es); cardio, {len(COLUMNS)} columns\n")
        for load, (rows, connections, part) in LOADS.items():
            sent = requests(int(n * part), rows)
            print(f"{load}, as fast as answers come")
            rates = table(ports, turns, lambda port, sent=sent, c=connections: run_load(port, sent, c))
            if connections == 8:
                rate = share * min(rates.values())
                sent = sent[: max(50, int(rate * 10))]
                print(f"{load}, {rate:.0f} requests a second ({share:.0%} of what the slowest can)")
                table(ports, turns, lambda port, sent=sent, r=rate: run_load(port, sent, 32, r))


def table(ports, turns, load):
    """Run a load on all services in turns, print the medians, and return the rates."""
    found = {name: [] for name in ports}
    for _ in range(turns):
        for name, port in ports.items():
            result = asyncio.run(load(port))
            assert result.statuses.keys() == {200} and not result.errors, (
                name,
                result.statuses,
                result.errors,
            )
            found[name].append((result.rate, result.percentile(50), result.percentile(99)))
    medians = {
        name: [statistics.median(each) for each in zip(*rows, strict=True)] for name, rows in found.items()
    }
    plain = next(iter(medians.values()))
    print("| service | requests/s | p50 ms | p99 ms | / plain: rate | p50 | p99 |\n" + "| --- " * 7 + "|")
    for name, numbers in medians.items():
        ratios = [number / other for number, other in zip(numbers, plain, strict=True)]
        cells = [
            f"{numbers[0]:.0f}",
            *(f"{number:.1f}" for number in numbers[1:]),
            *(f"{r:.2f}" for r in ratios),
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    print(flush=True)
    return {name: numbers[0] for name, numbers in medians.items()}


def replace(workers, n):
    """Send requests while the model is replaced, by its file and by a signal, and once by a file that is damaged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [askew.IsolationForest(random_state=seed).fit(FRAME) for seed in (0, 1)]
        for place, model in enumerate(models):
            model.save(folder / f"{place}")
        serving = folder / "model.askew"
        put(folder / "0", serving)
        sent = requests(n, 1)
        bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in sent[:DIFFERENT]]
        rows = pd.DataFrame([body[0] for body in bodies])
        expected = [model.score_samples(rows) for model in models]
        answers, by_model = Counter(), Counter()
        with served(serving, workers, folder) as (port, process):
            steps = {n // 4: "damaged", n // 2: "1", 3 * n // 4: "0"}

            def answered(number, status, headers, body):
                answers[number] += 1
                score = json.loads(body)["rows"][0]["score"]
                which = [np.isclose(score, scores[number % DIFFERENT], rtol=1e-9) for scores in expected]
                by_model[headers["x-askew-model"], tuple(map(bool, which))] += 1
                step = steps.pop(sum(answers.values()), None)
                if step == "damaged":
                    (folder / "damaged").write_bytes((folder / "1").read_bytes()[:-100])
                if step is not None:
                    put(folder / step, serving)
                    process.send_signal(signal.SIGHUP)

            load = asyncio.run(run_load(port, sent, 16, answered=answered))
        log = (folder / "log").read_text()
    print(f"{n:,} requests, {workers} process(es): {dict(load.statuses)}, {len(load.errors)} lost")
    print(f"answered once: {sum(count == 1 for count in answers.values()):,} of {n:,}")
    for (digest, which), count in by_model.items():
        print(f"model {digest}: {count:,} answers, scores are those of model {which.index(True)}")
    print(log)
    assert load.statuses == {200: n} and not load.errors and answers == Counter(range(n))
    assert all(sum(which) == 1 for _, which in by_model) and len(by_model) == 2


def put(source, target):
    """Replace a file as a whole, as askew fit does."""
    temporary = target.with_name("next")
    temporary.write_bytes(source.read_bytes())
    os.replace(temporary, target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--requests", type=int)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument(
        "--share", type=float, default=0.5, help="of the slowest service's rate, for the bounded load"
    )
    parser.add_argument("--replace", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.replace:
        replace(given.workers, given.requests or 10_000)
    else:
        compare(given.workers, given.requests or 1_000, given.turns, given.share)
