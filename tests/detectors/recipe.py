"""Look into a detector's recipe: its steps' losses on networks that are plain functions, in float64."""

from dataclasses import replace

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from askew.base.preparation.table_rows import TableInput
from askew.training import Batch

F64 = torch.float64


def f64(*values):
    return torch.tensor(values, dtype=F64)


def stages_of(detector, features=2):
    """Return the stages of an unfitted detector for a table of so many columns, or for the images it has seen."""
    if detector.image_shape_ is None:
        detector._input = TableInput(features)
    return detector._stages(detector._settings())


def step_of(detector, name, features=2):
    """Return one step of an unfitted detector by its name; its loss sees what is scheduled for the batch's epoch."""
    step = {step.name: step for stage in stages_of(detector, features) for step in stage.steps}[name]

    def loss(networks, seen):
        return step.loss(networks, replace(seen, scheduled=step.scheduled(seen.epoch)))

    return replace(step, loss=loss)


def batch(x, y=None, noise=None, epoch=1000, **constants):
    y = torch.zeros(len(x)) if y is None else torch.tensor(y).float()
    return Batch(x, y, noise, constants, epoch)


class Member:
    """What a detector's score reads of a trained member."""

    def __init__(self, networks, **constants):
        self.networks = networks
        self.constants = constants


# a variational code of one number: μ is the first column, log σ² the second one; decoded, z is in both columns
VARIATIONAL = {
    "encoder": lambda x: x,
    "decoder": lambda z: torch.cat([z, z], dim=-1),
}


def auroc(detector, normal, anomalies):
    scores = detector.anomaly_score(np.r_[normal, anomalies])
    return roc_auc_score(np.r_[np.zeros(len(normal)), np.ones(len(anomalies))], scores)


def manifold(rows, seed, shift=0.0):
    """Return rows near a plane in six dimensions; `shift` moves them off it, but within the columns' range."""
    rng = np.random.default_rng(seed)
    plane = np.random.default_rng(99).normal(size=(2, 6))
    off = np.random.default_rng(98).normal(size=6)
    return rng.normal(size=(rows, 2)) @ plane + 0.3 * rng.normal(size=(rows, 6)) + shift * off
