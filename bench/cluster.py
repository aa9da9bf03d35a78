"""How long a benchmark takes on n workers: a model, and how well it foretold a run that it had not seen.

Run: python bench/cluster.py learn    -o DIR   (processor seconds of every group of two tables, on one worker)
     python bench/cluster.py foretell -o DIR   (foretells two other tables, then does them on two workers, and compares)
     python bench/cluster.py seeds    -o DIR   (foretells six other seeds of these four tables by their own rates)
     python bench/cluster.py grid              (the runs of labelled-ratio on n machines, by networks' steps)

The model: groups of runs are begun in the order of their expected work, each by the worker that is free first; a
group takes its work (rows x epochs x members, as the progress bar counts it) times its method's seconds per unit of
work, which the first command measures; a worker takes some seconds to load its libraries. Time is that of a worker's
processor, which other programs on the machine do not change: on idle cores it is what a clock shows.
"""

import argparse
import heapq
import json
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from askew.benchmarks.protocols.by_name import protocol_named
from askew.benchmarks.protocols.classic.protocol import Classic
from askew.benchmarks.protocols.images.protocol import STEP, image_work
from askew.benchmarks.runs import runner
from askew.benchmarks.runs.plan import Group, grouped
from askew.benchmarks.runs.store import Store

IMAGES = 512
UNCOUNTED = ("oc_svm", "kernel_ssad", "kde", "isolation_forest")
"""Methods without epochs, whose runs take minutes."""
BRIEF = {"n_members": 1, "training__epochs": 1}
LEARNED, FORETOLD = ("cardio", "thyroid"), ("arrhythmia", "satimage-2")
METHODS = ("autoencoder", "deep_sad", "vae", "dp_vae", "mml_vae")
ROOT = Path(__file__).parents[1]


class Timed(Classic):
    """The classic protocol; every worker writes down what a group took."""

    def work(self, group, report, job):
        """Do the group."""
        start, first = time.process_time(), group.runs[0]
        super().work(Group((replace(first, method="vae", params=BRIEF),)), report, job)  # loads the libraries
        before = time.process_time()
        records = super().work(group, report, job)
        line = {"method": first.method, "dataset": first.dataset, "seconds": time.process_time() - before}
        line |= {"work": self.costs([group])[group.key], "start": before - start}
        with (job.folder / "seconds.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        return records


def makespan(seconds, n_workers):
    """Return when the last of the tasks ends, each begun in turn by the worker that is free first."""
    free = [0.0] * n_workers
    for task in seconds:
        heapq.heapreplace(free, free[0] + task)
    return max(free)


def groups_of(protocol, plan, workers):
    """Return the plan's groups in the order in which they are begun, and their expected work."""
    groups = grouped(plan.runs, protocol.group_key, workers)
    costs = protocol.costs(groups)
    groups.sort(key=lambda group: costs[group.key], reverse=True)
    return groups, [costs[group.key] for group in groups]


def plan_of(datasets, methods, seeds):
    """Return the classic protocol that writes seconds down, and a plan of its quick preset."""
    protocol = Timed()
    chosen = {"datasets": datasets, "methods": methods, "seeds": seeds}
    return protocol, protocol.plan(protocol.choice("quick", chosen))


def done(out, plan, workers):
    """Do a plan; return the seconds of the clock and the lines of the groups."""
    (out / "seconds.jsonl").unlink(missing_ok=True)
    begun = time.perf_counter()
    runner.execute(Timed(), plan, Store(out), cluster=f"local:{workers}")
    return time.perf_counter() - begun, lines_of(out)


def lines_of(out):
    """Return what the workers wrote down."""
    return [json.loads(line) for line in (out / "seconds.jsonl").read_text().splitlines()]


def rates_of(lines, names):
    """Return seconds per unit of work, by what is called by these names."""
    seconds, work = defaultdict(float), defaultdict(float)
    for line in lines:
        key = tuple(line[name] for name in names)
        seconds[key] += line["seconds"]
        work[key] += line["work"]
    return {key: seconds[key] / work[key] for key in seconds}


def learn(out):
    """Measure the rates on one worker."""
    _, plan = plan_of(LEARNED, METHODS, None)
    clock, lines = done(out / "learned", plan, 1)
    print(
        f"{len(lines)} groups, {sum(line['seconds'] for line in lines):.1f} processor seconds, clock {clock:.1f} s"
    )


def compared(out, plan, expected):
    """Do a plan on two workers and print what was expected of its groups, in their order, and what came."""
    clock, lines = done(out, plan, 2)
    measured = {(line["dataset"], line["method"]): line["seconds"] for line in lines}
    rows = pd.DataFrame({"expected": expected, "measured": measured}).rename_axis(["dataset", "method"])
    print(rows.round(2).to_string())
    print(f"in all: expected {sum(expected.values()):.1f} s, measured {sum(measured.values()):.1f} s")
    print(f"last of two workers: expected {makespan(expected.values(), 2):.1f} s, ", end="")
    print(
        f"by the measured groups {makespan([measured[key] for key in expected], 2):.1f} s, clock {clock:.1f} s"
    )


def foretell(out):
    """Foretell two other tables on two workers by methods' rates, do them, and compare."""
    protocol, plan = plan_of(FORETOLD, METHODS, None)
    rates = rates_of(lines_of(out / "learned"), ["method"])
    groups, work = groups_of(protocol, plan, 2)
    pairs = [(group.runs[0].dataset, group.runs[0].method) for group in groups]
    compared(out / "foretold", plan, {p: w * rates[p[1:]] for p, w in zip(pairs, work, strict=True)})


def foretell_seeds(out):
    """Foretell other and more seeds of all four tables by the rates of their own cells, do them, and compare."""
    protocol, plan = plan_of(LEARNED + FORETOLD, METHODS[:3], range(3, 9))
    rates = rates_of(lines_of(out / "learned") + lines_of(out / "foretold"), ["dataset", "method"])
    groups, work = groups_of(protocol, plan, 2)
    pairs = [(group.runs[0].dataset, group.runs[0].method) for group in groups]
    compared(out / "seeds", plan, {p: w * rates[p] for p, w in zip(pairs, work, strict=True)})


def seconds_per_image(method, network, shape):
    """Return the processor seconds of one image in one epoch: of three epochs more than one, on few images."""
    import askew

    images = np.random.default_rng(0).integers(0, 256, (IMAGES, *shape), dtype=np.uint8)
    used = []
    for epochs in (1, 4):
        model = askew.all_detectors()[method](n_members=1, network=network, random_state=0)
        brief = {"training__pretrain_epochs": 0} if method == "deep_sad" else {}
        model.set_params(training__epochs=epochs, training__batch_size=128, **brief)
        before = time.process_time()
        model.fit(images, np.r_[-np.ones(6), np.zeros(IMAGES - 6)])
        used.append(time.process_time() - before)
    return (used[1] - used[0]) / 3 / IMAGES


def grid():
    """Foretell labelled-ratio without Inclusive-NRF on n machines of two cores, by a few steps of each network here."""
    protocol = protocol_named("labelled_ratio")
    rates = {}
    for name in ("infogan", "lenet_mnist", "lenet_fashion", "lenet_cifar10"):
        shape = (3, 32, 32) if name == "lenet_cifar10" else (1, 28, 28)
        for method in ("vae", "deep_sad"):
            if (method, name) != ("deep_sad", "infogan"):
                rates[method, name] = seconds_per_image(method, name, shape)
                print(f"{method}, {name}: {1e3 * rates[method, name]:.3f} ms per image and epoch", flush=True)

    def expected(run):
        params = run.params
        network = params.get("network", params.get("encoder__network", "lenet_mnist"))
        kind = "vae" if run.method.endswith("vae") else "deep_sad"
        return image_work(run) / STEP.get(network, 0.1) * rates[kind, network]

    stored = pd.read_parquet(ROOT / "results" / "labelled-ratio-paper" / "runs.parquet")
    for members, method, name in (
        (1, "dp_vae", "cifar10"),
        (None, "deep_sad", "cifar10"),
        (None, "deep_sad", "mnist"),
    ):
        more = {} if members is None else {"members": members}
        at = {"datasets": [name], "methods": [method], "at": [0.01], "normal_classes": [0]} | more
        run = protocol.plan(protocol.choice("paper", at)).runs[-1]
        rows = stored[(stored.method == method) & (stored.dataset == name)].sort_values("precision")
        before = rows.fit_seconds.round().tolist()[:4]
        print(f"{method} on {name}: expected {expected(run):.0f} s; runs of before {before}")
    runs = [run for run in protocol.plan(protocol.choice("paper", {})).runs if run.method != "inclusive_nrf"]
    seconds = pd.Series([0.0 if run.method in UNCOUNTED else expected(run) for run in runs])
    print((seconds.groupby([run.method for run in runs]).sum() / 3600).round().to_string())
    print(
        f"in all {seconds.sum() / 86400:.0f} days of one core; the longest run {seconds.max() / 3600:.1f} h"
    )
    for machines in (1, 4, 16, 64, 256, 1024):
        hours = makespan(sorted(seconds, reverse=True), 2 * machines) / 3600
        print(f"{machines:5d} machines of two cores: {hours:8.1f} h = {hours / 24:6.1f} days")


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("learn", "foretell", "seeds", "grid"))
    parser.add_argument("-o", "--output", type=Path, default=Path("cluster"))
    asked = parser.parse_args()
    if asked.command == "grid":
        grid()
    else:
        asked.output.mkdir(exist_ok=True)
        {"learn": learn, "foretell": foretell, "seeds": foretell_seeds}[asked.command](asked.output)


if __name__ == "__main__":
    main()
