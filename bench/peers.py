"""Ours against PyOD's VAE and DeepSVDD and DeepOD's DeepSAD: fit time, score time and AUROC in one process.

Make an environment with askew and the peers (DeepOD pins an old torch, so it goes in without its dependencies):

    python -m venv peers && peers/bin/pip install -c constraints.txt -e . pyod==3.6.7 tqdm
    peers/bin/pip install --no-deps deepod==0.4.1
    OMP_NUM_THREADS=1 peers/bin/python bench/peers.py [--tables cardio,thyroid] [--members 1,5,10,50]

Alike on both sides: the split (classic protocol, seed 0 upwards), standardised columns, layers d-32-16-8 (and back
for the VAE), leaky ReLU of slope 0.01, biases for the VAE alone, no BatchNorm, no dropout, no pre-training, Adam at
1e-3 with one weight decay, batches of 128, the number of epochs, one torch thread. A fit includes the scores of the
training rows, with which both sides set their threshold. Times are taken in turn (peer, ours with 1 member, ours
with 5, ..., and again), so that other work on the machine hits all alike; a ratio is the median over the turns of
the peer's seconds for one model over our seconds **per ensemble member**. CPU ratios are of processor time.
The score ratio is per member and row as well.

What cannot be made alike: PyOD's VAE limits the KL term to ``capacity``, 0 by default, so it is set to infinity; its
score is the distance to a reconstruction from a random code, ours the ELBO at the mean code. It drops the last
incomplete batch. Its DeepSVDD has an activation behind the last layer and keeps the epoch of the lowest loss. DeepOD
draws known anomalies as often as all other rows, with replacement; ours takes every row once. Known anomalies are
left out for the methods without labels. AUROCs of ours are those of the ensemble.
"""

import argparse
import logging
import math
import sys
import time
import warnings
from dataclasses import dataclass, field
from statistics import mean, median, stdev

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

import askew
from askew.datasets.splits import classic_split
from askew.networks import mlp

HIDDEN, CODE, BATCH, LR, SLOPE = (32, 16), 8, 128, 1e-3, 0.01
DECAY = {"vae": 0.0, "deep_svdd": 5e-7, "deep_sad": 1e-5}
"""Adam's weight decay of each pair; DeepOD's cannot be set."""

PEER = {"vae": "PyOD", "deep_svdd": "PyOD", "deep_sad": "DeepOD"}


def peers():
    """Return the peers' classes, or leave with a message that says what to install."""
    try:
        from pyod.models.deep_svdd import DeepSVDD
        from pyod.models.vae import VAE
    except ImportError as error:
        sys.exit(f"bench/peers.py needs PyOD ({error}): pip install pyod==3.6.7 tqdm")
    try:
        from deepod.models.tabular import DeepSAD
    except ImportError as error:
        sys.exit(
            f"bench/peers.py needs DeepOD ({error}): pip install --no-deps deepod==0.4.1, and what it imports"
        )
    return {"vae": VAE, "deep_svdd": DeepSVDD, "deep_sad": DeepSAD}


def autoencoding(spec):
    encoder = mlp((spec.n_features, *HIDDEN, 2 * CODE), slope=SLOPE)
    return encoder, mlp((CODE, *reversed(HIDDEN), spec.n_features), slope=SLOPE)


def spherical(spec):
    encoder = mlp((spec.n_features, *HIDDEN, CODE), bias=False, slope=SLOPE)
    return encoder, mlp((CODE, *reversed(HIDDEN), spec.n_features), bias=False, slope=SLOPE)


def ours(method, members, seed, epochs):
    network = {"network": autoencoding} if method == "vae" else {"network": spherical, "init": "random"}
    detector = askew.all_detectors()[method](n_members=members, random_state=seed, scale=None, **network)
    return detector.set_params(
        training__epochs=epochs,
        training__lr=LR,
        training__batch_size=BATCH,
        training__weight_decay=DECAY[method],
    )


def theirs(method, classes, columns, seed, epochs):
    if method == "vae":
        return classes[method](
            preprocessing=False,
            lr=LR,
            epoch_num=epochs,
            batch_size=BATCH,
            device="cpu",
            random_state=seed,
            verbose=0,
            optimizer_params={"weight_decay": DECAY[method]},
            beta=0.1,  # its squared error has no factor 1/2, so this is our 0.05
            capacity=math.inf,
            encoder_neuron_list=list(HIDDEN),
            decoder_neuron_list=list(reversed(HIDDEN)),
            latent_dim=CODE,
            hidden_activation_name="leaky_relu",
            dropout_rate=0.0,
        )
    if method == "deep_svdd":
        return classes[method](
            n_features=columns,
            hidden_neurons=[*HIDDEN, CODE],
            hidden_activation="leaky_relu",
            epochs=epochs,
            batch_size=BATCH,
            dropout_rate=0.0,
            l2_regularizer=DECAY[method],
            preprocessing=False,
            verbose=0,
            random_state=seed,
            learning_rate=LR,
        )
    return classes[method](
        epochs=epochs,
        batch_size=BATCH,
        lr=LR,
        rep_dim=CODE,
        hidden_dims=",".join(map(str, HIDDEN)),
        act="LeakyReLU",
        bias=False,
        device="cpu",
        verbose=0,
        random_state=seed,
    )


@dataclass
class Figures:
    """One side's figures, one entry per turn: seconds per member, and the AUROC in percent."""

    fit: list[float] = field(default_factory=list)
    fit_cpu: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    auroc: list[float] = field(default_factory=list)

    def take(self, fit, score, anomaly, members=1):
        """Time `fit` and `score`, which return nothing and anomaly scores."""
        wall, cpu = time.perf_counter(), time.process_time()
        fit()
        self.fit.append((time.perf_counter() - wall) / members)
        self.fit_cpu.append((time.process_time() - cpu) / members)
        wall = time.perf_counter()
        scores = score()
        self.score.append((time.perf_counter() - wall) / members)
        self.auroc.append(100 * roc_auc_score(anomaly, scores))


def turn(method, classes, table, seed, epochs, figures):
    """Fit and score the peer and then ours with every number of members, on one split."""
    split = classic_split(table, seed=seed)
    x, test, y = split.X_train, split.X_test, np.asarray(split.y_train)
    centre, spread = x[y >= 0].mean(axis=0), x[y >= 0].std(axis=0)
    x, test = ((part - centre) / np.where(spread > 0, spread, 1.0) for part in (x, test))
    if method != "deep_sad":
        x, y = x[y >= 0], y[y >= 0]
    peer = theirs(method, classes, x.shape[1], seed, epochs)
    targets = ((y < 0).astype(int),) if method == "deep_sad" else ()
    score = (lambda: peer.decision_function(test.astype(np.float32))) if method == "deep_sad" else None
    figures["peer"].take(
        lambda: peer.fit(x, *targets), score or (lambda: peer.decision_function(test)), split.anomaly_test
    )
    for members in figures:
        if members != "peer":
            detector = ours(method, members, seed, epochs)
            figures[members].take(
                lambda d=detector: d.fit(x, y),
                lambda d=detector: d.anomaly_score(test),
                split.anomaly_test,
                members,
            )


def ratio(peer, own):
    return median(a / b for a, b in zip(peer, own, strict=True))


def spread(values):
    return f"{mean(values):.1f} ± {stdev(values):.1f}" if len(values) > 1 else f"{values[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", default="cardio,thyroid,satellite,satimage-2")
    parser.add_argument("--methods", default="vae,deep_svdd,deep_sad")
    parser.add_argument("--members", default="1,5,10,50")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    classes = peers()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    counts = [int(members) for members in arguments.members.split(",")]
    print(
        "| method | table | members | fit, s per member | peer, s | fit ratio | CPU ratio | score ratio "
        "| AUROC | peer's |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    ratios = {members: [] for members in counts}
    for method in arguments.methods.split(","):
        warm = askew.datasets.load("cardio")
        turn(method, classes, warm, 0, 1, {key: Figures() for key in ("peer", 1, 2)})  # first-use costs
        for name in arguments.tables.split(","):
            table = askew.datasets.load(name)
            figures = {key: Figures() for key in ("peer", *counts)}
            for seed in range(arguments.turns):
                turn(method, classes, table, seed, arguments.epochs, figures)
            peer = figures["peer"]
            for members in counts:
                own = figures[members]
                ratios[members].append(ratio(peer.fit_cpu, own.fit_cpu))
                print(
                    f"| {method} | {name} | {members} | {median(own.fit):.3f} | {PEER[method]} "
                    f"{median(peer.fit):.2f} | "
                    f"{ratio(peer.fit, own.fit):.1f} | {ratios[members][-1]:.1f} | "
                    f"{ratio(peer.score, own.score):.1f} | "
                    f"{spread(own.auroc)} | {spread(peer.auroc)} |",
                    flush=True,
                )
    for members, found in ratios.items():
        print(
            f"{members} members: CPU ratio of the fit, median of rows {median(found):.1f}, lowest {min(found):.1f}"
        )


if __name__ == "__main__":
    main()
