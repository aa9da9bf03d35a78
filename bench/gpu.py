"""A check of askew on a GPU in under ten minutes: parity with the processor, members together, a cell of a paper.

Run: python bench/gpu.py [-o gpu.json] [--budget 540]    on a machine with a GPU, with ASKEW_DATA for the cell
     python bench/gpu.py --device cpu                    tries the script itself, small, on a processor

1. Parity. Models of tables and of images are fitted on the processor and on the device from the same seed, in
   float32. The processor's model, saved and loaded onto the device, must give its scores; the one that was fitted on
   the device must rank test rows as well, within 0.05 of AUROC, as rounding leads trainings apart.
2. Members together: five and twenty in one training against as many trainings of one.
3. A cell of Table 1 of the dual-prior VAEs' paper: DP-VAE, 1 % of labels, one class of Fashion-MNIST, in full.

The JSON holds device, versions, commit and settings beside the figures. The exit status is 1 if a check failed. What
no longer fits into the budget is left out, and said to be.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

import askew
from askew.benchmarks.protocols.images.image_splits import image_split
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.published_numbers import published_cell
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.metrics import metrics
from askew.datasets.splits import classic_split
from askew.errors import AskewError
from askew.training.epoch_events import reporting

SCORE_LIMIT, AUROC_LIMIT = {"table": 1e-4, "image": 1e-2}, 0.05
"""Largest difference of a score, in standard deviations of scores (convolutions may compute in TF32), and of AUROC."""


class OutOfTimeError(Exception):
    """The budget is spent."""


class Clock:
    """Seconds since the start, and until the budget is spent."""

    def __init__(self, budget):
        self.budget, self.start = budget, time.perf_counter()

    def __call__(self):
        return time.perf_counter() - self.start

    def check(self, event=None):
        if self() > self.budget:
            where = f" after {event.done} of {event.total} epochs" if event else ""
            raise OutOfTimeError(f"the budget of {self.budget} s was spent{where}")


def seconds_of(action, device):
    """Return the seconds that an action takes, the device's work included."""
    start = time.perf_counter()
    action()
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def table(seed=0):
    split = classic_split(askew.datasets.load("thyroid"), seed=seed)
    return split.X_train, split.y_train, split.X_test, split.anomaly_test


def images(n, seed=0):
    """Return stripes across, anomalies along, of random width and tint, uint8 (n, 3, 32, 32)."""
    rng = np.random.default_rng(seed)

    def stripes(n, axis):
        waves = np.sin(rng.uniform(0.3, 1.0, (n, 1)) * np.arange(32) + rng.uniform(0, 6, (n, 1)))
        grey = np.expand_dims(np.broadcast_to(waves[:, None, :], (n, 32, 32)), 1)
        grey = grey if axis else grey.swapaxes(2, 3)
        noise = rng.normal(0, 10, (n, 3, 32, 32))
        return np.clip(127 + 80 * rng.uniform(0.5, 1, (n, 3, 1, 1)) * grey + noise, 0, 255).astype(np.uint8)

    known = max(2, n // 20)
    train, y = np.concatenate([stripes(n, 0), stripes(known, 1)]), np.zeros(n + known, dtype=int)
    y[n:] = -1
    half = n // 2
    return train, y, np.concatenate([stripes(half, 0), stripes(half, 1)]), np.arange(2 * half) >= half


def parity(method, kind, data, epochs, device):
    X, y, X_test, anomalous = data
    options = {
        "training__epochs": epochs,
        "training__precision": "float32",
        "n_members": 2,
        "random_state": 0,
    }
    if method == "deep_sad":
        options["training__pretrain_epochs"] = epochs
    found = {"method": method, "data": kind, "rows": len(X), **options}
    models = {}
    for place in ("cpu", device):
        model = models[place] = askew.all_detectors()[method](device=place).set_params(**options)
        name = (
            "fit_seconds_processor"
            if place == "cpu" and "fit_seconds_processor" not in found
            else "fit_seconds"
        )
        found[name] = round(seconds_of(lambda m=model: m.fit(X, y), place), 2)
    reference = models["cpu"]
    scores = reference.score_samples(X_test)
    with tempfile.TemporaryDirectory() as folder:
        reference.save(Path(folder) / "model.askew")
        moved = askew.load(Path(folder) / "model.askew", device=device).score_samples(X_test)
    fitted = models[device].score_samples(X_test)
    found["score_difference"] = float(np.abs(moved - scores).max() / scores.std())
    found["auroc_processor"], found["auroc"] = (metrics(s, anomalous).auroc for s in (scores, fitted))
    close = abs(found["auroc"] - found["auroc_processor"]) <= AUROC_LIMIT
    found["passed"] = bool(found["score_difference"] <= SCORE_LIMIT[kind] and close)
    return found


def together(method, kind, data, members, epochs, device):
    X, y = data[:2]

    def fit(n, seed):
        model = askew.all_detectors()[method](n_members=n, random_state=seed, device=device)
        return lambda: model.set_params(training__epochs=epochs).fit(X, y)

    at_once = seconds_of(fit(members, 0), device)
    apart = sum(seconds_of(fit(1, seed), device) for seed in range(members))
    ratio = round(apart / at_once, 2)
    found = {"method": method, "data": kind, "rows": len(X), "members": members, "epochs": epochs}
    return found | {"seconds_together": round(at_once, 2), "seconds_apart": round(apart, 2), "ratio": ratio}


def cell(device, small):
    runs = plan("labelled_ratio", "paper", methods=["dp_vae"], datasets=["fashion_mnist"], at=[0.01]).runs
    run = runs[0]
    if small:
        cut = {"training__epochs": 4, "training__lr_milestones": [2, 3], "warmup_epochs": 1, "n_members": 1}
        run = replace(run, params={**run.params, **cut}, max_normals=200, max_tests=500)
    published = published_cell(run)
    split = image_split(run)
    detector = detector_for(run, device)
    seconds = seconds_of(lambda: detector.fit(split.X_train, split.y_train), device)
    result = metrics(detector.score_samples(split.X_test), split.anomaly_test)._asdict()
    settings = {"dataset": run.dataset, "normal_class": run.normal_class, "images": len(split.X_train)}
    settings |= {"method": run.method, "labelled_ratio": run.labelled_ratio, "params": dict(run.params)}
    about = {"published_mean_over_classes": published and published.mean, "cut_to_try_the_script": small}
    return (
        settings
        | about
        | {"fit_seconds": round(seconds, 1), "precision": detector.training_precision}
        | result
    )


def about(device, budget):
    """Return what the figures were measured with; of the machine, its processor's or GPU's model alone."""
    name = torch.cuda.get_device_name() if device != "cpu" else f"processor, {platform.machine()}"
    root = Path(__file__).resolve().parent
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=root, capture_output=True, text=True, check=False
    )
    versions = {"python": platform.python_version(), "torch": torch.__version__, "cuda": torch.version.cuda}
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "device": name,
        "commit": commit.stdout.strip() or None,
        **versions,
        "started": started,
        "budget": budget,
    }


def parts(device, small):
    """Yield the name of each part's list and the call that gives its next entry, the shortest first."""
    rows, epochs, few = (32, 2, 1) if small else (2048, 20, 5)
    of_table, of_images = table(), images(rows)
    for method in ("dp_vae", "deep_sad"):
        yield "parity", lambda m=method: parity(m, "table", of_table, epochs, device)
    for method in ("dp_vae",) if small else ("dp_vae", "deep_sad"):
        yield "parity", lambda m=method: parity(m, "image", of_images, few, device)
    for members in (2,) if small else (5, 20):
        yield "together", lambda n=members: together("dp_vae", "table", of_table, n, epochs, device)
    for members in () if small else (5, 20):
        yield "together", lambda n=members: together("dp_vae", "image", of_images, n, few, device)
    yield "cell", lambda: cell(device, small)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda", help='"cuda", or "cpu" to try the script')
    parser.add_argument("--budget", type=int, default=540, help="seconds")
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu.json"))
    arguments = parser.parse_args()
    device, clock = arguments.device, Clock(arguments.budget)
    small = device == "cpu"
    if small:
        torch.set_num_threads(1)
    if not small and not torch.cuda.is_available():
        sys.exit('No GPU here. "--device cpu" tries the script, small, on the processor.')
    warnings.simplefilter("ignore")
    found = about(device, arguments.budget) | {
        "small": small,
        "parity": [],
        "together": [],
        "cell": [],
        "left_out": [],
    }
    with reporting(clock.check):
        for name, part in parts(device, small):
            try:
                clock.check()
                found[name].append(part())
                print(name, json.dumps(found[name][-1]), flush=True)
            except (OutOfTimeError, AskewError, OSError) as error:
                found["left_out"].append(f"{name}: {error}")
                print(f"{name} left out: {error}", flush=True)
    found["passed"] = bool(found["parity"]) and all(each["passed"] for each in found["parity"])
    found["seconds"] = round(clock(), 1)
    arguments.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"{'passed' if found['passed'] else 'FAILED'} in {found['seconds']:.0f} s on {found['device']}")
    if small:
        print("Tried on a processor: this says that the script runs, and nothing about a GPU.")
    sys.exit(not found["passed"])


if __name__ == "__main__":
    main()
