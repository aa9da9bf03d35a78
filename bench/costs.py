"""How fit and score grow with rows, columns, members and labels: processor seconds and memory, beside three peers.

Run, in the environment that bench/peers.py describes (without it, ours and scikit-learn's are measured alone):

    OMP_NUM_THREADS=1 peers/bin/python bench/costs.py -o costs.jsonl [--picture docs/images/costs.png] [--repeats 2]
    OMP_NUM_THREADS=1 peers/bin/python bench/costs.py -o costs.jsonl --show

One line of JSON per figure; a second run goes on where the first stopped. `--show` prints the tables of
docs/costs.md. One axis is changed at a time, from 4,000 rows, 20 columns, one member and 40 known anomalies; every
figure is taken in a fresh copy of the process (a fork), in turn, so that other work on the machine hits all alike.

Alike on both sides, by bench/peers.py: layers d-32-16-8 (and back for the VAE), Adam, batches of 128, epochs, one
torch thread. Times are processor seconds, all threads of the process counted. "Files" is `askew score` from parquet
to parquet in a process that has started, everything else scores arrays in memory. Memory is the peak of the process
beyond what it had before, data included. An exponent is the slope of a line through the logarithms of the upper half
of an axis: 1 is "twice as much takes twice as long"; below 1 fixed costs still show.
"""

import argparse
import json
import logging
import os
import resource
import sys
import tempfile
import time
import warnings
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import peers
import torch

import askew
from askew.scoring import score_file

AXES = {
    "rows": (1_000, 2_000, 4_000, 8_000, 16_000, 32_000),
    "columns": (5, 10, 20, 40, 80, 160, 320),
    "members": (1, 2, 5, 10, 20, 50),
    "labels": (4, 40, 400, 2_000),
}
USUAL = {"rows": 4_000, "columns": 20, "members": 1, "labels": 40}
SCORED = {"rows": (4_000, 16_000, 64_000, 256_000), "columns": (5, 20, 80, 320), "members": (1, 5, 20, 50)}
"""Rows to score are an axis of their own, else 32,000: a fit of as many would be a figure of the fit's."""
SCORED_ROWS = 32_000
EPOCHS = 2
OURS = {"VAE": "vae", "Deep SAD": "deep_sad"}
PEERS = {"PyOD VAE": "vae", "DeepOD Deep SAD": "deep_sad"}
FORESTS = ("isolation forest", "scikit-learn isolation forest")
KINDS = (*OURS, *PEERS, *FORESTS)
LABELLED = ("Deep SAD", "DeepOD Deep SAD")
COLOURS = dict(zip(KINDS, ("#0b6e99", "#7a3b8f", "#5fb3d4", "#b98cc9", "#3a7d44", "#94c39b"), strict=True))


def table(rows, columns, labels):
    """Correlated columns, the first rows known anomalies, 0, the others 1."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, columns))
    x[:, 1:] += 0.5 * x[:, :1]
    x[:labels] *= 3
    y = np.zeros(rows)
    y[:labels] = -1
    return x, y


def fitter(kind, size, classes):
    """Return functions that fit, and that score rows in memory."""
    x, y = table(size["rows"], size["columns"], size["labels"])
    if kind in OURS:
        detector = peers.ours(OURS[kind], size["members"], 0, EPOCHS)
        return lambda: detector.fit(x, askew.labels.ours(y)), detector.score_samples, detector
    if kind in PEERS:
        method = PEERS[kind]
        peer = peers.theirs(method, classes, size["columns"], 0, EPOCHS)
        if method == "vae":
            return lambda: peer.fit(x[y >= 0]), peer.decision_function, None
        return (
            lambda: peer.fit(x, (y < 0).astype(int)),
            lambda z: peer.decision_function(z.astype(np.float32)),
            None,
        )
    if kind == FORESTS[0]:
        detector = askew.IsolationForest(random_state=0)
        return lambda: detector.fit(x, askew.labels.ours(y)), detector.score_samples, detector
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=100, random_state=0)
    return lambda: forest.fit(x), forest.score_samples, None


def measured(work):
    """Run work() in a fork; return processor seconds of the function that it returns, and MiB beyond the start."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            function = work()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start = time.process_time()
            function()
            seconds = time.process_time() - start
            more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            os.write(write, json.dumps([seconds, more]).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(text) if status == 0 else None


def fit_work(kind, size, classes):
    return lambda: fitter(kind, size, classes)[0]


def score_work(kind, size, rows, classes, files):
    """Return what fits a model on few rows and gives a function that scores `rows`, in memory or from a file."""

    def work():
        fit, score, detector = fitter(kind, size | {"rows": 500}, classes)
        fit()
        x = table(rows, size["columns"], 0)[0]
        if not files:
            return lambda: score(x)
        folder = Path(tempfile.mkdtemp(prefix="askew-costs-"))
        source, output = folder / "rows.parquet", folder / "scores.parquet"
        pd.DataFrame(x, columns=[f"x{place}" for place in range(x.shape[1])]).to_parquet(source)
        score_file(detector, source, output)  # what is imported and made on first use

        def again():
            score_file(detector, source, output)
            for path in (source, output):
                path.unlink()
            folder.rmdir()

        return again

    return work


def tasks(kinds):
    """Yield what is to be measured: (what, kind, axis, value)."""
    for axis, values in AXES.items():
        for value, kind in product(values, kinds):
            if (axis == "members" and kind not in OURS) or (axis == "labels" and kind not in LABELLED):
                continue
            yield "fit", kind, axis, value
    for axis, values in SCORED.items():
        for value, kind in product(values, kinds):
            if axis == "members" and kind not in OURS:
                continue
            yield "score", kind, axis, value
            if kind in OURS or kind == FORESTS[0]:
                yield "files", kind, axis, value


def measure(arguments):
    classes = {}
    try:
        classes = peers.peers()
    except SystemExit as error:
        print(f"without PyOD and DeepOD: {error}", file=sys.stderr)
    kinds = [kind for kind in KINDS if kind not in PEERS or classes]
    done = (
        {tuple(line["task"]): line for line in lines(arguments.output)} if arguments.output.exists() else {}
    )
    for kind in kinds:  # first-use costs, of the parent, so that no child has them
        fit, score, _ = fitter(kind, USUAL | {"rows": 300, "labels": 20}, classes)
        fit()
        score(table(300, 20, 0)[0])
    for repeat in range(arguments.repeats):
        for what, kind, axis, value in tasks(kinds):
            key = (what, kind, axis, value, repeat)
            if key in done:
                continue
            size = USUAL | ({axis: value} if not (what != "fit" and axis == "rows") else {})
            rows = value if axis == "rows" else SCORED_ROWS
            work = (
                fit_work(kind, size, classes)
                if what == "fit"
                else score_work(kind, size, rows, classes, what == "files")
            )
            found = measured(work)
            if found is None:
                print(f"failed: {key}", file=sys.stderr)
                continue
            seconds, more = found
            line = {"task": key, "seconds": seconds, "mib": more, "load": os.getloadavg()[0]}
            with arguments.output.open("a") as file:
                file.write(json.dumps(line) + "\n")


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def figures(path, field="seconds"):
    """Return {(what, kind, axis): [(value, median over the repeats)]}."""
    by_task = {}
    for line in lines(path):
        *task, _ = line["task"]
        by_task.setdefault(tuple(task), []).append(line[field])
    found = {}
    for (what, kind, axis, value), values in sorted(by_task.items()):
        found.setdefault((what, kind, axis), []).append((value, median(values)))
    return found


def exponent(points):
    """Return the slope of the logarithms over the upper half of an axis."""
    upper = points[len(points) // 2 :] if len(points) > 3 else points[-2:]
    x, y = np.log(np.array(upper, dtype=float)).T
    return float(np.polyfit(x, y, 1)[0])


def show(path):
    seconds, memory = figures(path), figures(path, "mib")
    for what, axes in (("fit", AXES), ("score", SCORED), ("files", SCORED)):
        kinds = [kind for kind in KINDS if (what, kind, "rows") in seconds]
        print(f"\n{what}\n\n| | {' | '.join(axes)} | seconds at the most rows | MiB there |")
        print("| --- |" + " --- |" * (len(axes) + 2))
        for kind in kinds:
            slopes = [
                f"{exponent(seconds[what, kind, axis]):.2f}" if (what, kind, axis) in seconds else ""
                for axis in axes
            ]
            (most, last), (_, mib) = seconds[what, kind, "rows"][-1], memory[what, kind, "rows"][-1]
            print(f"| {kind} | {' | '.join(slopes)} | {last:.2f} ({most:,}) | {mib:,.0f} |")


def draw(path, picture):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    found = figures(path)
    axes = list(AXES)
    plt.rcParams |= {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    figure, places = plt.subplots(2, len(axes), figsize=(13, 6.4), sharey="row", layout="constrained")
    for (line, what), (column, axis) in product(enumerate(("fit", "score")), enumerate(axes)):
        place = places[line, column]
        for kind in KINDS:
            style = {"color": COLOURS[kind], "linewidth": 1.6, "markersize": 4}
            if points := found.get((what, kind, axis)):
                dashed = "--" if kind in PEERS or kind == FORESTS[1] else "-"
                place.plot(*zip(*points, strict=True), marker="o", linestyle=dashed, label=kind, **style)
            if what == "score" and (points := found.get(("files", kind, axis))):
                place.plot(
                    *zip(*points, strict=True), marker="s", linestyle=":", label=f"{kind}, files", **style
                )
        if not place.lines:
            place.set_axis_off()
            continue
        place.set(
            xscale="log", yscale="log", xlabel=axis if what == "fit" or axis != "rows" else "rows scored"
        )
        place.grid(alpha=0.25, which="major")
        if column == 0:
            place.set_ylabel(f"{what}, processor seconds")
    handles, labels = places[1, 0].get_legend_handles_labels()
    places[1, -1].legend(handles, labels, loc="center", frameon=False)
    figure.savefig(picture, dpi=130)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="measure nothing, print the tables")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if not arguments.show:
        measure(arguments)
    show(arguments.output)
    if arguments.picture:
        draw(arguments.output, arguments.picture)


if __name__ == "__main__":
    main()
