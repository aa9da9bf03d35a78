"""Run by test_at_once.py in a process of its own: fits in threads, forked children and loky's workers at once."""

import json
import os
import sys
import threading

import joblib
import numpy as np
import torch
from torch import nn

import askew
import whole_process
from askew.networks import mlp

ROWS = np.random.default_rng(0).normal(size=(90, 3))
ROWS[:4] += 5
LABELS = np.r_[-np.ones(4), np.zeros(86)].astype(int)
SHORT = askew.training.Training(epochs=2, batch_size=32)


def with_dropout(spec):
    """Return the networks of an autoencoder that draws from torch's global generator in training."""
    encoder = nn.Sequential(nn.Linear(spec.n_features, 4), nn.Dropout(0.2), nn.ReLU(), nn.Linear(4, 2))
    return encoder, mlp((2, 4, spec.n_features))


MODELS = {
    "one member": lambda: askew.DeepSAD(random_state=0, n_members=1, training=SHORT),
    "members": lambda: askew.DPVAE(random_state=0, n_members=2, training=SHORT),
    "dropout": lambda: askew.AutoEncoder(random_state=0, n_members=2, network=with_dropout, training=SHORT),
    "critics": lambda: askew.ALAD(random_state=0, n_members=1, training=SHORT),
    "trees": lambda: askew.IsolationForest(random_state=0, n_estimators=5),
}


def scores(name):
    """Return the scores of a fresh fit, exactly."""
    return MODELS[name]().fit(ROWS, LABELS).score_samples(ROWS).tolist()


def in_a_fork(name):
    """Return the end of a pipe to which a forked child will write its scores."""
    there, here = os.pipe()
    if os.fork() == 0:
        with os.fdopen(here, "w") as pipe:
            json.dump(scores(name), pipe)
        os._exit(0)
    os.close(here)
    return there


def everything():
    """Return the state of the process, and what new threads get."""
    return whole_process.state() | {"new threads": whole_process.of_a_new_thread()}


def main():
    torch.set_num_threads(2)
    alone, before = {name: scores(name) for name in MODELS}, everything()
    found, workers = [], []
    for name in MODELS:
        for _ in range(2):
            work = threading.Thread(target=lambda name=name: found.append(("thread", name, scores(name))))
            work.start()
            workers.append(work)
    pipes = [(name, in_a_fork(name)) for name in MODELS]  # while the threads train
    answers = joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(scores)(name) for name in MODELS)
    found += [("loky", name, answer) for name, answer in zip(MODELS, answers, strict=True)]
    for name, pipe in pipes:
        with os.fdopen(pipe) as lines:
            found.append(("fork", name, json.load(lines)))
    for work in workers:
        work.join()
    outcome = {
        "fits": len(found),
        "unequal": [(where, name) for where, name, values in found if values != alone[name]],
        "changed": whole_process.changes(before, everything()),
    }
    print(json.dumps(outcome))
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


if __name__ == "__main__":
    main()
    sys.exit()
