"""A step's losses and gradients on batches of one shape, recorded on the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from askew.training.executors import Executor, Stacked
from askew.training.recording import Recording, UnrecordableError
from askew.training.stages import Batch, Step

_ROUNDING = 1e-3
"""Largest difference of a recording from what it is of, as a share of the largest number: far above rounding."""


class _Unchanging(Batch):
    """A batch whose epoch nobody may read, because it will be another one."""

    def __getattribute__(self, name: str) -> Any:
        if name == "epoch":
            raise UnrecordableError("a loss that reads the epoch is another one in each")
        return super().__getattribute__(name)


class RecordedStep:
    """What a step does on batches like `batch`, which is the first of them."""

    def __init__(
        self, executor: Stacked, step: Step, batch: Batch, parameters: Sequence[Tensor], largest: float | None
    ) -> None:
        given = {field.name: getattr(batch, field.name) for field in fields(batch)}
        noise = None if batch.noise is None else batch.noise.contiguous().clone()
        self.epoch = batch.epoch
        """The one that :attr:`weight` is of."""
        self.weight = torch.tensor(batch.scheduled, dtype=batch.x.dtype)
        own = {"x": batch.x.clone(), "y": batch.y.clone(), "noise": noise, "scheduled": self.weight}
        self.batch = _Unchanging(**(given | own))
        """Where the numbers of the next batch are to be written."""
        self.losses = torch.empty(executor.n_members, dtype=batch.x.dtype)
        """Of the batch before, (members,)."""
        into = [self.losses, *(p.grad for p in parameters if p.grad is not None)]
        compute = partial(executor.gradients, step.loss, self.batch, parameters, largest)
        self.recording = Recording(compute, into)
        self.reads_labels = self.recording.reads(self.batch.y)
        """Whether the labels of a batch change anything."""
        self.take()
        # as one: some gradients are nothing but rounding, such as that of a bias before BatchNorm
        found, right = (torch.cat([t.reshape(-1) for t in of]) for of in (into, self.recording.first))
        limit = _ROUNDING * float(right.abs().nan_to_num(0.0, 0.0).max())
        if not torch.allclose(found, right, _ROUNDING, limit, equal_nan=True):
            raise UnrecordableError("the recording computes something else")

    def take(self) -> Tensor:
        """Set the gradients for the numbers in :attr:`batch` and return each member's loss, (members,)."""
        with np.errstate(all="ignore"):
            self.recording.replay()
        return self.losses.clone()


def recorded_step(
    executor: Executor, step: Step, batch: Batch, parameters: Sequence[Tensor], largest: float | None
) -> RecordedStep | None:
    """Return the recorded step, or None if it cannot be recorded: autograd takes it then.

    Recorded are the networks that have a native stack, on a CPU.
    """
    if not isinstance(executor, Stacked) or batch.x.device.type != "cpu":
        return None
    try:
        return RecordedStep(executor, step, batch, parameters, largest)
    except Exception:
        return None  # whatever is wrong with the loss itself is said by autograd
