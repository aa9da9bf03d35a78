"""Whether training in bfloat16 changes what a detector of images is worth: the same quick runs in both precisions.

Run: ASKEW_DATA=... python bench/precision.py [--methods dp_vae,deep_sad] [--datasets fashion_mnist] [--classes 0,1,2]

Every run of the plan, which is the labelled-ratio protocol's quick preset, is trained twice in one process, from the
same weights on the same batches, in float32 and in bfloat16. The differences of the two AUROCs on the test images are
compared with those between two seeds in float32, which is the noise that a change of seed makes. Where the processor
has no units for bfloat16 the comparison still holds; it takes longer.
"""

import argparse
import time
import warnings
from dataclasses import replace

import numpy as np
import torch

from askew.allocator import keep_freed_memory
from askew.benchmarks.protocols.images.image_splits import image_split
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.metrics import metrics


def trained(run, part, precision, seed):
    """Return the AUROC of one training on the run's images, and its seconds."""
    detector = detector_for(replace(run, seed=seed))
    start = time.perf_counter()
    detector.set_params(training__precision=precision).fit(part.X_train, part.y_train)
    seconds = time.perf_counter() - start
    return metrics(detector.score_samples(part.X_test), part.anomaly_test).auroc, seconds


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--methods", default="dp_vae,deep_sad")
    parser.add_argument("--datasets", default="fashion_mnist")
    parser.add_argument("--classes", default="0,1,2", help="normal classes")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    keep_freed_memory()
    chosen = plan(
        "labelled_ratio",
        "quick",
        methods=arguments.methods.split(","),
        datasets=arguments.datasets.split(","),
        normal_classes=map(int, arguments.classes.split(",")),
        at=[0.01],
    )
    print("data set       method    class  float32  bfloat16  another seed   seconds: float32  bfloat16")
    found = []
    for run in chosen.runs:
        part = image_split(run)
        single, half, other = (
            trained(run, part, precision, seed)
            for precision, seed in (("float32", 0), ("bfloat16", 0), ("float32", 1))
        )
        found.append((half[0] - single[0], other[0] - single[0], single[1] / half[1]))
        print(
            f"{run.dataset:14s} {run.method:8s} {run.normal_class:>6s} {single[0]:8.4f} {half[0]:9.4f} "
            f"{other[0]:13.4f} {single[1]:18.1f} {half[1]:9.1f}",
            flush=True,
        )
    precision, seed, ratio = np.array(found).T
    for what, differences in (("bfloat16 - float32", precision), ("seed 1 - seed 0", seed)):
        deviation = f", standard deviation {differences.std(ddof=1):.4f}" if len(found) > 1 else ""
        print(f"{what}: mean {differences.mean():+.4f}{deviation}, largest {np.abs(differences).max():.4f}")
    print(f"float32 / bfloat16 time: median {np.median(ratio):.2f}, {ratio.min():.2f} to {ratio.max():.2f}")


if __name__ == "__main__":
    main()
