"""Batches of a stage: rows of its data, noise of its members and its constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from askew.training.members import Data
from askew.training.random_streams import Noise
from askew.training.stages import Batch, Step


class Batches:
    """Makes the batches of one stage. `noise` is that of each step that needs some, by the step's name."""

    def __init__(self, data: Data, constants: Mapping[str, Tensor], noise: Mapping[str, Noise]) -> None:
        self.x = data.x.flatten(0, 1)
        self.y = data.y.flatten(0, 1).float()
        self.prepare = data.prepare
        self.prepared = data.prepare(self.x) is self.x if self.x.is_floating_point() else False
        """Whether rows are what networks see already."""
        self.constants = constants
        self.noise = noise

    def make(self, step: Step, rows: Tensor, epoch: int, beside: int = 0) -> Batch:
        """Return the batch of the rows (members, batch), the last `beside` of another kind."""
        flat = rows.reshape(-1)
        x = self.prepare(self.x.index_select(0, flat)).reshape(*rows.shape, *self.x.shape[1:])
        y = self.y.index_select(0, flat).reshape(rows.shape)
        noise = self.noise[step.name].draw(rows.shape[1]) if step.name in self.noise else None
        return Batch(x, y, noise, self.constants, epoch, beside, step.scheduled(epoch))

    def filler(self, batch: Batch, step: Step, *, labels: bool = True) -> Callable[[Tensor], None]:
        """Return what writes the next batch, of the rows that it is given, over `batch`, on a CPU and as large.

        Without `labels` these stay as they are, for a loss that does not read them.
        """
        x, y, noise = batch.x.numpy(), batch.y.numpy(), self.noise.get(step.name)
        all_x, all_y, drawn = self.x.numpy(), self.y.numpy(), batch.noise
        n_rows = batch.x.shape[1]

        def fill(rows: Tensor) -> None:
            numbers = rows.numpy()
            if self.prepared:
                all_x.take(numbers, 0, x, "clip")  # the quick way: no number is out of range
            else:
                batch.x.copy_(self.prepare(self.x.index_select(0, rows.reshape(-1))).view_as(batch.x))
            if labels:
                all_y.take(numbers, 0, y, "clip")
            if noise is not None and drawn is not None:
                drawn.copy_(noise.draw(n_rows))

        return fill
